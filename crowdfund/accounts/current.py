"""Who is asking: the browser session behind a request, as an actor."""

from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import hand_over, open_session
from crowdfund.accounts.models import BrowserSession
from crowdfund.core import clock, ids
from crowdfund.core.actor import ActorKind
from crowdfund.core.db import db

COOKIE_DAYS = 30


@dataclass(frozen=True)
class BrowserActor:
    """Whoever sits at the browser: a visitor, maybe handed some things, maybe signed in.

    Plain values, so that asking who acts never reads the database in the middle of a change.
    """

    session_id: int | None = None
    person_id: int | None = None
    name: str | None = None
    email: str | None = None
    subjects: frozenset[str] = frozenset()

    @property
    def kind(self) -> ActorKind:
        """A person when signed in, else a visitor."""
        return ActorKind.PERSON if self.person_id else ActorKind.VISITOR

    @property
    def ref(self) -> str:
        """The person's or the session's number."""
        return str(self.person_id or f"s{self.session_id or 0}")

    @property
    def signed_in(self) -> bool:
        """Whether a person is signed in."""
        return self.person_id is not None

    def holds(self, subject: str) -> bool:
        """Say whether this browser was handed `subject`."""
        return subject in self.subjects


def current_actor() -> BrowserActor:
    """Return who is asking, read from the database at most once a request and only when wanted."""
    if "actor" not in g:
        g.actor = _find_actor()
    actor = g.actor
    assert isinstance(actor, BrowserActor)
    return actor


def remember(session: Session, subject: str) -> None:
    """Hand `subject` to the browser that asks, opening a session for it where it has none."""
    actor = current_actor()
    session_id = actor.session_id
    if session_id is None:
        row, token = open_session(session, secret=_secret(), real=clock.real_now())
        session_id = row.id
        g.session_token = token
    hand_over(session, session_id, subject)
    g.actor = replace(actor, session_id=session_id, subjects=actor.subjects | {subject})


def keep_token(token: str | None) -> None:
    """Have the answer set the session cookie, or clear it with None."""
    g.session_token = token
    g.pop("actor", None)


def init_app(app: Flask) -> None:
    """Set the session cookie on answers whose request opened, rotated or ended a session."""

    @app.after_request
    def set_cookie(response: Response) -> Response:
        if "session_token" not in g:
            return response
        name, secure = cookie_name(), not app.config["SANDBOX"]
        if g.session_token is None:
            response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")
        else:
            age = COOKIE_DAYS * 86400
            response.set_cookie(name, g.session_token, max_age=age, secure=secure, httponly=True, samesite="Lax")
        return response


def cookie_name() -> str:
    """Return the cookie's name; the __Host- prefix needs https, which the sandbox has not."""
    return "visit" if current_app.config["SANDBOX"] else "__Host-visit"


def _find_actor() -> BrowserActor:
    token = g.get("session_token") or request.cookies.get(cookie_name())
    if not token:
        return BrowserActor()
    hashed = ids.keyed_hash(_secret(), "session", token)
    statement = select(BrowserSession).where(
        BrowserSession.token_hash == hashed, BrowserSession.expires_at > clock.real_now()
    )
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        return BrowserActor()
    person = row.person
    return BrowserActor(
        session_id=row.id,
        person_id=row.person_id,
        name=person.name if person else None,
        email=person.email if person else None,
        subjects=frozenset(grant.subject for grant in row.grants),
    )


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
