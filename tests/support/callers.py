"""Everybody who may knock at an address: visitors, members of this and another group, officers of every role."""

from dataclasses import dataclass
from datetime import timedelta

from crowdfund.accounts.actions import open_session
from crowdfund.accounts.models import OfficerPost, Person
from crowdfund.accounts.roles import (
    FUND_RIGHTS,
    MEMBER_RIGHTS,
    OFFICER_RIGHTS,
    FundRight,
    GroupRight,
    MemberRole,
    OfficerRole,
    Right,
)
from crowdfund.core import clock as clocks
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Interest
from crowdfund.grants.models import GrantApplication
from crowdfund.groups.models import Member
from tests.support.client import HouseClient
from tests.support.estate import Estate
from tests.support.estate_match import FUNDER
from tests.support.factories import make_group
from tests.support.people import make_named

NOW, EARLIER = timedelta(), timedelta(hours=1)


@dataclass(frozen=True)
class Caller:
    """Who asks: what the database is told about them, and what follows from the matrices."""

    name: str
    signed_in: bool = True
    own: MemberRole | None = None  # the place in the group that is asked about
    other: MemberRole | None = None  # the place in another group
    office: OfficerRole | None = None
    has_ended: bool = False
    factor: timedelta | None = None  # how long ago the second factor was given
    has_interest: bool | None = False  # what an officer declared about every project; None: nothing yet

    @property
    def is_officer(self) -> bool:
        """Whether they hold an office now."""
        return self.office is not None and not self.has_ended

    @property
    def stands_apart(self) -> bool:
        """Whether nothing ties an officer to the projects."""
        return self.own is None and not self.has_interest

    def may(self, right: Right) -> bool:
        """Say whether their office has the right."""
        return self.is_officer and self.office is not None and right in OFFICER_RIGHTS[self.office]

    def may_at_fund(self, right: FundRight) -> bool:
        """Say whether their office has the right over the funds of the estate's funder."""
        return self.is_officer and self.office is not None and right in FUND_RIGHTS.get(self.office, ())

    def may_for_group(self, right: GroupRight) -> bool:
        """Say whether their place in the group has the right."""
        return self.own is not None and right in MEMBER_RIGHTS[self.own]


_CHECKER, _FINANCE = OfficerRole.PROGRAMME_CHECKER, OfficerRole.PROGRAMME_FINANCE
CALLERS = (
    Caller("visitor", signed_in=False),
    Caller("nobody"),
    *(Caller(f"other_{role}", other=role) for role in MemberRole),
    *(Caller(f"own_{role}", own=role) for role in MemberRole),
    *(Caller(str(role), office=role, factor=NOW) for role in OfficerRole),
    Caller("checker_without_factor", office=_CHECKER),
    Caller("checker_with_older_factor", office=_CHECKER, factor=EARLIER),
    Caller("checker_who_declared_nothing", office=_CHECKER, factor=NOW, has_interest=None),
    Caller("checker_with_interest", office=_CHECKER, factor=NOW, has_interest=True),
    Caller("checker_of_the_group", own=MemberRole.READER, office=_CHECKER, factor=NOW),
    Caller("finance_with_older_factor", office=_FINANCE, factor=EARLIER),
    Caller("finance_who_declared_nothing", office=_FINANCE, factor=NOW, has_interest=None),
    Caller("finance_with_interest", office=_FINANCE, factor=NOW, has_interest=True),
    Caller("finance_of_the_group", own=MemberRole.READER, office=_FINANCE, factor=NOW),
    Caller("checker_who_was", office=_CHECKER, factor=NOW, has_ended=True),
)


def invite_in(caller: Caller, estate: Estate) -> Person | None:
    """Write the caller into the database; call it inside an application context."""
    if not caller.signed_in:
        return None
    now = estate.clock.now()
    person = make_named(now, name="Cal Caller")
    with unit_of_work() as session:
        if caller.own:
            session.add(Member(group_id=estate.group.id, person_id=person.id, role=caller.own))
        if caller.other:
            session.add(Member(group_id=make_group(session, now).id, person_id=person.id, role=caller.other))
        if caller.office:
            _appoint(caller, caller.office, person, estate)
    return person


def declare(caller: Caller, person: Person | None, project_id: int, estate: Estate) -> None:
    """Record what an officer declares about a project, and about every application there is."""
    if caller.office is None or caller.has_interest is None or person is None:
        return
    said = {"has_interest": caller.has_interest, "statement": "A friend runs it." if caller.has_interest else ""}
    with unit_of_work() as session:
        subjects = [f"project:{project_id}", *(one.subject for one in session.query(GrantApplication))]
        for subject in subjects:
            session.add(Interest(person_id=person.id, subject=subject, declared_at=estate.clock.now(), **said))


def browser_of(caller: Caller, person: Person | None, estate: Estate) -> HouseClient:
    """Return a browser of theirs."""
    browser = estate.app.test_client()
    assert isinstance(browser, HouseClient)
    if person is None:
        return browser
    real = clocks.real_now()
    with estate.app.app_context(), unit_of_work() as session:
        row, token = open_session(session, secret=estate.app.config["SECRET_KEY"], real=real)
        row.person_id = person.id
        row.strong_at = None if caller.factor is None else real - caller.factor
    browser.set_cookie("visit", token, domain="localhost")
    return browser


def _appoint(caller: Caller, office: OfficerRole, person: Person, estate: Estate) -> None:
    session, now = db.session(), estate.clock.now()
    funder_id = None
    if not office.of_programme:
        funder_id = FUNDER
    ended = now if caller.has_ended else None
    session.add(OfficerPost(person_id=person.id, role=office, funder_id=funder_id, given_at=now, ended_at=ended))
