"""Answering one API request: key, faults, idempotency, work, answer."""

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from crowdfund.sandbox.stripe import idempotency
from crowdfund.sandbox.stripe.cards import declined
from crowdfund.sandbox.stripe.context import API_VERSION, Context, compact, new_id
from crowdfund.sandbox.stripe.errors import ApiError, Json, invalid, server_error
from crowdfund.sandbox.stripe.listing import render
from crowdfund.sandbox.stripe.params import parse
from crowdfund.sandbox.stripe.routes import ROUTES, Route

if TYPE_CHECKING:
    from crowdfund.sandbox.stripe.standin import StandIn

_MAP = Map([Rule(r.path, methods=[r.method], endpoint=n) for n, r in enumerate(ROUTES)], strict_slashes=False)
_AT_THE_DOOR: dict[str, Callable[[], ApiError]] = {
    "409": idempotency.in_use,
    "429": lambda: invalid("Too many requests.", None, "rate_limit", status=429, began=False),
    "down": lambda: ApiError(503, {"type": "api_error", "message": "Service unavailable"}, began=False),
}


class Call:
    """One request on its way through."""

    def __init__(self, standin: "StandIn", request: Request) -> None:
        self.standin, self.request, self.store = standin, request, standin.store
        self.id = new_id("req", 14)
        self.key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        self.fault = ""
        self.fault_params: Json = {}
        self.replay: idempotency.Replay | None = None

    def answer(self) -> Response:
        """Return the response. Raises ConnectionAbortedError where a fault asks for a dropped connection."""
        try:
            self._check_api_key()
            route, ids = self._route()
            status, body = self._run(route, ids)
        except ApiError as error:
            status, body = error.status, error.body
        return self._respond(status, body)

    def _respond(self, status: int, body: Json) -> Response:
        response = Response(compact(body), status, mimetype="application/json")
        response.headers["Request-Id"] = self.id
        response.headers["Stripe-Version"] = self.request.headers.get("Stripe-Version", API_VERSION)
        if self.key:
            response.headers["Idempotency-Key"] = self.key
        if self.replay:
            response.headers["Idempotent-Replayed"] = "true"
            response.headers["Original-Request"] = self.replay.request
        return response

    def _check_api_key(self) -> None:
        header = self.request.headers.get("Authorization", "")
        scheme, _, given = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except ValueError:
                given = ""
        if not given:
            raise invalid("You did not provide an API key.", status=401, began=False)
        if given != self.standin.api_key:
            shown = f"{given[:8]}{'*' * 8}{given[-4:]}"
            raise invalid(f"Invalid API Key provided: {shown}", status=401, began=False)

    def _route(self) -> tuple[Route, dict[str, str]]:
        try:
            number, ids = _MAP.bind("stand-in").match(self.request.path, self.request.method)
        except HTTPException as error:
            message = f"Unrecognized request URL ({self.request.method}: {self.request.path})."
            raise invalid(message, status=404, began=False) from error
        return ROUTES[number], {name: str(value) for name, value in ids.items()}

    def _run(self, route: Route, ids: dict[str, str]) -> tuple[int, Json]:
        body = self.request.get_data(as_text=True)
        self.fault, self.fault_params = self.standin.modes.take_api(self.request.method, self.request.path) or ("", {})
        if self.fault in _AT_THE_DOOR:
            error = _AT_THE_DOOR[self.fault]()
            raise error
        if self.key is not None and self._claim(body):
            assert self.replay is not None
            self._wait()
            self._drop()
            return self.replay.status, self.replay.body
        try:
            return self._begin(route, ids, body)
        finally:
            if self.key is not None:
                idempotency.release(self.store, self.key)

    def _claim(self, body: str) -> bool:
        key = self.key or ""
        if not 1 <= len(key) <= 255:
            raise invalid("Idempotency-Key must be 1 to 255 characters", began=False)
        mark = idempotency.fingerprint(self.request.method, self.request.path, body)
        self.replay = idempotency.claim(self.store, key, mark, self.id, self.standin.now())
        return self.replay is not None

    def _begin(self, route: Route, ids: dict[str, str], body: str) -> tuple[int, Json]:
        self._wait()
        query = self.request.query_string.decode()
        asked = route.params.read(parse("&".join(part for part in (query, body) if part)))
        try:
            if self.fault == "500":
                raise server_error()
            status, result = self._work(route, ids, asked)
        except ApiError as error:
            if error.began:
                self._keep(error.status, error.body)
            raise
        self._drop()
        return status, result

    def _wait(self) -> None:
        if self.fault in {"slow", "hang"}:
            self.standin.pause(self.fault_params.get("seconds", 2 if self.fault == "slow" else 60))
        if self.fault == "hang":
            raise ConnectionAbortedError("the stand-in hung up")

    def _drop(self) -> None:
        if self.fault == "commit_then_drop":
            raise ConnectionAbortedError("the stand-in dropped the connection")

    def _keep(self, status: int, body: Json) -> None:
        if self.key is not None:
            idempotency.finish(self.store, self.key, status, body)

    def _work(self, route: Route, ids: dict[str, str], asked: Json) -> tuple[int, Json]:
        """Do the work and keep its result for replays, both in one transaction."""
        ctx = self.standin.context(self.request.host_url.rstrip("/"), self.id, self.key)
        if self.fault == "refuse":
            ctx.refuse = declined(self.fault_params.get("decline_code", "generic_decline"))
        if self.fault == "insufficient_then_good":
            ctx.refuse_first = declined(self.fault_params.get("decline_code", "insufficient_funds"))
        with self.store.transaction():
            try:
                done = route.handler(ctx, asked, **ids)
                status, result = 200, render(ctx, done, asked.get("expand", []))
            except ApiError as error:
                if not error.keeps_changes:
                    raise
                status, result = error.status, error.body
            if self.fault == "commit_then_500":
                status, result = 500, server_error().body
            self._keep(status, result)
            run_afterwards(ctx)
        return status, json.loads(json.dumps(result))


def run_afterwards(ctx: Context) -> None:
    """Do what the answer had to go out before."""
    for step in ctx.afterwards:
        step()
