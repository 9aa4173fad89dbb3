"""Funders in a rehearsal: three funds that back projects, and what became of their money, in pence."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crowdfund.accounts.current import BrowserActor
from crowdfund.accounts.models import OfficerPost
from crowdfund.accounts.officers import appoint_officer
from crowdfund.accounts.posts import Post
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import clock
from crowdfund.core.clock import real_now
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import pots
from crowdfund.funds.models import BudgetLine, Fund
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.paying import record_direct
from crowdfund.matching.rules import OfferState
from crowdfund.sandbox.demo.offers import BREWERY, FOLKESTONE, NHS, DemoOffer
from crowdfund.sandbox.rehearsal.stage import Stage
from crowdfund.sandbox.seed_funds import seed_funders
from crowdfund.sandbox.seed_groups import SEEDER
from crowdfund.sandbox.seed_offers import Asker

_ROLES = (OfficerRole.FUNDER_ASSESSOR, OfficerRole.FUNDER_APPROVER, OfficerRole.FUNDER_FINANCE)
_KINDS = {
    AccountKind.POT_AVAILABLE: "left_pence",
    AccountKind.MATCH_RESERVED: "reserved_pence",
    AccountKind.MATCH_CONFIRMED: "confirmed_pence",
    AccountKind.MATCH_PAID: "paid_pence",
}


def ask_funds(stage: Stage, projects: Mapping[str, tuple[int, BrowserActor]], reaches: str, misses: str) -> int:
    """Have three funds back the project that `reaches` its target, one also the one that misses it; return pence."""
    for slug, funder_id in stage.do(seed_funders).items():
        for role in _ROLES:
            email = f"{role.value}.{slug}@example.org".replace("_", ".")
            stage.do(appoint_officer, email, "Fay Funder", role, funder_id=funder_id, actor=SEEDER)
    asked = (
        (reaches, NHS, 20_000),
        (reaches, FOLKESTONE, 5000),
        (reaches, BREWERY, 10_000),
        (misses, FOLKESTONE, 9000),
    )
    asker = Asker(projects)
    for project, fund, pence in asked:
        asker.bring(DemoOffer(project, fund, pence, 0, OfferState.ACCEPTED), clock.now())
    return int(db.session.scalar(select(func.sum(MatchOffer.offered_pence))) or 0)


def pay_direct() -> int:
    """Have each funder that pays groups itself pay what is due, with evidence; return the sum in pence."""
    paid = 0
    with unit_of_work() as session:
        payable = select(MatchOffer.id, Fund.funder_id).join(Fund, Fund.id == MatchOffer.fund_id)
        for offer_id, funder_id in session.execute(payable.where(MatchOffer.state == OfferState.PAYABLE)).all():
            role = OfficerRole.FUNDER_FINANCE
            held = select(OfficerPost.person_id).where(OfficerPost.role == role, OfficerPost.funder_id == funder_id)
            posts = frozenset({Post(role, funder_id, None)})
            actor = BrowserActor(person_id=session.scalars(held).one(), strong_at=real_now(), posts=posts)
            paid += record_direct(session, offer_id, "BACS 9001", actor=actor, now=clock.now())
    return paid


def fund_figures() -> list[dict[str, Any]]:
    """Return where each source of each fund stands by the ledger."""
    session, found = db.session(), []
    lines = select(Fund, BudgetLine).join(BudgetLine, BudgetLine.fund_id == Fund.id).order_by(Fund.place, BudgetLine.id)
    for fund, line in session.execute(lines).all():
        owners = session.scalars(select(MatchOffer.id).where(MatchOffer.fund_id == fund.id)).all()
        row: dict[str, Any] = {"fund": fund.name, "source": line.source, "year": line.year}
        for kind, name in _KINDS.items():
            of = [fund.id] if kind is AccountKind.POT_AVAILABLE else owners
            parts = [part for owner in of for part in pots.parts_of(session, kind, owner)]
            row[name] = sum(part.pence for part in parts if (part.source, part.year) == (line.source, line.year))
        found.append(row)
    return found
