"""Who is asking: the browser session behind a request, as an actor."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, g, request
from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import hand_over, open_session
from crowdfund.accounts.models import BrowserSession, OfficerPost, Person, SessionGrant
from crowdfund.accounts.posts import Post, limit_of
from crowdfund.accounts.roles import OFFICER_RIGHTS
from crowdfund.core import clock, ids
from crowdfund.core.actor import ActorKind
from crowdfund.core.db import UtcDateTime, db

# Every page of somebody signed in asks this, so it is one statement, made once. A row for each pair of a thing
# handed over and a post held: who has many of the one has few of the other.
_WHO_ASKS = (
    select(
        BrowserSession.id,
        BrowserSession.person_id,
        BrowserSession.strong_at,
        Person.name,
        Person.email,
        SessionGrant.subject,
        OfficerPost.role,
        OfficerPost.funder_id,
        OfficerPost.limit_pence,
    )
    .outerjoin(Person, Person.id == BrowserSession.person_id)
    .outerjoin(SessionGrant, SessionGrant.session_id == BrowserSession.id)
    .outerjoin(OfficerPost, and_(OfficerPost.person_id == Person.id, OfficerPost.ended_at.is_(None)))
    .where(
        BrowserSession.token_hash == bindparam("token_hash"),
        BrowserSession.expires_at > bindparam("real", type_=UtcDateTime()),
    )
)

COOKIE_DAYS = 30
STRONG_LIFE = timedelta(hours=8)
FRESH_LIFE = timedelta(minutes=15)  # step-up before what cannot be taken back


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
    strong_at: datetime | None = None
    posts: frozenset[Post] = frozenset()

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

    @property
    def is_officer(self) -> bool:
        """Whether the person holds any role."""
        return bool(self.posts)

    @property
    def strong(self) -> bool:
        """Whether a second factor was given in this session within a working day."""
        return self.given_within(STRONG_LIFE)

    def given_within(self, span: timedelta) -> bool:
        """Say whether a second factor was given within `span` (real time)."""
        return self.strong_at is not None and clock.real_now() - self.strong_at < span

    def holds(self, subject: str) -> bool:
        """Say whether this browser was handed `subject`."""
        return subject in self.subjects

    def may(self, right: str) -> bool:
        """Say whether one of the person's roles has the right; without a second factor no role counts."""
        return self.strong and any(right in OFFICER_RIGHTS[post.role] for post in self.posts)

    def may_at(self, right: str, funder_id: int) -> bool:
        """Say whether one of the person's roles has the right over this funder's funds."""
        return self.strong and any(post.has(right, funder_id) for post in self.posts)

    def limit_at(self, right: str, funder_id: int) -> int | None:
        """Return up to which amount (pence) a role with the right goes; None where one has no limit."""
        return limit_of(self.posts, right, funder_id)


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
    values = {"token_hash": ids.keyed_hash(_secret(), "session", token), "real": clock.real_now()}
    found = db.session().connection().execute(_WHO_ASKS, values).all()
    if not found:
        return BrowserActor()
    session_id, person_id, strong_at, name, email, *_ = found[0]
    return BrowserActor(
        session_id=session_id,
        person_id=person_id,
        name=name,
        email=email,
        subjects=frozenset(row.subject for row in found if row.subject is not None),
        strong_at=strong_at,
        posts=frozenset(Post(row.role, row.funder_id, row.limit_pence) for row in found if row.role is not None),
    )


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
