"""A shortfall is decided by a programme approver, with a reason, as a recorded decision; once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.checking.queries import authority_of
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.matching.settling import make_payable
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.projects.running import demand_distance, demand_reason
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.notices import tell_backers
from crowdfund.settlement.overview import Sums, read_sums
from crowdfund.settlement.refunding_all import start_refunding
from crowdfund.settlement.rules import SHORTFALL_WORDS, ShortfallChoice
from crowdfund.web.templating import day

MOST_NAME = 100
MOST_CONSENT = 2000
NO_WHO = "Enter the name of the person who gave it."
NO_TEXT = "Enter what the group wrote."
NO_FUNDER = "Enter the name of the funder who pays."
NO_BANK_REFERENCE = "Enter the reference of the payment on the bank statement."


@dataclass(frozen=True)
class Consent:
    """The group's agreement in writing to go ahead with less: who gave it, on which day, in which words."""

    who: str
    on: date
    text: str


@dataclass(frozen=True)
class PaidIn:
    """A funder's money for what is missing, as it arrived in the council's bank."""

    funder: str
    bank_reference: str


def decide_shortfall(
    session: Session,
    project_id: int,
    choice: ShortfallChoice,
    reason: str,
    *,
    consent: Consent | None = None,
    paid_in: PaidIn | None = None,
    actor: Actor,
    now: datetime,
) -> Decision:
    """Decide what becomes of a project for which too little could be collected; who is concerned is told.

    TOP_UP books all that is missing as paid in by a funder and needs `paid_in`; ACCEPT_LESS needs `consent`;
    REFUND_ALL gives every payment back. Raises Forbidden for whoever may not decide or is tied to the project,
    Refused when it was decided already, without a reason, or without what the choice needs.
    """
    project = lock(session, Project, project_id)
    authority = demand_settler(session, project, actor)
    if project.state is not ProjectState.SHORTFALL:
        raise Refused("not_short", "This was decided already, or nothing has to be decided about this project.")
    demand_reason(reason)
    sums = read_sums(session, project_id)
    basis, amount_pence, words = _basis(choice, sums, project, consent=consent, paid_in=paid_in, now=now)
    decision = record_decision(
        session,
        f"project:{project_id}",
        choice.value,
        criterion=basis,
        reason=f"{reason}\n\n{words}" if words else reason,
        authority=authority,
        amount_pence=amount_pence,
        actor=actor,
        now=now,
    )
    settlement = session.get_one(Settlement, project_id, populate_existing=True)
    settlement.decision_id = decision.id
    session.flush()
    data = {"decision_id": decision.id, "choice": choice.value}
    audit.record(session, Tag.SHORTFALL_DECIDED, actor=actor, subject_id=project_id, now=now, **data)
    _carry_out(session, project, choice, reason, amount_pence, actor=actor, now=now)
    return decision


def demand_settler(session: Session, project: Project, actor: Actor) -> str:
    """Return the words of the role under which the actor decides. Raises Forbidden for whoever may not.

    Even the service itself never stands in for the person who decides.
    """
    if actor.person_id is None or not actor.may(Right.SETTLE_PROJECTS):
        raise Forbidden(f"Your role does not let you {Right.SETTLE_PROJECTS}.")
    demand_distance(session, project, actor)
    authority = authority_of(session, actor.person_id, Right.SETTLE_PROJECTS)
    if authority is None:
        raise Forbidden(f"Your role does not let you {Right.SETTLE_PROJECTS}.")
    return authority


def _basis(
    choice: ShortfallChoice,
    sums: Sums,
    project: Project,
    *,
    consent: Consent | None,
    paid_in: PaidIn | None,
    now: datetime,
) -> tuple[str, int, str]:
    """Return what the decision rests on, its amount in pence, and what is recorded with the reason."""
    match choice:
        case ShortfallChoice.TOP_UP:
            paid_in = _demand_paid_in(paid_in, sums)
            arrived = f"{pounds(sums.missing_pence)} from {paid_in.funder}, bank reference {paid_in.bank_reference}."
            return f"A top-up by {paid_in.funder}", sums.missing_pence, f"Paid in: {arrived}"
        case ShortfallChoice.ACCEPT_LESS:
            consent = _demand_consent(consent, project, now)
            given = f"given by {consent.who} on {day(consent.on)}"
            there = sums.there_pence
            return f"The group’s consent in writing, {given}", there, f"The group’s consent, {given}:\n{consent.text}"
        case ShortfallChoice.REFUND_ALL:
            return SHORTFALL_WORDS[choice], sums.held_pence, ""


def _demand_paid_in(paid_in: PaidIn | None, sums: Sums) -> PaidIn:
    if paid_in is None or not paid_in.funder.strip():
        raise Refused("no_funder", NO_FUNDER, "funder")
    if not paid_in.bank_reference.strip():
        raise Refused("no_bank_reference", NO_BANK_REFERENCE, "bank_reference")
    if not sums.missing_pence:
        raise Refused("nothing_missing", "Nothing is missing any more, so nothing has to be topped up.")
    return paid_in


def _demand_consent(consent: Consent | None, project: Project, now: datetime) -> Consent:
    if consent is None or not consent.who.strip():
        raise Refused("no_who", NO_WHO, "who")
    if not consent.text.strip():
        raise Refused("no_text", NO_TEXT, "text")
    assert project.deadline is not None
    first, last = project.deadline.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    if not first <= consent.on <= last:
        raise Refused("odd_day", f"Enter a day from {day(first)}, when pledging ended, to today.", "on")
    return consent


def _carry_out(
    session: Session, project: Project, choice: ShortfallChoice, reason: str, pence: int, *, actor: Actor, now: datetime
) -> None:
    if choice is ShortfallChoice.REFUND_ALL:
        start_refunding(session, project, reason, actor=actor, now=now)
        return
    topped_up_pence = pence if choice is ShortfallChoice.TOP_UP else 0
    if topped_up_pence:
        session.get_one(Settlement, project.id).top_up_pence = topped_up_pence
        session.flush()
        posting = Posting(session, f"settlement:{project.id}:top_up", actor, now)
        postings.receive_top_up(posting, project.id, topped_up_pence)
    else:
        tell_backers(session, project.id, "less", now)
    move_project(session, project.id, ProjectState.FUNDED, reason=reason, actor=actor, now=now)
    make_payable(session, project, actor=actor, now=now)
    told: dict[str, Any] = {"sums": read_sums(session, project.id), "topped_up_pence": topped_up_pence}
    mail_group(session, project, "settlement_funded", now, **told)
