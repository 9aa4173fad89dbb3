"""PaymentIntents: taking money from a card, with the payer present or off-session."""

import re

from crowdfund.sandbox.stripe.cards import AUTHENTICATION, Card, Decline
from crowdfund.sandbox.stripe.context import Context, merge_metadata, public
from crowdfund.sandbox.stripe.customers import bind_method, check_usable, find_method
from crowdfund.sandbox.stripe.declines import card_of, decline_error
from crowdfund.sandbox.stripe.disputes import open_dispute
from crowdfund.sandbox.stripe.errors import ApiError, CardError, Json, invalid
from crowdfund.sandbox.stripe.intents import automatic_methods, challenge_action, needs_return_url, own_the_session
from crowdfund.sandbox.stripe.money import book_charge
from crowdfund.sandbox.stripe.objects import charge, payment_intent

MINIMUM = 30
MAXIMUM = 99_999_999
UNAUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}
_PLAIN = ("description", "receipt_email", "setup_future_usage", "transfer_group")


def create_payment(ctx: Context, asked: Json) -> Json:
    """Make a PaymentIntent, and confirm it when asked to. Raises CardError when the card is refused."""
    _check_confirm_only(asked)
    obj = new_payment(ctx, asked["amount"], asked["currency"], asked)
    obj["automatic_payment_methods"] = automatic_methods(asked)
    if "customer" in asked:
        obj["customer"] = ctx.get("customer", asked["customer"], "customer")["id"]
    if "payment_method" in asked:
        method = find_method(ctx, asked["payment_method"], "payment_method")
        check_usable(method, obj["customer"])
        obj |= {"payment_method": method["id"], "status": "requires_confirmation"}
    ctx.save(obj, "payment_intent.created")
    return confirm(ctx, obj, asked) if asked.get("confirm") else obj


def _check_confirm_only(asked: Json) -> None:
    for name in ("off_session", "return_url", "error_on_requires_action"):
        if name in asked and not asked.get("confirm"):
            raise invalid(f"The parameter `{name}` can only be passed with `confirm=true`.", name)


def new_payment(ctx: Context, amount: int, currency: str, asked: Json) -> Json:
    """Return an unsaved PaymentIntent. Raises ApiError for an amount or a descriptor that Stripe would refuse."""
    check_amount(amount)
    obj = payment_intent(ctx, amount, currency)
    suffix = asked.get("statement_descriptor_suffix")
    if suffix is not None and (re.search(r"[<>\\'\"*]", suffix) or not re.search("[A-Za-z]", suffix)):
        raise invalid(
            "The statement descriptor suffix needs a letter and none of < > \\ ' \" *", "statement_descriptor_suffix"
        )
    obj |= {key: asked[key] for key in _PLAIN if key in asked}
    obj |= {"capture_method": asked.get("capture_method", "automatic_async"), "statement_descriptor_suffix": suffix}
    return obj | {"metadata": merge_metadata({}, asked.get("metadata"))}


def check_amount(amount: int) -> None:
    """Raise ApiError for an amount below or above what can be charged."""
    if amount < MINIMUM:
        raise invalid(f"Amount must be at least £0.{MINIMUM} gbp", "amount", "amount_too_small")
    if amount > MAXIMUM:
        raise invalid(f"Amount must be no more than {MAXIMUM}", "amount", "amount_too_large")


def confirm_payment(ctx: Context, asked: Json, id_: str) -> Json:
    """Confirm a PaymentIntent. Raises CardError when the card is refused."""
    obj = ctx.get("payment_intent", id_, "intent")
    own_the_session(obj)
    return confirm(ctx, obj, asked)


def confirm(ctx: Context, obj: Json, asked: Json) -> Json:
    """Ask the bank for the money, or send the payer to a challenge first."""
    if obj["status"] not in _OPEN:
        raise unexpected(obj, "confirm")
    method_id = asked.get("payment_method", obj["payment_method"])
    if method_id is None:
        raise invalid("You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method")
    needs_return_url(obj, asked)
    method = find_method(ctx, method_id, "payment_method")
    check_usable(method, obj["customer"])
    obj |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    obj |= {key: asked[key] for key in ("receipt_email", "setup_future_usage") if key in asked}
    off_session = bool(asked.get("off_session"))
    card = card_of(method)
    decline = ctx.refuse or _first_refusal(ctx, method) or card.charge
    if decline is None and _must_authenticate(card, method):
        if not off_session and not asked.get("error_on_requires_action"):
            obj |= {"status": "requires_action", "next_action": challenge_action(ctx, obj, asked)}
            return ctx.save(obj, "payment_intent.requires_action")
        decline = AUTHENTICATION
    if decline is not None:
        _fail(ctx, obj, method, decline)
    return _succeed(ctx, obj, method)


def _first_refusal(ctx: Context, method: Json) -> Decline | None:
    if ctx.refuse_first is None or method.get("_refused_once"):
        return None
    ctx.save(method | {"_refused_once": True})
    return ctx.refuse_first


def _must_authenticate(card: Card, method: Json) -> bool:
    return card.authenticate == "always" or (card.authenticate == "setup" and not method["_authenticated"])


def _fail(ctx: Context, obj: Json, method: Json, decline: Decline, *, tried: bool = True) -> None:
    error = decline_error(decline, method)
    if tried:
        failed = charge(ctx, obj, method, decline)
        obj["latest_charge"] = error["charge"] = failed["id"]
        ctx.save(failed, "charge.failed")
    obj |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    ctx.save(obj | {"last_payment_error": error}, "payment_intent.payment_failed")
    raise CardError(error | {"payment_intent": public(obj | {"last_payment_error": error})})


def _succeed(ctx: Context, obj: Json, method: Json) -> Json:
    paid = charge(ctx, obj, method, None)
    if obj["capture_method"] == "automatic":
        book_charge(ctx, paid)
    else:
        # As in Stripe's default capture, the balance transaction is not there yet when the answer goes out.
        ctx.afterwards.append(lambda: _book_later(ctx, paid["id"]))
    if obj["customer"] is not None and obj["setup_future_usage"]:
        bind_method(ctx, method, obj["customer"])
    elif method["customer"] is None:
        ctx.save(method | {"_spent": True})
    ctx.save(paid, "charge.succeeded")
    obj |= {"status": "succeeded", "latest_charge": paid["id"], "amount_received": obj["amount"], "next_action": None}
    if reason := card_of(method).dispute:
        ctx.afterwards.append(lambda: _dispute_later(ctx, paid["id"], reason))
    return ctx.save(obj, "payment_intent.succeeded")


def _book_later(ctx: Context, charge_id: str) -> None:
    paid = ctx.get("charge", charge_id)
    book_charge(ctx, paid)
    ctx.save(paid, "charge.updated")


def _dispute_later(ctx: Context, charge_id: str, reason: str) -> None:
    open_dispute(ctx, charge_id, reason)


def answer_challenge(ctx: Context, obj: Json, *, passed: bool) -> Json:
    """Finish the challenge. Raises CardError when it was failed, or when the bank then refuses."""
    if obj["status"] != "requires_action":
        raise unexpected(obj, "confirm")
    method = ctx.get("payment_method", obj["payment_method"])
    if not passed:
        _fail(ctx, obj, method, UNAUTHENTICATED, tried=False)
    method["_authenticated"] = True
    return _succeed(ctx, obj, ctx.save(method))


def cancel_payment(ctx: Context, asked: Json, id_: str) -> Json:
    """Cancel a PaymentIntent that has not succeeded."""
    obj = ctx.get("payment_intent", id_, "intent")
    own_the_session(obj)
    return cancel(ctx, obj, asked.get("cancellation_reason"))


def cancel(ctx: Context, obj: Json, reason: str | None) -> Json:
    """Cancel it, whoever owns it."""
    if obj["status"] not in _OPEN:
        raise unexpected(obj, "cancel")
    change = {"status": "canceled", "cancellation_reason": reason, "canceled_at": ctx.now, "next_action": None}
    return ctx.save(obj | change, "payment_intent.canceled")


def unexpected(obj: Json, verb: str) -> ApiError:
    """Return the error for a step that the status does not allow."""
    message = f"You cannot {verb} this PaymentIntent because it has a status of {obj['status']}."
    return invalid(message, None, "payment_intent_unexpected_state", payment_intent=public(obj))
