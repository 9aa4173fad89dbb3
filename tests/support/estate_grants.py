"""The part of an estate that is about grants: a round for each project, with an application of the group in it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.ids import public_id, reference
from crowdfund.decisions.actions import record_decision
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.funds.models import Fund
from crowdfund.grants.models import GrantAnswer, GrantApplication, GrantPlan, GrantQuestion, GrantRound
from crowdfund.grants.panel_models import GrantPanel
from crowdfund.grants.plans import write_plan
from crowdfund.grants.ready_made import MICRO
from crowdfund.grants.rules import ApplicationState, RoundState
from crowdfund.groups.models import Group
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.estate_match import FUNDER

A = ApplicationState
# How far the application beside a project is; others are drafts.
APPLIED = {
    ProjectState.WITHDRAWN: A.OFFERED,
    ProjectState.SUBMITTED: A.CLARIFICATION,
    ProjectState.READY: A.SUBMITTED,
}
PENCE = 20_000


def apply_for_grant(
    session: Session, group: Group, owner: Person, state: ProjectState, now: datetime
) -> dict[str, str]:
    """Add a round and what the group has in it beside a project in this state; return what addresses call them."""
    fund = session.query(Fund).filter_by(funder_id=FUNDER).order_by(Fund.id).first()
    assert fund is not None
    applied = APPLIED.get(state, A.DRAFT)
    row = _round(session, fund, owner, applied, now)
    plan = GrantPlan(round_id=row.id, number=1, plan=row.draft, published_by_id=owner.id, published_at=now)
    session.add(plan)
    session.flush()
    given = {} if applied is A.DRAFT else {"declared_by_id": owner.id, "declared_at": now, "submitted_at": now}
    application = GrantApplication(
        public_id=public_id(),
        reference=reference("G"),
        round_id=row.id,
        plan_id=plan.id,
        fund_id=fund.id,
        group_id=group.id,
        state=A.IN_ASSESSMENT if applied is A.OFFERED else applied,
        title="A shed",
        district_code=group.district_code,
        asked_pence=PENCE,
        income_pence=0,
        works_at_risk=False,
        tier="micro",
        started_by_id=owner.id,
        started_at=now,
        saved_at=now,
        **given,
    )
    session.add(application)
    session.flush()
    if applied is A.OFFERED:
        _award(session, application, owner, now)
    words = {"round_slug": row.slug, "grant_round": row.public_id, "application": application.public_id}
    return words | _things(session, application, owner, now)


def _round(session: Session, fund: Fund, owner: Person, applied: A, now: datetime) -> GrantRound:
    is_over = applied in {A.CLARIFICATION, A.OFFERED}
    begins = now - timedelta(days=20) if is_over else now
    row = GrantRound(
        public_id=public_id(),
        slug=public_id(),
        fund_id=fund.id,
        title="Small grants",
        state=RoundState.ASSESSING if is_over else RoundState.OPEN,
        opens_at=begins,
        closes_at=begins + timedelta(days=10),
        decides_on=(begins + timedelta(days=40)).date(),
        budget_pence=500_000,
        draft=write_plan(MICRO),
        plan_number=1,
        started_by_id=owner.id,
        started_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _award(session: Session, application: GrantApplication, owner: Person, now: datetime) -> None:
    said = {"criterion": "need", "reason": "It answers a need.", "authority": "Delegated", "amount_pence": PENCE}
    decision = record_decision(session, application.subject, "full", **said, actor=By(owner), now=now)
    application.decision_id, application.awarded_pence = decision.id, PENCE
    application.state = A.AWARDED
    session.flush()
    application.expires_at, application.state = now + timedelta(days=20), A.OFFERED


def _things(session: Session, application: GrantApplication, owner: Person, now: datetime) -> dict[str, str]:
    saved: dict[str, Any] = {"application_id": application.id, "saved_by_id": owner.id, "saved_at": now, "version": 1}
    costs = [{"what": "Timber", "pence": PENCE}]
    for key, value in (("what", "We mend it."), ("who", "Everybody."), ("costs", costs)):
        session.add(GrantAnswer(key=key, value=value, **saved))
    question = GrantQuestion(
        public_id=public_id(),
        application_id=application.id,
        words="Who owns it?",
        asked_by_id=owner.id,
        asked_at=now,
        due_at=now,
    )
    paper = StoredFile(
        public_id=public_id(),
        subject=application.subject,
        purpose=Purpose.GRANT_ANSWER,
        name="a.pdf",
        media_type="application/pdf",
        size_bytes=1,
        body=b"x",
        uploaded_by_id=owner.id,
        uploaded_at=now,
    )
    session.add_all([question, paper])
    session.flush()
    panel = GrantPanel(
        public_id=public_id(),
        round_id=application.round_id,
        reference="",
        minutes="We met.",
        confirmed_by_id=owner.id,
        confirmed_at=now,
    )
    session.add(panel)
    session.flush()
    words = {"grant_panel": panel.public_id}
    return words | {"grant_question": question.public_id, "grant_file": paper.public_id}
