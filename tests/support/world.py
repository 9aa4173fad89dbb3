"""A small world with at least one row in every table, and one more of whatever others refer to."""

from sqlalchemy import insert

from crowdfund.accounts.actions import find_or_create_person, hand_over, issue_code, open_session
from crowdfund.accounts.roles import MemberRole
from crowdfund.core import audit
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.ids import public_id
from crowdfund.core.movable_clock import ClockOffset
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.actions import add_member
from crowdfund.ledger.posting import open_account, post
from crowdfund.ledger.rules import AccountKind, Book, LedgerEvent
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import StripeEvent
from crowdfund.payments.rules import EventState
from crowdfund.projects.actions import post_update
from crowdfund.web.limits import hit
from tests.support.clock import START
from tests.support.factories import TESTER, make_group, make_person, make_pledge, make_project, start
from tests.support.world_of_grants import fill_grants
from tests.support.world_of_match import fill_match
from tests.support.world_of_money import fill_money
from tests.support.world_of_officers import fill_officers


def make_world(clock: FixedClock) -> None:
    """Fill every table. The newest row of each is filled in as far as it goes."""
    now, real = clock.now(), real_now()
    make_project(now)
    project = make_project(now)
    start(project, now)
    make_pledge(project, now)
    rosa = make_person(now, "rosa@example.org")
    with unit_of_work() as session:
        group = make_group(session, now)
        add_member(session, group, rosa.id, MemberRole.OWNER)
        post_update(session, project.id, "News", "We started.", actor=TESTER, now=now)
        row, _ = open_session(session, secret="s", real=real)
        row.person_id = rosa.id
        hand_over(session, row.id, "pledge:1")
        issue_code(session, "pledge:1", "rosa@example.org", secret="s", real=real)
        session.execute(insert(ClockOffset).values(id=1, seconds=0))
        event = {"id": "evt_1", "kind": "x", "object_ref": "x", "state": EventState.DONE, "received_at": now}
        session.execute(insert(StripeEvent).values(event))
        mail = {"public_id": public_id(), "key": "k", "template": "x", "recipient": "rosa@example.org"}
        session.execute(insert(Mail).values(**mail, subject="x", body="x", created_at=now))
        hit(session, "x", "x", times=1, per=real - START.replace(year=2020), real=real)
        audit.seal(session, 3)
        fill_officers(session, project, group, rosa.id, now)
        ann = find_or_create_person(session, "ann@example.org", "Ann", actor=TESTER, now=now)
        fill_money(session, project.id, (rosa.id, ann.id), now)
        free = find_or_create_person(session, "free@example.org", "Free", actor=TESTER, now=now)
        fill_match(session, project.id, (ann.id, free.id), now)
        fill_grants(session, rosa.id, (ann.id, free.id), now)
        _reversal(session, clock)


def _reversal(session: object, clock: FixedClock) -> None:
    held, provider = (open_account(session, kind, 1) for kind in (AccountKind.HELD, AccountKind.PROVIDER))
    entry = {"book": Book.CASH, "actor": TESTER, "now": clock.now()}
    first = post(session, LedgerEvent.CHARGE_COLLECTED, key="a", lines=[(held, 5), (provider, -5)], **entry)
    back = [(held, -5), (provider, 5)]
    post(session, LedgerEvent.CHARGE_REFUNDED, key="b", lines=back, reverses_id=first, **entry)
