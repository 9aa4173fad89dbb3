"""What the stand-in refuses before any work: keys, addresses, parameters."""

import pytest
import requests
import stripe

from crowdfund.sandbox.stripe.params import Params
from crowdfund.sandbox.stripe.routes import ROUTES
from tests.support.stripe_sandbox import API_KEY
from tests.support.stripe_spec import VERSION, _request_schema, spec


def names(params, inside=()):
    for name, kind in params.known.items():
        yield (*inside, name)
        if isinstance(kind, Params):
            yield from names(kind, (*inside, name))


def published(schema, path):
    for step in path:
        schema = next((s for s in [schema, *schema.get("anyOf", [])] if step in s.get("properties", {})), None)
        if schema is None:
            return False
        schema = schema["properties"][step]
    return True


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_parameter_the_stand_in_accepts_is_published_by_stripe(route):
    path = route.path.replace("<id_>", "x").replace("<method_id>", "y")
    schema = _request_schema(route.method, path, "body" if route.method == "POST" else "query")
    unknown = [path for path in names(route.params) if not published(schema, path)]
    assert unknown == []


def test_the_library_speaks_the_version_that_the_description_describes(sandbox, v1):
    assert stripe.api_version == VERSION == spec()["info"]["version"]
    answer = v1.customers.create({}).last_response
    assert answer.headers["Stripe-Version"] == VERSION
    assert answer.request_id.startswith("req_")


@pytest.mark.parametrize("key", ["sk_test_wrong", "rk_live_other"])
def test_a_wrong_key_is_refused(sandbox, key):
    with pytest.raises(stripe.AuthenticationError) as refused:
        sandbox.make_client(key=key).v1.customers.create({})
    assert refused.value.http_status == 401
    assert key not in str(refused.value)


def test_a_key_may_come_as_basic_authentication_and_must_come(sandbox):
    assert requests.get(f"{sandbox.url}/v1/balance", auth=(API_KEY, ""), timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/v1/balance", timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"amount": 500, "currency": "gbp", "amuont": 1}, "amuont", "parameter_unknown"),
        ({"amount": 500, "currency": "gbp", "statement_descriptor": "X"}, "statement_descriptor", "parameter_unknown"),
        ({"currency": "gbp"}, "amount", "parameter_missing"),
        ({"amount": "many", "currency": "gbp"}, "amount", "parameter_invalid_integer"),
        ({"amount": 29, "currency": "gbp"}, "amount", "amount_too_small"),
        ({"amount": 100_000_000, "currency": "gbp"}, "amount", "amount_too_large"),
        ({"amount": 500, "currency": "xyz"}, "currency", None),
        ({"amount": 500, "currency": "gbp", "description": ""}, "description", "parameter_invalid_empty"),
        ({"amount": 500, "currency": "gbp", "confirm": "perhaps"}, "confirm", None),
        ({"amount": 500, "currency": "gbp", "receipt_email": "nobody"}, "receipt_email", "email_invalid"),
        ({"amount": 500, "currency": "gbp", "customer": "cus_none"}, "customer", "resource_missing"),
        ({"amount": 500, "currency": "gbp", "off_session": True}, "off_session", None),
        ({"amount": 500, "currency": "gbp", "payment_method_types": "card"}, "payment_method_types", None),
        ({"amount": 500, "currency": "gbp", "automatic_payment_methods": {"enabeld": True}},
         "automatic_payment_methods[enabeld]", "parameter_unknown"),
        ({"amount": 500, "currency": "gbp", "metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
        ({"amount": 500, "currency": "gbp", "statement_descriptor_suffix": "12*"},
         "statement_descriptor_suffix", None),
    ],
)  # fmt: skip
def test_parameters_stripe_would_refuse_are_refused_by_name(v1, asked, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.payment_intents.create(asked)
    assert (refused.value.http_status, refused.value.param, refused.value.code) == (400, param, code)


def test_confirming_without_a_return_address_is_refused_unless_redirects_are_ruled_out(v1, customer, saved_card):
    asked = {"amount": 500, "currency": "gbp", "customer": customer.id, "payment_method": saved_card().id}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        v1.payment_intents.create(asked | {"confirm": True})
    never = {"enabled": True, "allow_redirects": "never"}
    paid = v1.payment_intents.create(asked | {"confirm": True, "automatic_payment_methods": never})
    assert paid.status == "succeeded"


def test_unknown_addresses_and_objects_are_not_found(sandbox, v1):
    answer = requests.get(f"{sandbox.url}/v1/balance/../nothing", auth=(API_KEY, ""), timeout=5)
    assert answer.status_code == 404
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.payment_intents.retrieve("pi_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_only_what_is_expandable_can_be_expanded(v1, customer):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        v1.customers.retrieve(customer.id, {"expand": ["email"]})


def test_what_goes_wrong_in_the_middle_leaves_nothing_behind(v1, customer):
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"email": "lost@example.org", "expand": ["nothing"]})
    assert v1.customers.list({"email": "lost@example.org"}).data == []
