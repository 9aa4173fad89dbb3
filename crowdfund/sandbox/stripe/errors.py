"""The errors the stand-in answers with, in Stripe's shape."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer other than 200: what was changed is undone, unless `keeps_changes`."""

    keeps_changes = False

    def __init__(self, status: int, error: Json, *, began: bool = True) -> None:
        super().__init__(error.get("message", ""))
        self.status, self.error, self.began = status, error, began

    @property
    def body(self) -> Json:
        """The JSON body."""
        return {"error": self.error}


class CardError(ApiError):
    """A card was refused: 402, and the failed attempt is kept on record."""

    keeps_changes = True

    def __init__(self, error: Json) -> None:
        super().__init__(402, error)


def invalid(
    message: str,
    param: str | None = None,
    code: str | None = None,
    *,
    status: int = 400,
    began: bool = True,
    **extra: object,
) -> ApiError:
    """Return an invalid_request_error; `began` False means no work started, so no key is used up."""
    error: Json = {"type": "invalid_request_error", "message": message}
    if param:
        error["param"] = param
    if code:
        error["code"] = code
    return ApiError(status, error | extra, began=began)


def missing(kind: str, id_: str, param: str = "id") -> ApiError:
    """Return the answer for an object that does not exist: 404 in the path, 400 in a parameter."""
    status = 404 if param in {"id", "intent"} else 400
    return invalid(f"No such {kind}: '{id_}'", param, "resource_missing", status=status)


def server_error() -> ApiError:
    """Return the answer of a provider that fell over."""
    return ApiError(500, {"type": "api_error", "message": "An unknown error occurred"})
