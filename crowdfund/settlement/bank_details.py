"""Who gives bank details for whom: a group's owner for the group, whoever answered for the host for the host."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.db import lock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.groups.models import Group, Host
from crowdfund.groups.queries import find_accepted_host, needs_host, require_right
from crowdfund.groups.rules import HostState
from crowdfund.notifications.actions import queue_mail
from crowdfund.payouts.details import Account, give_details
from crowdfund.payouts.models import BankDetails
from crowdfund.payouts.queries import find_details
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.paying import addresses_of, payee_of, whom_to_tell

_S = ProjectState
MONEY_COMES = frozenset({_S.COLLECTING, _S.SHORTFALL, _S.FUNDED, _S.RING_FENCED, _S.DELIVERING})


def give_for_group(
    session: Session, group_id: int, account: Account, *, secret: str, actor: Actor, now: datetime
) -> BankDetails:
    """Set where a group is paid; everybody concerned is mailed.

    Raises NotFound and Forbidden for people who may not, Refused where a host takes the money.
    """
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    host = find_accepted_host(session, group_id)
    if host is not None:
        raise Refused("host_pays", f"{host.name} takes the money for your group, so it gives its own bank details.")
    if needs_host(group):
        raise Refused("no_account", "You told us that your group has no bank account in its name. Name a host first.")
    return _give(session, group, None, account, secret=secret, actor=actor, now=now)


def give_for_host(
    session: Session, host_id: int, account: Account, *, secret: str, actor: Actor, now: datetime
) -> BankDetails:
    """Set where a host is paid; everybody concerned is mailed. Raises NotFound but for whoever answered for it."""
    group_id = select(Host.group_id).where(Host.id == host_id).scalar_subquery()
    group, host = lock(session, Group, group_id), lock(session, Host, host_id)
    demand_hosts_person(host, actor)
    return _give(session, group, host, account, secret=secret, actor=actor, now=now)


def demand_hosts_person(host: Host, actor: Actor) -> None:
    """Raise NotFound unless the host agreed and the actor is the person who answered for it."""
    if host.state is not HostState.ACCEPTED or actor.person_id is None or host.answered_by_id != actor.person_id:
        raise NotFound(f"host {host.id}")


def get_host(session: Session, public_id: str, actor: Actor) -> tuple[Host, Group]:
    """Return a host and its group to the person who answered for it. Raises NotFound."""
    host = session.scalars(select(Host).where(Host.public_id == public_id)).one_or_none()
    if host is None:
        raise NotFound(f"host {public_id}")
    demand_hosts_person(host, actor)
    return host, session.get_one(Group, host.group_id)


def ask_host(session: Session, group_id: int, link: str, *, actor: Actor, now: datetime) -> None:
    """Mail the host of a group that its bank details are wanted; `link` is the page for them.

    Raises NotFound and Forbidden for people who may not, Refused where no host agreed or it gave them already.
    """
    group = lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.MANAGE)
    host = find_accepted_host(session, group_id)
    if host is None:
        raise Refused("no_host", "Your group has no host that agreed.")
    if find_details(session, f"host:{host.id}") is not None:
        raise Refused("given", f"{host.name} gave its bank details already.")
    words: dict[str, Any] = {"group": group, "host": host, "link": link}
    for address in addresses_of(session, host):
        key = f"bank-wanted:{host.id}:{now:%Y%m%d%H}:{address}"[:120]
        queue_mail(session, "bank_details_wanted", address, key=key, now=now, **words)


def lacks_bank_details(session: Session, project: Project, group: Group) -> bool:
    """Say whether money comes to a project and nobody has said yet where to pay it."""
    if project.state not in MONEY_COMES:
        return False
    payee = payee_of(group, find_accepted_host(session, group.id))
    return payee is None or find_details(session, payee) is None


def _give(
    session: Session, group: Group, host: Host | None, account: Account, *, secret: str, actor: Actor, now: datetime
) -> BankDetails:
    payee = f"host:{host.id}" if host else f"group:{group.id}"
    before = find_details(session, payee)
    row = give_details(session, payee, account, group_id=group.id, secret=secret, actor=actor, now=now)
    giver = session.get_one(Person, actor.person_id).name or "Somebody"
    words: dict[str, Any] = {"details": row, "giver": giver, "before": before}
    words["payee_name"] = host.name if host else group.name
    # An intruder may have changed the group's people first: whoever gave the old details is still told.
    gave = session.get(Person, before.given_by_id) if before else None
    told = [*whom_to_tell(session, group, host), *([gave.email] if gave and gave.email else [])]
    for address in dict.fromkeys(told):
        key = f"bank-details:{row.id}:{address}"[:120]
        queue_mail(session, "bank_details_changed", address, key=key, now=now, **words)
    return row
