"""Demonstration grants: rounds published, applications sent, assessed, decided and answered, each at its time."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import ids
from crowdfund.core.clock import LONDON
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund, Funder
from crowdfund.funds.rules import financial_year
from crowdfund.grants.applying import Basics, begin_application, declare, save_answer, save_basics, withdraw
from crowdfund.grants.assessing import Advice, Mark, ask_group, assess_application, declare_interest, take_application
from crowdfund.grants.deciding import GrantVerdict, decide_application
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.offering import expire_offer, sign_offer, turn_down
from crowdfund.grants.plans import Plan, write_plan
from crowdfund.grants.rounds import RoundFrame, move_by_clock, publish_round, start_round
from crowdfund.grants.rules import AWARDING, ApplicationState
from crowdfund.groups.models import Group
from crowdfund.ledger.match_postings import Part
from crowdfund.sandbox.demo import grants as demo
from crowdfund.sandbox.demo.grants import DemoApplication, DemoRound
from crowdfund.sandbox.seed_funds import fill
from crowdfund.sandbox.seed_groups import SEEDER, SeededGroup
from crowdfund.sandbox.seed_offers import officer_of

OPENS, CLOSES = time(9), time(17)  # in London
_S = ApplicationState
_FOUND = "We rang the group, and what it says is so."
_INCOME_PENCE = 640_000
_TAKEN = frozenset(_S) - {_S.DRAFT, _S.SUBMITTED, _S.WITHDRAWN}
_DECIDED = _TAKEN - {_S.IN_ASSESSMENT, _S.CLARIFICATION}


def seed_grants(groups: Mapping[str, SeededGroup], now: datetime) -> int:
    """Make a fund for grants and every round of it, as far as each has come at `now` (UTC); return how many applied."""
    with unit_of_work() as session:
        funder = session.scalars(select(Funder).where(Funder.slug == demo.FUNDER)).one()
        fund_id, funder_id = _make_fund(session, funder.id, now), funder.id
    for row in demo.ROUNDS:
        Granter(groups, fund_id, funder_id, now).bring(row)
    return sum(len(row.applications) for row in demo.ROUNDS)


def _make_fund(session: Session, funder_id: int, now: datetime) -> int:
    # Without terms: it adds nothing to projects, and gives grants alone.
    fund = Fund(
        public_id=ids.public_id(),
        slug=demo.FUND_SLUG,
        funder_id=funder_id,
        name=demo.FUND_NAME,
        about=demo.FUND_ABOUT,
        place=100,
        pays_direct=False,
    )
    session.add(fund)
    session.flush()
    year = financial_year(now.astimezone(LONDON).date())
    fill(session, fund.id, Part("Base budget", year, demo.POT_PENCE), now, in_bank=True)
    return fund.id


class Granter:
    """Brings rounds and the applications in them on their way."""

    def __init__(self, groups: Mapping[str, SeededGroup], fund_id: int, funder_id: int, now: datetime) -> None:
        self._groups, self._fund_id, self._now = groups, fund_id, now
        self._administrator = officer_of(OfficerRole.FUNDER_ADMINISTRATOR, funder_id)
        self._assessor = officer_of(OfficerRole.FUNDER_ASSESSOR, funder_id)
        self._approver = officer_of(OfficerRole.FUNDER_APPROVER, funder_id)

    def bring(self, row: DemoRound) -> int:
        """Publish a round, have groups apply, and assess and decide what has come to that; return the round's id."""
        opens, closes = self._on(row.opens, OPENS), self._on(row.closes, CLOSES)
        decides = self._on(row.decides, CLOSES).astimezone(LONDON).date()
        frame = RoundFrame(row.title, opens, closes, decides, row.budget_pence)
        written: dict[str, Any] = {"actor": self._administrator, "now": min(opens, self._now) - timedelta(days=10)}
        round_id: int = _do(start_round, self._fund_id, frame, write_plan(row.plan), **written)
        _do(publish_round, round_id, 0, **written)
        if opens > self._now:
            return round_id
        _do(move_by_clock, round_id, actor=SEEDER, now=opens)
        sent = [
            (one, self._apply(one, round_id, row.plan, opens + timedelta(days=1 + number)))
            for number, one in enumerate(row.applications)
        ]
        if closes <= self._now:
            _do(move_by_clock, round_id, actor=SEEDER, now=closes)
            for one, application_id in sent:
                self._assess(one, application_id, row.plan, closes + timedelta(days=3))
            for one, application_id in sent:
                self._decide(one, application_id)
        return round_id

    def _on(self, days: int, hour: time) -> datetime:
        day = self._now.astimezone(LONDON).date() + timedelta(days=days)
        return datetime.combine(day, hour, tzinfo=LONDON).astimezone(UTC)

    def _apply(self, one: DemoApplication, round_id: int, plan: Plan, at: datetime) -> int:
        group, step = self._groups[one.group], timedelta(minutes=one.minutes)
        owner = BrowserActor(person_id=group.owner_id)
        application_id: int = _do(begin_application, round_id, group.id, actor=owner, now=at)
        with unit_of_work() as session:
            district = session.get_one(Group, group.id).district_code
        basics = Basics(one.title, one.asked_pence, _INCOME_PENCE, False, str(district))
        at += step
        _do(save_basics, application_id, basics, _version(application_id), actor=owner, now=at)
        for question in plan.questions:
            typed = _answers(one).get(question.key, "")
            if not typed and one.state is not _S.DRAFT:
                continue
            at += step
            _do(save_answer, application_id, question.key, typed, 0, actor=owner, now=at)
            if one.state is _S.DRAFT and question.key == one.left_at:
                return application_id
        at += step
        if one.state is not _S.DRAFT:
            _do(declare, application_id, _version(application_id), actor=owner, now=at)
        if one.state is _S.WITHDRAWN:
            late = at + timedelta(days=1)
            _do(withdraw, application_id, demo.TURNED_DOWN, _version(application_id), actor=owner, now=late)
        return application_id

    def _assess(self, one: DemoApplication, application_id: int, plan: Plan, at: datetime) -> None:
        if one.state not in _TAKEN:
            return
        who: dict[str, Any] = {"actor": self._assessor, "now": at}
        _do(declare_interest, application_id, False, "", **who)
        _do(take_application, application_id, **who)
        if one.state is _S.CLARIFICATION:
            _do(ask_group, application_id, demo.ASKED, **who)
        elif one.is_scored:
            low = {one.criterion} if one.outcome not in AWARDING else set()
            marks = {key.key: Mark(1 if key.key in low else 3, _FOUND) for key in plan.criteria}
            _do(assess_application, application_id, marks, Advice(one.outcome, one.pence, one.reason), **who)

    def _decide(self, one: DemoApplication, application_id: int) -> None:
        if one.state not in _DECIDED:
            return
        at = self._now - timedelta(days=one.decided_days_ago)
        who: dict[str, Any] = {"actor": self._approver, "now": at}
        _do(declare_interest, application_id, False, "", **who)
        verdict = GrantVerdict(one.outcome, one.criterion, one.reason, one.pence)
        _do(decide_application, application_id, verdict, _version(application_id), **who)
        owner = BrowserActor(person_id=self._groups[one.group].owner_id)
        answered: dict[str, Any] = {"actor": owner, "now": at + timedelta(days=3)}
        if one.state is _S.ACCEPTED:
            _do(sign_offer, application_id, 0, _version(application_id), **answered)
        elif one.state is _S.REFUSED:
            _do(turn_down, application_id, demo.TURNED_DOWN, _version(application_id), **answered)
        elif one.state is _S.EXPIRED:
            _do(expire_offer, application_id, actor=SEEDER, now=at + timedelta(days=29))


def _answers(one: DemoApplication) -> dict[str, str]:
    pounds, pence = divmod(one.asked_pence, 100)
    return {"what": one.what, "who": one.who, "people": "12", "costs": f"{one.title}: {pounds}.{pence:02d}"}


def _do(action: Callable[..., Any], *args: Any, **who: Any) -> Any:
    """Carry out an action in a unit of work of its own; return the id of what it made, if anything."""
    with unit_of_work() as session:
        return getattr(action(session, *args, **who), "id", None)


def _version(application_id: int) -> int:
    with unit_of_work() as session:
        return session.get_one(GrantApplication, application_id).version
