"""Checkout Sessions: what the API makes of them."""

from urllib.parse import urlsplit

from crowdfund.sandbox.stripe.context import Context, merge_metadata
from crowdfund.sandbox.stripe.errors import Json, invalid
from crowdfund.sandbox.stripe.objects import base, setup_intent
from crowdfund.sandbox.stripe.payments import cancel as cancel_intent
from crowdfund.sandbox.stripe.payments import check_amount, new_payment
from crowdfund.sandbox.stripe.setups import cancel as cancel_setup_intent

SHORTEST, LONGEST = 30 * 60, 24 * 3600


def create_session(ctx: Context, asked: Json) -> Json:
    """Make a Checkout Session with its own page. Raises ApiError for combinations Stripe refuses."""
    _check_combination(asked)
    expires = asked.get("expires_at", ctx.now + LONGEST)
    if not ctx.now + SHORTEST <= expires <= ctx.now + LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            "expires_at",
        )
    obj = _blank(ctx, asked) | {"expires_at": expires}
    if "customer" in asked:
        obj["customer"] = ctx.get("customer", asked["customer"], "customer")["id"]
    if asked["mode"] == "setup":
        obj["setup_intent"] = _its_setup(ctx, obj, asked.get("setup_intent_data", {}))
    else:
        _price(ctx, obj, asked)
    obj["url"] = f"{ctx.base_url}/c/pay/{obj['id']}"
    return ctx.save(obj)


def _check_combination(asked: Json) -> None:
    setup = asked["mode"] == "setup"
    other = ("line_items", "payment_intent_data", "submit_type") if setup else ("setup_intent_data",)
    for name in other:
        if name in asked:
            raise invalid(f"You can not pass `{name}` in `{asked['mode']}` mode.", name)
    if not setup and not asked.get("line_items"):
        raise invalid("You must provide `line_items` in `payment` mode.", "line_items", "parameter_missing")
    if setup and "currency" not in asked and "payment_method_types" not in asked:
        raise invalid("You must provide `currency` or `payment_method_types` in `setup` mode.", "currency")
    if "customer" in asked and "customer_email" in asked:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer")
    if "customer" in asked and "customer_creation" in asked:
        raise invalid("You may only specify one of these parameters: customer, customer_creation.", "customer_creation")


def _blank(ctx: Context, asked: Json) -> Json:
    setup = asked["mode"] == "setup"
    text = {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None}
    return base(ctx, "checkout.session", "cs_test", 58) | {
        "adaptive_pricing": asked.get("adaptive_pricing", {"enabled": False}),
        "amount_subtotal": None, "amount_total": None, "automatic_tax": {"enabled": False, "liability": None,
        "provider": None, "status": None}, "billing_address_collection": asked.get("billing_address_collection"),
        "cancel_url": asked.get("cancel_url"), "client_reference_id": asked.get("client_reference_id"),
        "client_secret": None, "consent": None, "consent_collection": None, "currency": asked.get("currency"),
        "custom_fields": [], "custom_text": text | asked.get("custom_text", {}), "customer": None,
        "customer_creation": asked.get("customer_creation", None if setup or "customer" in asked else "if_required"),
        "customer_details": None, "customer_email": asked.get("customer_email"), "discounts": None if setup else [],
        "invoice": None, "locale": asked.get("locale"), "metadata": merge_metadata({}, asked.get("metadata")),
        "mode": asked["mode"], "payment_intent": None, "payment_link": None,
        "payment_method_collection": "always" if setup else "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "payment_status": "no_payment_required" if setup else "unpaid",
        "recovered_from": None, "setup_intent": None, "shipping_cost": None, "shipping_options": [],
        "status": "open", "submit_type": asked.get("submit_type"), "subscription": None,
        "success_url": asked["success_url"], "total_details": None, "ui_mode": "hosted_page", "url": None,
        "_items": [], "_payment": asked.get("payment_intent_data", {}),
    }  # fmt: skip


def _its_setup(ctx: Context, session: Json, data: Json) -> str:
    intent = setup_intent(ctx) | {
        "_session": session["id"],
        "customer": session["customer"],
        "description": data.get("description"),
        "metadata": merge_metadata({}, data.get("metadata")),
    }
    return str(ctx.save(intent, "setup_intent.created")["id"])


def _price(ctx: Context, obj: Json, asked: Json) -> None:
    items = asked["line_items"]
    currency = items[0]["price_data"]["currency"]
    if asked.get("currency", currency) != currency:
        raise invalid("`currency` must match the currency of the line items.", "currency")
    total = sum(item["price_data"]["unit_amount"] * item.get("quantity", 1) for item in items)
    check_amount(total)
    new_payment(ctx, total, currency, obj["_payment"])  # refuses now what would be refused on the page
    obj |= {"amount_subtotal": total, "amount_total": total, "currency": currency}
    obj["total_details"] = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    obj["_items"] = [
        {
            "name": item["price_data"]["product_data"]["name"],
            "quantity": item.get("quantity", 1),
            "amount": item["price_data"]["unit_amount"],
        }
        for item in items
    ]


def expire_session(ctx: Context, asked: Json, id_: str) -> Json:
    """Close an open session by hand."""
    del asked
    obj = ctx.get("checkout.session", id_)
    if obj["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
            f"of {obj['status']}."
        )
    return expire(ctx, obj)


def expire(ctx: Context, obj: Json) -> Json:
    """Close the session; what it had begun is cancelled."""
    obj |= {"status": "expired", "url": None}
    if obj["payment_intent"]:
        cancel_intent(ctx, ctx.get("payment_intent", obj["payment_intent"]), "expired")
    if obj["setup_intent"]:
        cancel_setup_intent(ctx, ctx.get("setup_intent", obj["setup_intent"]), None)
    return ctx.save(obj, "checkout.session.expired")


def expire_due(ctx: Context) -> None:
    """Close every open session whose time is up."""
    due = "json_extract(data, '$.status') = 'open' AND json_extract(data, '$.expires_at') <= ?"
    for session in ctx.store.select("checkout.session", due, (ctx.now,), oldest_first=True):
        expire(ctx, session)


def origin(address: str | None) -> str | None:
    """Return scheme and host of an address, for the content security policy."""
    parts = urlsplit(address or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
