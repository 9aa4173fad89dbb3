"""Settlement: from a project’s deadline until everyone is paid, released or refunded."""
