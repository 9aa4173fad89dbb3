"""The web application: the API, the payer's pages, the page of what it holds, and the controls."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from crowdfund.sandbox.stripe import controls, pages
from crowdfund.sandbox.stripe.api import Call
from crowdfund.sandbox.stripe.errors import ApiError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from crowdfund.sandbox.stripe.standin import StandIn

_CSS = Path(__file__).with_name("style.css")
_SCREENS: dict[str, Callable[..., Response]] = {
    "/": pages.holdings_page,
    "/c/pay/<session_id>": pages.checkout_page,
    "/c/challenge/<intent_id>": pages.challenge_page,
    "/_sandbox/modes": controls.modes,
    "/_sandbox/checkout/<session_id>": controls.complete_checkout,
    "/_sandbox/challenge/<intent_id>": controls.answer_challenge,
    "/_sandbox/disputes": controls.open_dispute,
    "/_sandbox/disputes/<dispute_id>": controls.resolve_dispute,
    "/_sandbox/refunds/<refund_id>/fail": controls.fail_refund,
    "/_sandbox/payouts": controls.pay_out,
    "/_sandbox/payouts/<payout_id>/fail": controls.fail_payout,
    "/_sandbox/step": controls.step,
    "/_sandbox/webhooks": controls.flush_webhooks,
    "/_sandbox/events/<event_id>/resend": controls.resend_event,
}
_MAP = Map([Rule(path, endpoint=path) for path in _SCREENS])


class App:
    """A WSGI application around one stand-in."""

    def __init__(self, standin: "StandIn") -> None:
        self._standin = standin

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/v1/"):
            return Call(self._standin, request).answer()
        if request.path == "/style.css":
            return Response(_CSS.read_text(), mimetype="text/css")
        # A page elsewhere must not be able to press our buttons.
        if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            return Response("Refused: sent from another site\n", 403, mimetype="text/plain")
        try:
            path, values = _MAP.bind("stand-in").match(request.path)
            return _SCREENS[path](self._standin, request, **values)
        except HTTPException as error:
            return Response(f"{error.name}\n", error.code or 500, mimetype="text/plain")
        except ApiError as error:
            return controls.refused(error)
