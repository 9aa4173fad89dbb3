"""Controls for tests and demonstrations, as JSON: faults, and what payers and banks do."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from crowdfund.sandbox.stripe.errors import ApiError, Json

if TYPE_CHECKING:
    from crowdfund.sandbox.stripe.standin import StandIn


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def refused(error: ApiError) -> Response:
    """Return what the API would have said."""
    return _json(error.body, error.status)


def _asked(request: Request) -> Json:
    if request.method != "POST":
        raise BadRequest
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadRequest
    return body


def modes(standin: "StandIn", request: Request) -> Response:
    """GET the faults that are on, POST {"name": …, parameters} to turn one on, DELETE ?name= to turn off one or all."""
    if request.method == "DELETE":
        standin.clear_modes(request.args.get("name"))
    elif request.mimetype == "application/x-www-form-urlencoded":
        return _modes_form(standin, request)
    elif request.method == "POST":
        asked = _asked(request)
        try:
            standin.set_mode(str(asked.pop("name", "")), **asked)
        except ValueError as error:
            return _json({"error": {"message": str(error)}}, 400)
    return _json({"on": standin.modes.on()})


def _modes_form(standin: "StandIn", request: Request) -> Response:
    name = request.form.get("name", "")
    if name == "":
        standin.clear_modes()
    elif name in standin.modes.on():
        standin.clear_modes(name)
    else:
        try:
            standin.set_mode(name)
        except ValueError as error:
            raise BadRequest from error
    return redirect("/#modes", 303)


def complete_checkout(standin: "StandIn", request: Request, session_id: str) -> Response:
    """POST {"card", "challenge", "expiry", "cvc", "name", "email"}, all optional: do what a payer does."""
    asked = _asked(request)
    if not set(asked) <= {"card", "challenge", "expiry", "cvc", "name", "email"}:
        raise BadRequest
    outcome = standin.complete_checkout(session_id, **asked)
    return _json({"redirect": outcome.redirect, "errors": outcome.errors})


def answer_challenge(standin: "StandIn", request: Request, intent_id: str) -> Response:
    """POST {"passed": true}: do what a payer does on the bank's page."""
    outcome = standin.answer_challenge(intent_id, passed=_asked(request).get("passed", True) is True)
    return _json({"redirect": outcome.redirect, "errors": outcome.errors})


def open_dispute(standin: "StandIn", request: Request) -> Response:
    """POST {"charge": "ch_…"}: let the card holder dispute it."""
    return _json(standin.open_dispute(str(_asked(request).get("charge", ""))))


def resolve_dispute(standin: "StandIn", request: Request, dispute_id: str) -> Response:
    """POST {"won": true}: decide a dispute."""
    return _json(standin.resolve_dispute(dispute_id, won=_asked(request).get("won", True) is True))


def fail_refund(standin: "StandIn", request: Request, refund_id: str) -> Response:
    """POST: let the bank send a refund back."""
    _asked(request)
    standin.fail_refund(refund_id)
    return _json({"failed": refund_id})


def pay_out(standin: "StandIn", request: Request) -> Response:
    """POST: send what is available to the bank account; {} when there is nothing."""
    _asked(request)
    return _json(standin.pay_out() or {})


def fail_payout(standin: "StandIn", request: Request, payout_id: str) -> Response:
    """POST: let the bank send a payout back."""
    _asked(request)
    return _json(standin.fail_payout(payout_id))


def step(standin: "StandIn", request: Request) -> Response:
    """POST the form of a button on the page of what the stand-in holds."""
    name, _, id_ = request.form.get("step", "").partition(" ")
    steps: dict[str, Callable[[], object]] = {
        "dispute": lambda: standin.open_dispute(id_),
        "win": lambda: standin.resolve_dispute(id_, won=True),
        "lose": lambda: standin.resolve_dispute(id_, won=False),
        "fail-refund": lambda: standin.fail_refund(id_),
        "pay-out": standin.pay_out,
        "fail-payout": lambda: standin.fail_payout(id_),
    }
    if request.method != "POST" or name not in steps:
        raise BadRequest
    steps[name]()
    return redirect("/", 303)


def flush_webhooks(standin: "StandIn", request: Request) -> Response:
    """POST: send every webhook that is due."""
    _asked(request)
    return _json({"delivered": standin.flush_webhooks()})


def resend_event(standin: "StandIn", request: Request, event_id: str) -> Response:
    """POST: send an event once more."""
    _asked(request)
    with standin.work() as ctx:
        ctx.get("event", event_id)
    standin.deliveries.resend(event_id)
    return _json({"queued": event_id})
