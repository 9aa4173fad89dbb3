"""SetupIntents: saving a card for later, with the payer present."""

from crowdfund.sandbox.stripe.cards import Decline
from crowdfund.sandbox.stripe.context import Context, merge_metadata, new_id, public
from crowdfund.sandbox.stripe.customers import bind_method, check_usable, find_method
from crowdfund.sandbox.stripe.declines import card_of, decline_error
from crowdfund.sandbox.stripe.errors import ApiError, CardError, Json, invalid
from crowdfund.sandbox.stripe.intents import automatic_methods, challenge_action, needs_return_url, own_the_session
from crowdfund.sandbox.stripe.objects import setup_intent

UNAUTHENTICATED = Decline(
    "setup_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create_setup(ctx: Context, asked: Json) -> Json:
    """Make a SetupIntent, and confirm it when asked to. Raises CardError when the card is refused."""
    obj = setup_intent(ctx)
    if "customer" in asked:
        obj["customer"] = ctx.get("customer", asked["customer"], "customer")["id"]
    obj["usage"] = asked.get("usage", "off_session")
    obj["description"] = asked.get("description")
    obj["metadata"] = merge_metadata({}, asked.get("metadata"))
    obj["automatic_payment_methods"] = automatic_methods(asked)
    if "payment_method" in asked:
        method = find_method(ctx, asked["payment_method"], "payment_method")
        check_usable(method, obj["customer"])
        obj |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if not asked.get("confirm") and "return_url" in asked:
        raise invalid("The parameter `return_url` can only be passed with `confirm=true`.", "return_url")
    ctx.save(obj, "setup_intent.created")
    return confirm(ctx, obj, asked) if asked.get("confirm") else obj


def confirm_setup(ctx: Context, asked: Json, id_: str) -> Json:
    """Confirm a SetupIntent. Raises CardError when the card is refused."""
    obj = ctx.get("setup_intent", id_, "intent")
    own_the_session(obj)
    return confirm(ctx, obj, asked)


def confirm(ctx: Context, obj: Json, asked: Json) -> Json:
    """Ask the bank to save the card, or send the payer to a challenge first."""
    method_id = asked.get("payment_method", obj["payment_method"])
    if obj["status"] not in _OPEN:
        raise unexpected(obj, "confirm")
    if method_id is None:
        raise invalid("You cannot confirm this SetupIntent because it's missing a payment method.", "payment_method")
    needs_return_url(obj, asked)
    method = find_method(ctx, method_id, "payment_method")
    check_usable(method, obj["customer"])
    obj |= {"payment_method": method["id"], "latest_attempt": new_id("setatt"), "last_setup_error": None}
    card = card_of(method)
    if card.setup is not None:
        _fail(ctx, obj, method, card.setup)
    if card.authenticate != "never":
        obj |= {"status": "requires_action", "next_action": challenge_action(ctx, obj, asked)}
        return ctx.save(obj, "setup_intent.requires_action")
    return succeed(ctx, obj, method)


def succeed(ctx: Context, obj: Json, method: Json) -> Json:
    """Mark the card as saved and attach it."""
    if obj["customer"] is None:
        method["_spent"] = True
        ctx.save(method)
    else:
        bind_method(ctx, method, obj["customer"])
    return ctx.save(obj | {"status": "succeeded", "next_action": None}, "setup_intent.succeeded")


def _fail(ctx: Context, obj: Json, method: Json, decline: Decline) -> None:
    error = decline_error(decline, method)
    obj |= {"status": "requires_payment_method", "payment_method": None, "next_action": None, "last_setup_error": error}
    ctx.save(obj, "setup_intent.setup_failed")
    raise CardError(error | {"setup_intent": public(obj)})


def answer_challenge(ctx: Context, obj: Json, *, passed: bool) -> Json:
    """Finish the challenge. Raises CardError when it was failed."""
    if obj["status"] != "requires_action":
        raise unexpected(obj, "confirm")
    method = ctx.get("payment_method", obj["payment_method"])
    if not passed:
        _fail(ctx, obj, method, UNAUTHENTICATED)
    method["_authenticated"] = True
    ctx.save(method)
    return succeed(ctx, obj, method)


def cancel_setup(ctx: Context, asked: Json, id_: str) -> Json:
    """Cancel a SetupIntent that is not finished."""
    obj = ctx.get("setup_intent", id_, "intent")
    own_the_session(obj)
    return cancel(ctx, obj, asked.get("cancellation_reason"))


def cancel(ctx: Context, obj: Json, reason: str | None) -> Json:
    """Cancel it, whoever owns it."""
    if obj["status"] not in _OPEN:
        raise unexpected(obj, "cancel")
    change = {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    return ctx.save(obj | change, "setup_intent.canceled")


def unexpected(obj: Json, verb: str) -> ApiError:
    """Return the error for a step that the status does not allow."""
    message = f"You cannot {verb} this SetupIntent because it has a status of {obj['status']}."
    return invalid(message, None, "setup_intent_unexpected_state", setup_intent=public(obj))
