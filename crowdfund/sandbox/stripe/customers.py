"""Customers and the cards attached to them."""

from datetime import UTC, datetime

from crowdfund.sandbox.stripe.cards import Card, find_token
from crowdfund.sandbox.stripe.context import Context, merge_metadata
from crowdfund.sandbox.stripe.declines import refuse
from crowdfund.sandbox.stripe.errors import Json, invalid
from crowdfund.sandbox.stripe.listing import list_objects
from crowdfund.sandbox.stripe.objects import customer, payment_method


def create_customer(ctx: Context, asked: Json) -> Json:
    """Make a customer."""
    obj = customer(ctx)
    _set(obj, asked)
    return ctx.save(obj, "customer.created")


def update_customer(ctx: Context, asked: Json, id_: str) -> Json:
    """Change a customer."""
    obj = ctx.get("customer", id_)
    _set(obj, asked)
    return ctx.save(obj, "customer.updated")


def _set(obj: Json, asked: Json) -> None:
    change = {key: value for key, value in asked.items() if key not in {"expand", "metadata"}}
    obj.update(change, metadata=merge_metadata(obj["metadata"], asked.get("metadata")))


def retrieve_customer(ctx: Context, asked: Json, id_: str) -> Json:
    """Return a customer, or the three fields left of a deleted one."""
    del asked
    found = ctx.store.find("customer", id_)
    return found if found and found.get("deleted") else ctx.get("customer", id_)


def delete_customer(ctx: Context, asked: Json, id_: str) -> Json:
    """Delete a customer for good and let go of the cards."""
    del asked
    obj = ctx.get("customer", id_)
    for method in ctx.store.select("payment_method", "customer = ?", (id_,)):
        release_method(ctx, method)
    ctx.emit("customer.deleted", obj)
    return ctx.save({"id": id_, "object": "customer", "deleted": True})


def create_method(ctx: Context, asked: Json) -> Json:
    """Make a payment method from a test token. Raises ApiError for card numbers, as Stripe does by default."""
    details = asked.get("card", {})
    if "number" in details:
        raise invalid(
            "Sending card numbers directly is not allowed: use a test token such as tok_visa, or Checkout.",
            "card[number]",
        )
    card = find_token(details.get("token", ""))
    if card is None:
        raise invalid("No such token", "card[token]", "resource_missing")
    obj = _from_card(ctx, card) | {"metadata": merge_metadata({}, asked.get("metadata"))}
    obj["billing_details"] |= asked.get("billing_details", {})
    return ctx.save(obj)


def _from_card(ctx: Context, card: Card) -> Json:
    year = datetime.fromtimestamp(ctx.now, UTC).year + 3
    return payment_method(ctx, card, 12, year, {}, checked=False)


def find_method(ctx: Context, id_: str, param: str = "id") -> Json:
    """Return a payment method; a test token such as 'pm_card_visa' makes a new one."""
    if id_.startswith("pm_card_"):
        card = find_token(id_)
        if card is not None:
            return ctx.save(_from_card(ctx, card))
    return ctx.get("payment_method", id_, param)


def retrieve_method(ctx: Context, asked: Json, id_: str) -> Json:
    """Return a payment method."""
    del asked
    return find_method(ctx, id_)


def retrieve_customer_method(ctx: Context, asked: Json, id_: str, method_id: str) -> Json:
    """Return a payment method of this customer."""
    del asked
    ctx.get("customer", id_)
    method = ctx.get("payment_method", method_id)
    if method["customer"] != id_:
        raise invalid("The PaymentMethod does not belong to this Customer", "payment_method", status=404)
    return method


def attach_method(ctx: Context, asked: Json, id_: str) -> Json:
    """Attach a card to a customer. Raises CardError for a card that its bank refuses, ApiError for a used one."""
    method = find_method(ctx, id_)
    ctx.get("customer", asked["customer"], "customer")
    check_usable(method, asked["customer"])
    refuse(method, for_saving=True)
    return bind_method(ctx, method, asked["customer"])


def bind_method(ctx: Context, method: Json, customer_id: str) -> Json:
    """Attach without asking the bank."""
    if method["customer"] == customer_id:
        return method
    return ctx.save(method | {"customer": customer_id}, "payment_method.attached")


def check_usable(method: Json, customer_id: str | None) -> None:
    """Raise ApiError when the card is someone else's, or was used up without being attached."""
    if method["_spent"]:
        raise invalid(
            "The provided PaymentMethod was previously used without a Customer or was detached from one, "
            "and may not be used again.",
            "payment_method",
        )
    if method["customer"] is not None and method["customer"] != customer_id:
        raise invalid(f"The PaymentMethod {method['id']} belongs to a different Customer.", "payment_method")


def detach_method(ctx: Context, asked: Json, id_: str) -> Json:
    """Detach a card for good."""
    del asked
    method = ctx.get("payment_method", id_)
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    return release_method(ctx, method)


def release_method(ctx: Context, method: Json) -> Json:
    """Let go of a card, which can never be attached again."""
    return ctx.save(method | {"customer": None, "_spent": True}, "payment_method.detached")


def list_customer_methods(ctx: Context, asked: Json, id_: str) -> Json:
    """List one customer's cards."""
    ctx.get("customer", id_)
    return list_objects(ctx, "payment_method", f"/v1/customers/{id_}/payment_methods", asked, customer=id_)
