"""A fund with its officers, a group that asks it, and an offer as far along its path as a test wants."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import FUND_RIGHTS, OFFICER_RIGHTS, MemberRole, OfficerRole
from crowdfund.core.actor import ActorKind, SystemActor
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund, Funder
from crowdfund.matching.assessing import Advice, Finding, assess_offer, declare_interest, take_offer
from crowdfund.matching.deciding import decide_offer
from crowdfund.matching.drafting import answer_questions, ask_sums, choose_funds
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.offering import Subsidy, accept_offer
from crowdfund.matching.pitching import send_pitch
from crowdfund.matching.queries import find_draft
from crowdfund.matching.rules import Recommendation
from crowdfund.matching.verdicts import Verdict
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_project
from tests.support.funding import fill_fund, make_fund, make_funder
from tests.support.people import browser_of, make_member, make_officer

ASKED = 40_000
LIMIT = 50_000
FULL = Verdict(Recommendation.FULL, "need", "It answers a local need.")


class ByOfficer(SystemActor):
    """An officer by number, with the rights of one role at one funder (None: of the programme) and a limit."""

    def __init__(self, person: Person, role: OfficerRole, funder_id: int | None, limit: int | None = None) -> None:
        super().__init__(str(person.id), ActorKind.PERSON, person.id)
        object.__setattr__(self, "post", (role, funder_id, limit))

    def holds(self, subject: str) -> bool:
        return False

    def may(self, right: str) -> bool:
        return right in OFFICER_RIGHTS[self.post[0]]

    def may_at(self, right: str, funder_id: int) -> bool:
        role, own, _ = self.post
        return right in FUND_RIGHTS.get(role, ()) and own in {None, funder_id}

    def limit_at(self, right: str, funder_id: int) -> int | None:
        return self.post[2] if self.may_at(right, funder_id) else 0


class ByMember(SystemActor):
    """Somebody of a group, without an office."""

    def __init__(self, person: Person) -> None:
        super().__init__(str(person.id), ActorKind.PERSON, person.id)

    def may(self, right: str) -> bool:
        return False

    def may_at(self, right: str, funder_id: int) -> bool:
        return False


@dataclass
class Case:
    """A project, a funder with a fund and officers; offers are read anew each time they are asked for."""

    app: Flask
    clock: FixedClock
    project: Project
    owner: Person
    funder: Funder
    fund: Fund
    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, tuple[OfficerRole, int | None, int | None]] = field(default_factory=dict)

    def add_officer(
        self,
        name: str,
        role: OfficerRole,
        funder_id: int | None = None,
        limit: int | None = None,
    ) -> Person:
        """Add an officer, who has declared nothing yet."""
        with self.app.app_context():
            at = None if role.of_programme else funder_id or self.funder.id
            person = make_officer(role, self.clock.now(), funder_id=at, limit_pence=limit, name=name.title())
            self.people[name], self.roles[name] = person, (role, at, limit)
        return person

    def by(self, name: str) -> ByOfficer:
        """Return an officer who acts without a browser."""
        return ByOfficer(self.people[name], *self.roles[name])

    def browser(self, name: str = "owner") -> HouseClient:
        """Return the browser of an officer, or of the group's owner."""
        if name == "owner":
            return browser_of(self.app, self.owner)
        return browser_of(self.app, self.people[name], strong=True)

    def do(self, action: Any, *args: Any, actor: Any, **kw: Any) -> Any:
        """Run an action in a unit of work of its own, at the case's time."""
        with self.app.app_context(), unit_of_work() as session:
            return action(session, *args, actor=actor, now=self.clock.now(), **kw)

    def offer(self) -> MatchOffer:
        """Return the newest offer of the case as it is now."""
        with self.app.app_context():
            db.session.remove()
            found = select(MatchOffer).where(MatchOffer.project_id == self.project.id).order_by(MatchOffer.id.desc())
            return db.session.scalars(found.limit(1)).one()

    def pitch(self, pence: int = ASKED, **answers: str) -> MatchOffer:
        """Have the owner ask the fund, and return the request."""
        me, key = ByMember(self.owner), str(self.fund.id)
        self.do(choose_funds, self.project.id, [key], self._version(), actor=me)
        self.do(ask_sums, self.project.id, {key: pence}, "Nobody can sit down.", self._version(), actor=me)
        given = {"who": "Everybody"} | answers
        self.do(answer_questions, self.project.id, key, given, self._version(), actor=me)
        self.do(send_pitch, self.project.id, self._version(), actor=me)
        return self.offer()

    def declare(self, name: str, *, interest: bool = False) -> None:
        """Have an officer declare."""
        said = "A friend runs it." if interest else ""
        self.do(declare_interest, self.offer().id, interest, said, actor=self.by(name))

    def assess(self, recommendation: Recommendation = Recommendation.FULL, pence: int | None = None) -> None:
        """Have the assessor declare, take the request and assess it."""
        self.declare("assessor")
        by, findings = self.by("assessor"), {"need": Finding("yes", "We asked around.")}
        self.do(take_offer, self.offer().id, None, actor=by)
        advice = Advice(recommendation, pence, "It is needed.")
        self.do(assess_offer, self.offer().id, findings, advice, self.offer().version, actor=by)

    def decide(self, verdict: Verdict = FULL, name: str = "approver") -> None:
        """Have an approver declare and decide."""
        self.declare(name)
        self.do(decide_offer, self.offer().id, verdict, self.offer().version, actor=self.by(name))

    def accept(self, had_pence: int = 0) -> None:
        """Have the owner accept the offer."""
        offer = self.offer()
        self.do(accept_offer, offer.id, Subsidy(had_pence), offer.version, actor=ByMember(self.owner))

    def offered(self) -> MatchOffer:
        """Take a request all the way to an offer, and return it."""
        self.pitch()
        self.assess()
        self.decide()
        return self.offer()

    def forward(self, **step: float) -> None:
        """Move the clock on and let the worker do what is due."""
        self.clock.forward(timedelta(**step))
        self.work()

    def work(self) -> None:
        """Let the worker do what is due."""
        with self.app.app_context():
            worker_of(self.app).drain()
            db.session.remove()

    def mails(self, template: str) -> list[Mail]:
        """Let the worker work and return the mails of a template."""
        self.work()
        with self.app.app_context():
            return list(db.session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))

    def address(self, page: str = "") -> str:
        """Return the address of an officers' page of the newest offer."""
        base = f"/officers/matches/{self.offer().public_id}"
        return f"{base}/{page}" if page else base

    def group_address(self, page: str = "") -> str:
        """Return the address of one of the group's pages about funds."""
        base = f"/apply/projects/{self.project.public_id}/match"
        return f"{base}/{page}" if page else base

    def _version(self) -> int:
        with self.app.app_context():
            draft = find_draft(db.session(), self.project.id)
            return draft.version if draft else 0


def make_case(
    app: Flask,
    clock: FixedClock,
    state: ProjectState = ProjectState.LIVE,
    *,
    money: int = 500_000,
    limit: int | None = LIMIT,
    **terms: Any,
) -> Case:
    """Return a project in this state, and a fund with `money` pence and the terms given, its officers named by role."""
    with app.app_context():
        project = make_project(clock.now(), state)
        owner = make_member(project.group_id, MemberRole.OWNER, clock.now(), name="Olu Owner")
        with unit_of_work() as session:
            funder = make_funder(session)
            fund = make_fund(session, funder, clock.now(), **terms)
            if money:
                fill_fund(session, fund, money, clock.now())
    case = Case(app, clock, project, owner, funder, fund)
    case.add_officer("assessor", OfficerRole.FUNDER_ASSESSOR)
    case.add_officer("approver", OfficerRole.FUNDER_APPROVER, limit=limit)
    case.add_officer("second", OfficerRole.FUNDER_APPROVER, limit=limit)
    return case
