"""Flask glue that knows no domain: guards, forms, htmx, security headers, templating, errors, limits."""
