"""The part of Stripe's API that the stand-in answers, with every parameter it accepts."""

from collections.abc import Callable
from dataclasses import dataclass

from crowdfund.sandbox.stripe import customers, disputes, money, payments, sessions, setups
from crowdfund.sandbox.stripe.context import Context
from crowdfund.sandbox.stripe.errors import Json
from crowdfund.sandbox.stripe.listing import EXPAND, list_objects, list_params
from crowdfund.sandbox.stripe.params import (
    Kind,
    Params,
    boolean,
    choice,
    email,
    integer,
    list_of,
    metadata,
    one_of,
    text,
    url,
)


@dataclass(frozen=True)
class Route:
    """One method and path; the parts in <> are handed to the handler after the parameters."""

    method: str
    path: str
    params: Params
    handler: Callable[..., Json]


def _takes(required: str = "", /, **known: Kind) -> Params:
    return Params(known | {"expand": EXPAND}, required.split())


def _retrieve(kind: str) -> Callable[..., Json]:
    def retrieve(ctx: Context, asked: Json, id_: str) -> Json:
        del asked
        return ctx.get(kind, id_)

    return retrieve


def _list(kind: str, path: str, params: Params) -> Route:
    def listing(ctx: Context, asked: Json) -> Json:
        return list_objects(ctx, kind, path, asked)

    return Route("GET", path, params, listing)


_ID = text()
_NONE = _takes()
_GBP = choice("gbp")
_CARD_ONLY = list_of(choice("card"))
_DYNAMIC = Params({"enabled": boolean, "allow_redirects": choice("always", "never")}, ["enabled"])
_USAGE = choice("off_session", "on_session")
_CUSTOMER: dict[str, Kind] = {
    "name": text(256, clears=True), "email": email, "phone": text(20, clears=True),
    "description": text(clears=True), "metadata": metadata, "preferred_locales": list_of(text()),
}  # fmt: skip
_ADDRESS = Params({key: text(clears=True) for key in ("line1", "line2", "city", "state", "postal_code", "country")})
_BILLING = Params({"name": text(clears=True), "email": email, "phone": text(clears=True), "address": _ADDRESS})
_CARD = Params({"token": text(), "number": text(), "exp_month": integer(), "exp_year": integer(), "cvc": text()})
_INTENT: dict[str, Kind] = {
    "customer": _ID, "payment_method": _ID, "payment_method_types": _CARD_ONLY, "metadata": metadata,
    "automatic_payment_methods": _DYNAMIC, "confirm": boolean, "return_url": url, "description": text(1000),
}  # fmt: skip
_PAYMENT: dict[str, Kind] = {
    "description": text(1000), "metadata": metadata, "receipt_email": email, "setup_future_usage": _USAGE,
    "statement_descriptor_suffix": text(22), "transfer_group": text(),
    "capture_method": choice("automatic", "automatic_async"),
}  # fmt: skip
_OFF_SESSION = one_of(choice("one_off", "recurring"), boolean)
_WORDS = Params({"message": text(1200)}, ["message"])
_PRODUCT = Params({"name": text(), "description": text(40000), "metadata": metadata}, ["name"])
_PRICE = Params(
    {"currency": _GBP, "unit_amount": integer(0), "product_data": _PRODUCT}, ["currency", "unit_amount", "product_data"]
)
_SESSION = _takes(
    "mode success_url",
    mode=choice("payment", "setup"), success_url=url, cancel_url=url, currency=_GBP, customer=_ID,
    customer_email=email, customer_creation=choice("always", "if_required"), client_reference_id=text(200),
    expires_at=integer(0), metadata=metadata, payment_method_types=_CARD_ONLY,
    line_items=list_of(Params({"price_data": _PRICE, "quantity": integer(1, 1000)}, ["price_data", "quantity"])),
    payment_intent_data=Params(_PAYMENT),
    setup_intent_data=Params({"description": text(1000), "metadata": metadata}),
    locale=choice("auto", "en", "en-GB"), submit_type=choice("auto", "book", "donate", "pay"),
    custom_text=Params(dict.fromkeys(("submit", "after_submit"), _WORDS)),
    ui_mode=choice("hosted_page"), billing_address_collection=choice("auto"),
    adaptive_pricing=Params({"enabled": boolean}),
)  # fmt: skip
_EVIDENCE = Params(dict.fromkeys(
    ("customer_email_address", "customer_name", "product_description", "refund_policy_disclosure", "service_date",
     "uncategorized_text"), text(20_000),
))  # fmt: skip
_CONFIRM: dict[str, Kind] = {"payment_method": _ID, "return_url": url}

ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/customers", _takes(**_CUSTOMER), customers.create_customer),
    _list("customer", "/v1/customers", list_params(email=text(512))),
    Route("GET", "/v1/customers/<id_>", _NONE, customers.retrieve_customer),
    Route("POST", "/v1/customers/<id_>", _takes(**_CUSTOMER), customers.update_customer),
    Route("DELETE", "/v1/customers/<id_>", Params({}), customers.delete_customer),
    Route("GET", "/v1/customers/<id_>/payment_methods", list_params(created=False, type=choice("card")),
          customers.list_customer_methods),
    Route("GET", "/v1/customers/<id_>/payment_methods/<method_id>", _NONE, customers.retrieve_customer_method),
    Route("POST", "/v1/payment_methods",
          _takes("type card", type=choice("card"), card=_CARD, billing_details=_BILLING, metadata=metadata),
          customers.create_method),
    _list("payment_method", "/v1/payment_methods", list_params(created=False, customer=_ID, type=choice("card"))),
    Route("GET", "/v1/payment_methods/<id_>", _NONE, customers.retrieve_method),
    Route("POST", "/v1/payment_methods/<id_>/attach", _takes("customer", customer=_ID), customers.attach_method),
    Route("POST", "/v1/payment_methods/<id_>/detach", _NONE, customers.detach_method),
    Route("POST", "/v1/checkout/sessions", _SESSION, sessions.create_session),
    _list("checkout.session", "/v1/checkout/sessions",
          list_params(customer=_ID, payment_intent=_ID, status=choice("open", "complete", "expired"))),
    Route("GET", "/v1/checkout/sessions/<id_>", _NONE, _retrieve("checkout.session")),
    Route("POST", "/v1/checkout/sessions/<id_>/expire", _NONE, sessions.expire_session),
    Route("POST", "/v1/setup_intents", _takes(usage=_USAGE, **_INTENT), setups.create_setup),
    _list("setup_intent", "/v1/setup_intents", list_params(customer=_ID, payment_method=_ID)),
    Route("GET", "/v1/setup_intents/<id_>", _NONE, _retrieve("setup_intent")),
    Route("POST", "/v1/setup_intents/<id_>/confirm", _takes(**_CONFIRM), setups.confirm_setup),
    Route("POST", "/v1/setup_intents/<id_>/cancel",
          _takes(cancellation_reason=choice("abandoned", "duplicate", "requested_by_customer")), setups.cancel_setup),
    Route("POST", "/v1/payment_intents",
          _takes("amount currency", amount=integer(), currency=_GBP, off_session=_OFF_SESSION,
                 error_on_requires_action=boolean, **(_INTENT | _PAYMENT)),
          payments.create_payment),
    _list("payment_intent", "/v1/payment_intents", list_params(customer=_ID)),
    Route("GET", "/v1/payment_intents/<id_>", _NONE, _retrieve("payment_intent")),
    Route("POST", "/v1/payment_intents/<id_>/confirm",
          _takes(off_session=_OFF_SESSION, error_on_requires_action=boolean, receipt_email=email,
                 setup_future_usage=_USAGE, **_CONFIRM),
          payments.confirm_payment),
    Route("POST", "/v1/payment_intents/<id_>/cancel",
          _takes(cancellation_reason=choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")),
          payments.cancel_payment),
    _list("charge", "/v1/charges", list_params(customer=_ID, payment_intent=_ID)),
    Route("GET", "/v1/charges/<id_>", _NONE, _retrieve("charge")),
    Route("POST", "/v1/refunds",
          _takes(amount=integer(1), charge=_ID, payment_intent=_ID, metadata=metadata,
                 reason=choice("duplicate", "fraudulent", "requested_by_customer")),
          money.create_refund),
    _list("refund", "/v1/refunds", list_params(charge=_ID, payment_intent=_ID)),
    Route("GET", "/v1/refunds/<id_>", _NONE, _retrieve("refund")),
    _list("dispute", "/v1/disputes", list_params(charge=_ID, payment_intent=_ID)),
    Route("GET", "/v1/disputes/<id_>", _NONE, _retrieve("dispute")),
    Route("POST", "/v1/disputes/<id_>", _takes(evidence=_EVIDENCE, metadata=metadata, submit=boolean),
          disputes.update_dispute),
    Route("POST", "/v1/disputes/<id_>/close", _NONE, disputes.close_dispute),
    _list("payout", "/v1/payouts", list_params(status=choice("paid", "failed"))),
    Route("GET", "/v1/payouts/<id_>", _NONE, _retrieve("payout")),
    _list("balance_transaction", "/v1/balance_transactions",
          list_params(source=_ID, currency=_GBP,
                      type=choice("charge", "refund", "refund_failure", "adjustment", "payout", "payout_failure"))),
    Route("GET", "/v1/balance_transactions/<id_>", _NONE, _retrieve("balance_transaction")),
    Route("GET", "/v1/balance", _NONE, money.balance),
    _list("event", "/v1/events", list_params(type=text())),
    Route("GET", "/v1/events/<id_>", _NONE, _retrieve("event")),
)  # fmt: skip
