"""What the payer does on the hosted Checkout page: enter a card, confirm it, come back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from crowdfund.sandbox.stripe import payments, setups
from crowdfund.sandbox.stripe.cards import CVC, Card, find_card
from crowdfund.sandbox.stripe.context import Context
from crowdfund.sandbox.stripe.errors import CardError, Json, invalid
from crowdfund.sandbox.stripe.objects import customer, payment_method


@dataclass(frozen=True)
class Entry:
    """What was typed on the page."""

    number: str
    expiry: str = "12/34"
    cvc: str = "123"
    name: str = "A Tester"
    email: str = ""


@dataclass(frozen=True)
class Outcome:
    """Where the page sends the payer next, or what is wrong with which field.

    `redirect` is the return address, or the challenge page when `challenge` is set.
    """

    redirect: str | None = None
    challenge: str | None = None
    errors: dict[str, str] = field(default_factory=dict)


def needs_email(session: Json) -> bool:
    """Say whether the page must ask for an e-mail address."""
    return not session["customer"] and not session["customer_email"]


def submit(ctx: Context, session_id: str, entry: Entry) -> Outcome:
    """Use the card for this session. Raises ApiError when the session is not open."""
    session = ctx.get("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.", "session")
    errors, card, month, year = _read(ctx, session, entry)
    if errors or card is None:
        return Outcome(errors=errors)
    billing = {"name": entry.name, "email": entry.email or session["customer_email"]}
    method = ctx.save(payment_method(ctx, card, month, year, billing, checked=True))
    session["customer_details"] = _details(ctx, session, entry)
    ctx.save(session)
    try:
        intent = _confirm(ctx, session, method)
    except CardError as refusal:
        return _refused(refusal)
    if intent["status"] == "requires_action":
        return Outcome(intent["next_action"]["redirect_to_url"]["url"], challenge=intent["id"])
    return Outcome(complete(ctx, session, intent))


def _refused(refusal: CardError) -> Outcome:
    where = {"expired_card": "expiry", "incorrect_cvc": "cvc"}.get(refusal.error["code"], "number")
    return Outcome(errors={where: refusal.error["message"]})


def _read(ctx: Context, session: Json, entry: Entry) -> tuple[dict[str, str], Card | None, int, int]:
    errors: dict[str, str] = {}
    number = "".join(entry.number.split()).replace("-", "")
    found = find_card(number)
    if not isinstance(found, Card):
        errors["number"] = found.message if number else "Enter a card number."
    month, year = _expiry(entry.expiry)
    now = datetime.fromtimestamp(ctx.now, UTC)
    if not month:
        errors["expiry"] = "Enter the expiry date as MM/YY."
    elif (year, month) < (now.year, now.month):
        errors["expiry"] = "Your card's expiration date is in the past."
    errors |= _read_rest(session, entry)
    return errors, found if isinstance(found, Card) else None, month, year


def _read_rest(session: Json, entry: Entry) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not entry.cvc:
        errors["cvc"] = "Enter the security code, the three digits on the back."
    elif not entry.cvc.isdigit() or len(entry.cvc) != 3:
        errors["cvc"] = CVC.message
    if not entry.name.strip():
        errors["name"] = "Enter the name on the card."
    if needs_email(session) and "@" not in entry.email:
        errors["email"] = "Enter an email address, such as name@example.org."
    return errors


def _expiry(typed: str) -> tuple[int, int]:
    parts = typed.replace(" ", "").split("/")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        return 0, 0
    month, year = int(parts[0]), int(parts[1])
    if not 1 <= month <= 12 or len(parts[1]) not in {2, 4}:
        return 0, 0
    return month, year + 2000 if year < 100 else year


def _details(ctx: Context, session: Json, entry: Entry) -> Json:
    known = ctx.get("customer", session["customer"])["email"] if session["customer"] else session["customer_email"]
    return {"address": None, "business_name": None, "email": known or entry.email or None, "individual_name": None,
            "name": entry.name, "phone": None, "tax_exempt": "none", "tax_ids": []}  # fmt: skip


def _confirm(ctx: Context, session: Json, method: Json) -> Json:
    asked = {"payment_method": method["id"]}
    if session["mode"] == "setup":
        intent = ctx.get("setup_intent", session["setup_intent"])
        if session["customer_creation"] == "always" and not session["customer"]:
            intent["customer"] = _new_customer(ctx, session)
        return setups.confirm(ctx, intent, asked)
    return payments.confirm(ctx, _its_payment(ctx, session), asked)


def _its_payment(ctx: Context, session: Json) -> Json:
    if session["payment_intent"]:
        return ctx.get("payment_intent", session["payment_intent"])
    intent = payments.new_payment(ctx, session["amount_total"], session["currency"], session["_payment"])
    wants = session["customer_creation"] == "always" or intent["setup_future_usage"]
    if wants and not session["customer"]:
        _new_customer(ctx, session)
    intent |= {"customer": session["customer"], "_session": session["id"]}
    session["payment_intent"] = intent["id"]
    ctx.save(session)
    return ctx.save(intent, "payment_intent.created")


def _new_customer(ctx: Context, session: Json) -> str:
    details = session["customer_details"]
    made = ctx.save(customer(ctx) | {key: details[key] for key in ("email", "name")}, "customer.created")
    session["customer"] = made["id"]
    ctx.save(session)
    return str(made["id"])


def complete(ctx: Context, session: Json, intent: Json) -> str:
    """Close the session as done and return the address to go back to."""
    session |= {"status": "complete", "url": None}
    if intent["object"] == "payment_intent":
        session["payment_status"] = "paid"
    ctx.save(session, "checkout.session.completed")
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def answer(ctx: Context, intent_id: str, *, passed: bool) -> Outcome:
    """Finish a challenge: back to the site, or back to the page with an error."""
    kind = "setup_intent" if intent_id.startswith("seti_") else "payment_intent"
    module = setups if kind == "setup_intent" else payments
    intent = ctx.get(kind, intent_id)
    try:
        done = module.answer_challenge(ctx, intent, passed=passed)
    except CardError as refusal:
        if intent["_session"]:
            return _refused(refusal)
        return Outcome(_return_address(intent, "failed"), errors=_refused(refusal).errors)
    if not intent["_session"]:
        return Outcome(_return_address(intent, "succeeded"))
    return Outcome(complete(ctx, ctx.get("checkout.session", intent["_session"]), done))


def _return_address(intent: Json, status: str) -> str:
    address = str(intent["_return_url"])
    query = {
        intent["object"]: intent["id"],
        f"{intent['object']}_client_secret": intent["client_secret"],
        "redirect_status": status,
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
