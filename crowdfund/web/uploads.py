"""Uploads: which pages take large files and from whom, and the form field for one file."""

from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from wtforms import FileField, ValidationError

from crowdfund.web.guards import View

# Four times what any field allows: so much is read (onto the disk, not into memory) to say no beside the field.
LARGEST_UPLOAD = 64 * 1024 * 1024


def uploads_up_to(most_bytes: int) -> Callable[[View], View]:
    """Let a view take bodies of so many bytes from people who are signed in; others stay at the common limit."""

    def decorate(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return decorate


def init_app(app: Flask, actor: Callable[[], Any]) -> None:
    """Widen the limit for views that asked for it; before the check of forgery, which reads the whole body."""

    @app.before_request
    def widen() -> None:
        most_bytes = getattr(app.view_functions.get(request.endpoint or ""), "most_bytes", None)
        if most_bytes is not None and request.method == "POST" and actor().signed_in:
            request.max_content_length = most_bytes


class UploadField(FileField):  # type: ignore[misc]
    """One file; `.data` is None when none was chosen. What is in it is judged by whoever keeps it."""

    data: FileStorage | None

    def __init__(self, label: str, *, missing: str | None = None, **kw: Any) -> None:
        super().__init__(label, **kw)
        self._missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file, if the browser sent one."""
        sent = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        self.data = sent[0] if sent else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse a missing file where one is needed."""
        if self._missing and self.data is None:
            raise ValidationError(self._missing)

    @property
    def stream(self) -> BinaryIO:
        """The file's content; ask only when a file was chosen."""
        assert self.data is not None
        return self.data.stream  # type: ignore[return-value]

    @property
    def sent_name(self) -> str:
        """The name the file had on the sender's machine."""
        return (self.data.filename or "") if self.data is not None else ""
