"""The pages people see: Checkout, the bank's challenge, and what the stand-in holds."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from crowdfund.sandbox.stripe import checkout
from crowdfund.sandbox.stripe.cards import TEST_CARDS, Card, find_card
from crowdfund.sandbox.stripe.errors import Json
from crowdfund.sandbox.stripe.holdings import sections
from crowdfund.sandbox.stripe.modes import API_MODES, WEBHOOK_MODES
from crowdfund.sandbox.stripe.sessions import origin

if TYPE_CHECKING:
    from crowdfund.sandbox.stripe.standin import StandIn

_TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
_ENV = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
)


def pounds(pence: int) -> str:
    """Return an amount for reading: '£12.50', '-£3.00'."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def moment(seconds: int) -> str:
    """Return a time for reading, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y, %H:%M:%S UTC")


_ENV.filters |= {"pounds": pounds, "moment": moment}


def _page(template: str, status: int = 200, returns: tuple[str | None, ...] = (), **values: Any) -> Response:
    origins = " ".join(sorted({found for address in returns if (found := origin(address))}))
    response = Response(_ENV.get_template(f"sandbox/stripe/{template}").render(**values), status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {origins}".strip()
    )
    response.headers |= {
        "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
    }  # fmt: skip
    return response


def checkout_page(standin: "StandIn", request: Request, session_id: str) -> Response:
    """Show the form, or use the card that was entered: on to the challenge, back to the site, or an error."""
    base = request.host_url.rstrip("/")
    with standin.work(base) as ctx:
        session = ctx.store.find("checkout.session", session_id)
        if session is None:
            raise NotFound
        if session["status"] != "open":
            return _closed(standin, session)
        if request.method == "GET":
            typed = {"number": "", "expiry": "", "cvc": "", "name": "", "email": ""}
            return _form(standin, session, typed, _last_problem(ctx.store.find, session, request))
        typed = _typed(request)
        outcome = checkout.submit(ctx, session_id, checkout.Entry(**typed))
    if outcome.redirect:
        return redirect(outcome.redirect, 303)
    if not isinstance(find_card("".join(typed["number"].split())), Card):
        typed |= {"number": "", "expiry": "", "cvc": ""}  # it may be a real card: show nothing of it again
    return _form(standin, session, typed, outcome.errors, 422)


def _typed(request: Request) -> dict[str, str]:
    typed = {name: request.form.get(name, "").strip() for name in ("number", "expiry", "cvc", "name", "email")}
    if chosen := request.form.get("test_card", ""):
        handy = {"expiry": "12/34", "cvc": "123", "name": "Test Card"}
        typed = {name: value or handy.get(name, "") for name, value in typed.items()} | {"number": chosen}
    return typed


def _last_problem(find: Any, session: Json, request: Request) -> dict[str, str]:
    if "problem" not in request.args:
        return {}
    intent = find("setup_intent", session["setup_intent"] or "") or find("payment_intent", session["payment_intent"])
    error = intent and (intent.get("last_setup_error") or intent.get("last_payment_error"))
    return {"number": error["message"]} if error else {}


def _form(
    standin: "StandIn", session: Json, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    returns = (session["success_url"], session["cancel_url"])
    return _page(
        "checkout.html", status, returns, session=session, merchant=standin.merchant, typed=typed, errors=errors,
        cards=TEST_CARDS, needs_email=checkout.needs_email(session),
    )  # fmt: skip


def _closed(standin: "StandIn", session: Json) -> Response:
    done = session["status"] == "complete"
    back = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]) if done else session["cancel_url"]
    return _page("closed.html", 200 if done else 410, merchant=standin.merchant, done=done, back=back,
                 setup=session["mode"] == "setup")  # fmt: skip


def challenge_page(standin: "StandIn", request: Request, intent_id: str) -> Response:
    """Show the bank's question, or take its answer back to the site."""
    with standin.work(request.host_url.rstrip("/")) as ctx:
        intent = ctx.store.find("setup_intent", intent_id) or ctx.store.find("payment_intent", intent_id)
        if intent is None:
            raise NotFound
        session = ctx.store.find("checkout.session", intent["_session"] or "")
        if intent["status"] != "requires_action":
            return _page("challenge.html", 410, merchant=standin.merchant, intent=None)
        if request.method == "GET":
            returns = (session["success_url"], session["cancel_url"]) if session else (intent["_return_url"],)
            return _page("challenge.html", 200, returns, merchant=standin.merchant, intent=intent)
        outcome = checkout.answer(ctx, intent_id, passed=request.form.get("answer") == "complete")
    return redirect(outcome.redirect or f"/c/pay/{intent['_session']}?problem=1", 303)


def holdings_page(standin: "StandIn", request: Request) -> Response:
    """Show everything the stand-in remembers, and its faults."""
    with standin.work(request.host_url.rstrip("/")) as ctx:
        return _page("holdings.html", sections=sections(ctx, pounds, moment), modes_on=standin.modes.on(),
                     api_modes=API_MODES, webhook_modes=WEBHOOK_MODES, cards=TEST_CARDS,
                     now=moment(ctx.now), merchant=standin.merchant)  # fmt: skip
