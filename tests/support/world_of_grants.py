"""The part of a small world in which grants are given: a row in each of their tables, filled in as far as it goes."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.ids import public_id, reference
from crowdfund.decisions.models import Decision, Interest
from crowdfund.funds.models import Fund
from crowdfund.grants.models import (
    GrantAnswer,
    GrantApplication,
    GrantAssessment,
    GrantAssessor,
    GrantPlan,
    GrantQuestion,
    GrantRound,
)
from crowdfund.grants.panel_models import GrantPanel, GrantPlacing
from crowdfund.grants.review_models import GrantReview
from crowdfund.grants.rules import ApplicationState, Outcome, RoundState
from crowdfund.groups.models import Group


def fill_grants(session: Session, interested: int, people: tuple[int, int], now: datetime) -> None:
    """Fill the tables of grants with an award that was accepted.

    `interested` declared an interest in it; the first of the people assessed it, the second decided.
    """
    assessor, approver = people
    fund = session.scalars(select(Fund)).first()
    row = _round(session, fund.id, assessor, now)
    _round(session, fund.id, assessor, now)
    plans = [GrantPlan(round_id=row.id, number=n, plan={}, published_by_id=assessor, published_at=now) for n in (1, 2)]
    session.add_all(plans)
    session.flush()
    groups = session.scalars(select(Group.id).order_by(Group.id)).all()
    _application(session, row, plans[0].id, groups[0], people, now)
    application = _application(session, row, plans[0].id, groups[1], people, now)
    of = {"application_id": application.id}
    session.add_all(
        [
            GrantReview(
                **of, words="Wrong.", asked_by_id=approver, asked_at=now, due_at=now, is_upheld=True,
                answer="So it was.", answered_by_id=interested, answered_at=now,
            ),
            GrantAnswer(
                **of, key="costs", value=[{"what": "Timber", "pence": 5}], version=1, saved_by_id=assessor, saved_at=now
            ),
            GrantAssessor(**of, person_id=assessor, taken_at=now, given_back_at=now),
            GrantQuestion(
                **of, public_id=public_id(), words="How?", asked_by_id=assessor, asked_at=now, due_at=now,
                answer="So.", answered_by_id=approver, answered_at=now,
            ),
            GrantAssessment(
                **of, number=1, assessor_id=assessor, scores={}, recommendation=Outcome.FULL, recommended_pence=5,
                reason="It is needed.", assessed_at=now,
            ),
            Interest(
                person_id=interested, subject=application.subject, has_interest=True, statement="A friend.",
                declared_at=now,
            ),
        ]
    )  # fmt: skip
    panel = GrantPanel(
        public_id=public_id(), round_id=row.id, reference="21/00055", minutes="We met.", confirmed_by_id=approver,
        confirmed_at=now,
    )  # fmt: skip
    session.add(panel)
    session.flush()
    session.add(
        GrantPlacing(
            **of, outcome=Outcome.UP_TO, pence=5, criterion="need", reason="Good.", placed_by_id=approver,
            placed_at=now, panel_id=panel.id, done_at=now, fault="x",
        )
    )  # fmt: skip
    session.flush()


def _round(session: Session, fund_id: int, person: int, now: datetime) -> GrantRound:
    row = GrantRound(
        public_id=public_id(),
        slug=public_id(),
        fund_id=fund_id,
        title="Small grants",
        state=RoundState.DECIDED,
        opens_at=now,
        closes_at=now + timedelta(days=1),
        decides_on=now.date(),
        budget_pence=500,
        draft={},
        plan_number=1,
        started_by_id=person,
        started_at=now,
        unsealed_by_id=person,
        unsealed_at=now,
        unsealed_reason="Early.",
        decided_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _application(
    session: Session, row: GrantRound, plan_id: int, group_id: int, people: tuple[int, int], now: datetime
) -> GrantApplication:
    assessor, approver = people
    group = session.get_one(Group, group_id)
    application = GrantApplication(
        public_id=public_id(),
        reference=reference("G"),
        round_id=row.id,
        plan_id=plan_id,
        fund_id=row.fund_id,
        group_id=group_id,
        state=ApplicationState.ACCEPTED,
        title="A shed",
        district_code=group.district_code,
        asked_pence=9,
        income_pence=500,
        works_at_risk=False,
        tier="micro",
        started_by_id=assessor,
        started_at=now,
        saved_at=now,
        declared_by_id=assessor,
        declared_at=now,
        confirmed_by_id=approver,
        submitted_at=now,
        decided_by_id=approver,
        decision_id=session.scalars(select(Decision.id)).first(),
        decided_at=now,
        awarded_pence=5,
        expires_at=now,
        reminded_at=now,
        signed_by_id=assessor,
        signed_at=now,
        countersigned_by_id=approver,
        accepted_at=now,
        subsidy_words="No subsidies.",
        ended_at=now,
        end_reason="x",
    )
    session.add(application)
    session.flush()
    return application
