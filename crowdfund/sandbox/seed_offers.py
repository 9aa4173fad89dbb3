"""Demonstration requests to funds: asked, assessed, decided and answered, each by the right person at its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.posts import Post
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import real_now
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.matching.assessing import Advice, Finding, assess_offer, declare_interest, take_offer
from crowdfund.matching.choosing import list_choices
from crowdfund.matching.deciding import decide_offer
from crowdfund.matching.drafting import answer_questions, ask_sums, choose_funds
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.offering import Subsidy, accept_offer, expire_offer, take_effect, turn_down
from crowdfund.matching.pitching import send_pitch, take_back
from crowdfund.matching.queries import find_draft
from crowdfund.matching.rules import COMMITTED, OfferState, Recommendation
from crowdfund.matching.verdicts import AWARDING, Authority, Verdict
from crowdfund.projects.models import Project
from crowdfund.sandbox.demo.offers import REFUSED_BECAUSE, DemoOffer
from crowdfund.sandbox.seed_groups import SEEDER

_S = OfferState
_WHY = "The crowd can carry most of this. With your help it begins this year."
_ANSWER = "About sixty people each month, half of them for the first time."
_FOUND = "We rang the group and read its page."
_BEGUN = frozenset(_S) - {_S.PITCHED, _S.WITHDRAWN}
_ANSWERED = frozenset({*COMMITTED, _S.LAPSED})


@dataclass(frozen=True)
class Asker:
    """Brings the requests of projects on their way; `projects` are ids with their group's owner, by slug."""

    projects: Mapping[str, tuple[int, BrowserActor]]

    def bring(self, demo: DemoOffer, now: datetime) -> int:
        """Ask a fund and bring the request as far as it has come; `now` (UTC) is today. Returns its id."""
        asked = now - timedelta(days=demo.days_ago)
        offer_id, funder_id = self._ask(demo, asked)
        owner, step = self.projects[demo.project][1], timedelta(hours=6)
        if demo.state is _S.WITHDRAWN:
            _do(take_back, offer_id, _version(offer_id), "", actor=owner, now=asked + step)
        if demo.state in _BEGUN:
            self._assess(demo, offer_id, funder_id, asked + step)
        if demo.state in _BEGUN - {_S.ASSESSING}:
            self._decide(demo, offer_id, funder_id, asked + 2 * step)
            self._answer(demo, offer_id, owner, asked + 3 * step, now)
        return offer_id

    def _ask(self, demo: DemoOffer, at: datetime) -> tuple[int, int]:
        project_id, owner = self.projects[demo.project]
        who: dict[str, Any] = {"actor": owner, "now": at}
        with unit_of_work() as session:
            fund = session.scalars(select(Fund).where(Fund.slug == demo.fund)).one()
            choices = list_choices(session, session.get_one(Project, project_id), at)
            choice = next(one for one in choices if one.fund.id == fund.id)
            key, questions = choice.key, [question["key"] for question in choice.terms.questions]
            pence, funder_id = min(demo.asked_pence, choice.most_pence), fund.funder_id
        _do(choose_funds, project_id, [key], 0, **who)
        _do(ask_sums, project_id, {key: pence}, _WHY, _draft(project_id), **who)
        _do(answer_questions, project_id, key, dict.fromkeys(questions, _ANSWER), _draft(project_id), **who)
        with unit_of_work() as session:
            draft = find_draft(session, project_id)
            assert draft is not None
            [offer] = send_pitch(session, project_id, draft.version, **who)
            return offer.id, funder_id

    def _assess(self, demo: DemoOffer, offer_id: int, funder_id: int, at: datetime) -> None:
        who: dict[str, Any] = {"actor": officer_of(OfficerRole.FUNDER_ASSESSOR, funder_id), "now": at}
        _do(declare_interest, offer_id, False, "", **who)
        _do(take_offer, offer_id, None, **who)
        if demo.state is _S.ASSESSING:
            return
        with unit_of_work() as session:
            terms = session.get_one(FundTerms, session.get_one(MatchOffer, offer_id).terms_id)
            findings = {one["key"]: Finding("yes", _FOUND) for one in terms.criteria}
        if demo.outcome is Recommendation.DECLINE:
            findings[demo.criterion] = Finding("no", demo.reason)
        advice = Advice(demo.outcome, demo.pence, demo.reason)
        _do(assess_offer, offer_id, findings, advice, _version(offer_id), **who)

    def _decide(self, demo: DemoOffer, offer_id: int, funder_id: int, at: datetime) -> None:
        who: dict[str, Any] = {"actor": officer_of(OfficerRole.FUNDER_APPROVER, funder_id), "now": at}
        _do(declare_interest, offer_id, False, "", **who)
        verdict = Verdict(
            demo.outcome,
            demo.criterion,
            demo.reason,
            pence=demo.pence,
            authority=Authority.CABINET_MEMBER if demo.reference else Authority.DELEGATED,
            reference=demo.reference,
        )
        _do(decide_offer, offer_id, verdict, _version(offer_id), **who)

    def _answer(self, demo: DemoOffer, offer_id: int, owner: BrowserActor, at: datetime, now: datetime) -> None:
        with unit_of_work() as session:
            effective = session.get_one(MatchOffer, offer_id).effective_at
        if demo.outcome not in AWARDING or effective is None:
            return
        _do(take_effect, offer_id, actor=SEEDER, now=effective)
        answered: dict[str, Any] = {"actor": owner, "now": min(now, max(at, effective + timedelta(hours=5)))}
        if demo.state in _ANSWERED:
            _do(accept_offer, offer_id, Subsidy(0), _version(offer_id), **answered)
        elif demo.state is _S.REFUSED:
            _do(turn_down, offer_id, REFUSED_BECAUSE, _version(offer_id), **answered)
        elif demo.state is _S.EXPIRED:
            _do(expire_offer, offer_id, actor=SEEDER, now=now)


def officer_of(role: OfficerRole, funder_id: int) -> BrowserActor:
    """Return a funder's only officer in a role, with a second factor just given."""
    with unit_of_work() as session:
        post = session.scalars(
            select(OfficerPost).where(OfficerPost.role == role, OfficerPost.funder_id == funder_id)
        ).one()
        held = Post(role, funder_id, post.limit_pence)
        return BrowserActor(person_id=post.person_id, strong_at=real_now(), posts=frozenset({held}))


def _do(action: Callable[..., Any], *args: Any, **who: Any) -> None:
    with unit_of_work() as session:
        action(session, *args, **who)


def _read(read: Callable[[Session], int]) -> int:
    with unit_of_work() as session:
        return read(session)


def _version(offer_id: int) -> int:
    return _read(lambda session: session.get_one(MatchOffer, offer_id).version)


def _draft(project_id: int) -> int:
    return _read(lambda session: getattr(find_draft(session, project_id), "version", 0))
