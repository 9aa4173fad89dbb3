"""Lists with cursors and filters, and the expansion of ids into objects."""

from typing import Any

from crowdfund.sandbox.stripe.context import Context, public
from crowdfund.sandbox.stripe.errors import ApiError, Json, invalid, missing
from crowdfund.sandbox.stripe.params import Kind, Params, integer, list_of, one_of, text

EXPAND: Kind = list_of(text())
_MOMENT = integer(0)
_CREATED = one_of(Params({"gt": _MOMENT, "gte": _MOMENT, "lt": _MOMENT, "lte": _MOMENT}), _MOMENT)
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PAGING = {"limit", "starting_after", "ending_before", "created", "expand"}
_EXPANDABLE: dict[str, dict[str, str]] = {
    "checkout.session": {"setup_intent": "setup_intent", "payment_intent": "payment_intent", "customer": "customer"},
    "setup_intent": {"payment_method": "payment_method", "customer": "customer"},
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method", "customer": "customer"},
    "payment_method": {"customer": "customer"},
    "charge": {"balance_transaction": "balance_transaction", "payment_intent": "payment_intent",
               "customer": "customer", "failure_balance_transaction": "balance_transaction"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction",
               "failure_balance_transaction": "balance_transaction"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {"balance_transaction": "balance_transaction", "failure_balance_transaction": "balance_transaction"},
    "balance_transaction": {"source": "*"},
}  # fmt: skip
_SOURCES = {"ch": "charge", "re": "refund", "du": "dispute", "po": "payout"}


def list_params(*, created: bool = True, **filters: Kind) -> Params:
    """Return the parameters of a list route with these filters."""
    known: dict[str, Kind] = {
        "limit": integer(1, 100), "starting_after": text(), "ending_before": text(), "expand": EXPAND,
    }  # fmt: skip
    return Params(known | filters | ({"created": _CREATED} if created else {}))


def list_objects(ctx: Context, kind: str, url: str, asked: Json, **fixed: str) -> Json:
    """Return a page of objects, newest first, filtered by fields equal to what was asked."""
    where, values = ["json_extract(data, '$.deleted') IS NULL"], []
    for key, value in ({k: v for k, v in asked.items() if k not in _PAGING} | fixed).items():
        column = "customer" if key == "customer" else f"json_extract(data, '$.{key}')"
        where.append(f"{column} = ?")
        values.append(value)
    for operator, moment in _created(asked).items():
        where.append(f"created {operator} ?")
        values.append(moment)
    limit = asked.get("limit", 10)
    backwards = "ending_before" in asked
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in asked:
            where.append(f"seq {comparison} ?")
            values.append(_place(ctx, kind, asked[name], name))
    found = ctx.store.select(kind, " AND ".join(where), values, limit=limit + 1, oldest_first=backwards)
    page = found[:limit][::-1] if backwards else found[:limit]
    return {"object": "list", "data": page, "has_more": len(found) > limit, "url": url}


def _created(asked: Json) -> dict[str, int]:
    created = asked.get("created", {})
    if isinstance(created, int):
        return {"=": created}
    return {_OPERATORS[key]: moment for key, moment in created.items()}


def _place(ctx: Context, kind: str, id_: str, param: str) -> int:
    place = ctx.store.seq(kind, id_)
    if place is None:
        raise missing(kind, id_, param)
    return place


def render(ctx: Context, obj: Json, expand: list[str]) -> Json:
    """Return the object as the caller sees it, with ids expanded. Raises ApiError for what cannot be expanded."""
    result: Json = _seen(ctx, obj)
    for path in expand:
        steps = path.split(".")
        if len(steps) > 4:
            raise invalid("You cannot expand more than 4 levels", "expand", began=False)
        _expand(ctx, result, steps, path)
    return result


def _expand(ctx: Context, obj: Json, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if obj["object"] == "list" and step == "data" and rest:
        for item in obj["data"]:
            _expand(ctx, item, rest, path)
        return
    kind = _EXPANDABLE.get(obj["object"], {}).get(step)
    if kind is None:
        raise _cannot(path)
    value = obj.get(step)
    if isinstance(value, str):
        found = ctx.store.find(_SOURCES[value.split("_")[0]] if kind == "*" else kind, value)
        value = obj[step] = _seen(ctx, found) if found else value
    if rest and isinstance(value, dict):
        _expand(ctx, value, rest, path)


def _cannot(path: str) -> ApiError:
    return invalid(f"This property cannot be expanded ({path}).", "expand", began=False)


def _seen(ctx: Context, obj: Json) -> Json:
    """Return the object's public face, with the fields that depend on the time of asking."""
    if obj["object"] == "list":
        return obj | {"data": [_seen(ctx, item) for item in obj["data"]]}
    face: Json = public(obj)
    if obj["object"] == "balance_transaction":
        face["status"] = "available" if obj["available_on"] <= ctx.now else "pending"
    if obj["object"] == "event":
        face["pending_webhooks"] = _pending(ctx, obj["id"])
    return face


def _pending(ctx: Context, event: str) -> int:
    found: Any = ctx.store.sql(
        "SELECT count(*) FROM delivery WHERE event = ? AND state IN ('pending', 'sending')", (event,)
    )[0][0]
    return int(found)
