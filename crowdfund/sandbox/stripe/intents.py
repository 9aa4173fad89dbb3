"""Rules that SetupIntents and PaymentIntents share."""

from crowdfund.sandbox.stripe.context import Context
from crowdfund.sandbox.stripe.errors import Json, invalid


def automatic_methods(asked: Json) -> Json | None:
    """Return the intent's setting for dynamic payment methods, which Stripe turns on when no types are named."""
    if "payment_method_types" in asked:
        if asked.get("automatic_payment_methods", {}).get("enabled"):
            raise invalid(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
                "automatic_payment_methods",
            )
        return None
    wanted: Json = asked.get("automatic_payment_methods", {"enabled": True})
    return {"allow_redirects": "always"} | wanted if wanted["enabled"] else None


def needs_return_url(intent: Json, asked: Json) -> None:
    """Raise ApiError when redirects are possible and nothing says where to return to."""
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and "return_url" not in asked:
        raise invalid(
            "This intent accepts payment methods that redirect, so you must provide a `return_url`; or name "
            "`payment_method_types`, or set `automatic_payment_methods[allow_redirects]` to `never`.",
            "return_url",
        )


def own_the_session(intent: Json) -> None:
    """Raise ApiError for an intent that belongs to Checkout, which alone may confirm or cancel it."""
    if intent["_session"] is not None:
        raise invalid(
            f"You cannot perform this action on an intent created by Checkout. Expire the Checkout Session "
            f"{intent['_session']} instead."
        )


def challenge_action(ctx: Context, intent: Json, asked: Json) -> Json:
    """Return the next_action that sends the payer to our challenge page; notes on the intent where to return to."""
    intent["_return_url"] = asked.get("return_url")
    if "return_url" not in asked and intent["_session"] is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    where = {"url": f"{ctx.base_url}/c/challenge/{intent['id']}", "return_url": asked.get("return_url")}
    return {"type": "redirect_to_url", "redirect_to_url": where}
