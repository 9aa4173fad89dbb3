"""Security headers on every answer, and forgery checks on every unsafe request."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect

from crowdfund.core.errors import Forbidden, NotFound

csrf = CSRFProtect()

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}
# What is shown there depends on who asks, so no copy of it is kept anywhere.
_PERSONAL = ("/pledges/", "/account", "/apply/", "/officers/", "/invitations/")


def init_app(app: Flask) -> None:
    """Protect every form, refuse cross-site posts, and set the headers."""
    app.before_request(refuse_nul)
    app.before_request(refuse_cross_site)  # before the token: a form that was open too long is kept, a foreign one not
    csrf.init_app(app)
    always = [*HEADERS.items(), ("Content-Security-Policy", content_policy(app.config["CHECKOUT_ORIGIN"]))]
    if not app.config["SANDBOX"]:
        always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))

    @app.after_request
    def set_headers(response: Response) -> Response:
        present = {name for name, _ in response.headers}
        response.headers.extend([pair for pair in always if pair[0] not in present])
        if _is_personal():
            response.headers["Cache-Control"] = "no-store"
        return response


def refuse_nul() -> None:
    """Raise NotFound for a NUL in the address: none of ours has one, and PostgreSQL cannot look for it."""
    if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
        raise NotFound("a NUL in the address")


def refuse_cross_site() -> None:
    """Raise Forbidden for an unsafe request from another site; the webhook is signed instead."""
    if request.method not in _SAFE and request.path != "/stripe/webhook":
        _refuse_foreign_origin()


def _is_personal() -> bool:
    return request.path.startswith(_PERSONAL) or request.path.endswith("/pledge") or request.method not in _SAFE


def content_policy(checkout_origin: str) -> str:
    """Return the content security policy: nothing inline, nothing foreign, forms end here or at the checkout."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; form-action 'self' {checkout_origin}; frame-ancestors 'none'; base-uri 'none'"
    )


def _refuse_foreign_origin() -> None:
    """Raise Forbidden when the browser says that the request comes from another site or origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Forbidden("This form was sent from another site.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null":
        ours = {urlsplit(current_app.config["PUBLIC_URL"]).netloc, request.host}
        if urlsplit(origin).netloc not in ours:
            raise Forbidden("This form was sent from another site.")
