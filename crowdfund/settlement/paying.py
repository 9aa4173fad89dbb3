"""A project's side of payouts: who is paid, how much may leave, and what a confirmed payout means for the project."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.actor import Actor
from crowdfund.core.db import lock
from crowdfund.groups.models import Group, Host
from crowdfund.groups.queries import find_accepted_host, list_owner_emails, needs_host
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refunding import is_coming
from crowdfund.payouts.listening import Payable
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS, ProjectState
from crowdfund.projects.running import demand_declared, demand_distance
from crowdfund.settlement.paid_out import payout_confirmed

PAYING = frozenset({ProjectState.FUNDED, ProjectState.DELIVERING})


class ProjectPayouts:
    """Answers for purposes such as 'project:3'."""

    def lock(self, session: Session, subject_id: int) -> None:
        """Lock the project. Raises NotFound."""
        lock(session, Project, subject_id)

    def payable(self, session: Session, subject_id: int) -> Payable:
        """Return what may be paid out to the project's group or its host now. Raises NotFound."""
        project = session.get_one(Project, subject_id)
        group, host = session.get_one(Group, project.group_id), find_accepted_host(session, project.group_id)
        held_pence, disputed_pence, refunding_pence = _money_of(session, subject_id)
        return Payable(
            title=project.title,
            payee=payee_of(group, host) or "",
            payee_name=host.name if host else group.name,
            group_id=group.id,
            held_pence=held_pence,
            disputed_pence=disputed_pence,
            refunding_pence=refunding_pence,
            refusal=_refusal(project, payee_of(group, host)),
        )

    def whom_to_tell(self, session: Session, subject_id: int) -> Sequence[str]:
        """Return the addresses of the group and of its host."""
        project = session.get_one(Project, subject_id)
        group = session.get_one(Group, project.group_id)
        return whom_to_tell(session, group, find_accepted_host(session, group.id))

    def demand_apart(self, session: Session, subject_id: int, actor: Actor) -> None:
        """Raise Forbidden for an officer who is tied to the project or declared an interest in it."""
        demand_distance(session, session.get_one(Project, subject_id), actor)

    def demand_declared(self, session: Session, subject_id: int, actor: Actor) -> None:
        """Raise Forbidden for an officer who did not declare to have no interest in the project."""
        demand_declared(session, session.get_one(Project, subject_id), actor)

    def confirmed(self, session: Session, subject_id: int, *, actor: Actor, now: datetime) -> None:
        """The first payout that arrives starts the work."""
        payout_confirmed(session, subject_id, actor, now)


def payee_of(group: Group, host: Host | None) -> str | None:
    """Name who is paid for a group: its host where one agreed; None where it needs one and has none."""
    if host is not None:
        return f"host:{host.id}"
    return None if needs_host(group) else f"group:{group.id}"


def whom_to_tell(session: Session, group: Group, host: Host | None) -> Sequence[str]:
    """Return the addresses that hear of a group's money and bank details: owners, the group's and its host's."""
    wanted = [
        *list_owner_emails(session, group.id),
        group.contact_email,
        *(addresses_of(session, host) if host else []),
    ]
    return list(dict.fromkeys(address.lower() for address in wanted if address))


def addresses_of(session: Session, host: Host) -> Sequence[str]:
    """Return the addresses of a host: its contact's and that of whoever answered for it."""
    person = session.get(Person, host.answered_by_id) if host.answered_by_id else None
    found = [host.contact_email.lower(), *([person.email] if person and person.email else [])]
    return list(dict.fromkeys(found))


def _money_of(session: Session, project_id: int) -> tuple[int, int, int]:
    """Return what is held, and what disputes and refunds claim that the ledger has not taken yet, in pence."""
    held = select(func.coalesce(func.sum(LedgerAccount.balance_pence), 0)).where(
        LedgerAccount.kind == AccountKind.HELD, LedgerAccount.subject_id == project_id
    )
    about = ChargeAttempt.about == f"project:{project_id}"
    claimed = select(func.coalesce(func.sum(Dispute.amount_pence), 0)).join(ChargeAttempt).where(about)
    taken = (
        select(func.coalesce(func.sum(LedgerLine.amount_pence), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(
            LedgerEntry.event == LedgerEvent.DISPUTE_OPENED,
            LedgerAccount.kind.in_((AccountKind.HELD, AccountKind.EXPOSURE)),
            LedgerAccount.subject_id == project_id,
        )
    )
    coming = select(func.coalesce(func.sum(Refund.amount_pence), 0)).join(ChargeAttempt)
    coming = coming.where(about, is_coming())
    sums = [part.scalar_subquery() for part in (held, claimed, taken, coming)]
    held_pence, claimed_pence, taken_pence, coming_pence = map(int, session.execute(select(*sums)).one())
    return held_pence, max(0, claimed_pence + taken_pence), coming_pence


def _refusal(project: Project, payee: str | None) -> str:
    if project.state is ProjectState.RING_FENCED:
        return "The money of this project waits for a permission, so nothing is paid out until it is there."
    if project.state not in PAYING:
        return f"Nothing is paid out for this project as it stands: {WORDS[project.state]}."
    if payee is None:
        return "The group has no bank account in its own name and no host that agreed, so nobody can be paid."
    return ""
