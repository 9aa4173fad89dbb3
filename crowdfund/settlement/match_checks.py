"""What `crowdfund check` asks of match: every fund adds up, no money is with an offer that ended."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crowdfund.funds.models import FundTerms
from crowdfund.funds.rules import MatchKind
from crowdfund.grants.models import GrantApplication
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import COMMITTED, OfferState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement

_K, _S, _P = AccountKind, OfferState, ProjectState
_DUE = (_S.CONFIRMED, _S.PAYABLE)
_STANDING = (_P.READY, _P.LIVE, _P.PAUSED, _P.COLLECTING)


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every fund and offer whose money is not where its state says, or is too much."""
    yield from _budgets(session)
    yield from _offers(session)
    yield from _targets(session)


def _budgets(session: Session) -> Iterator[str]:
    of_funds = _balances((_K.FUNDER, _K.POT_AVAILABLE)).subquery()
    of_offers = _balances((_K.MATCH_RESERVED, _K.MATCH_CONFIRMED, _K.MATCH_PAID)).subquery()
    own = select(of_funds.c.owner.label("fund_id"), of_funds.c.pence)
    given = select(MatchOffer.fund_id, of_offers.c.pence).join(of_offers, of_offers.c.owner == MatchOffer.id)
    of_grants = _balances((_K.GRANT_RESERVED,)).subquery()
    granted = select(GrantApplication.fund_id, of_grants.c.pence).join(
        of_grants, of_grants.c.owner == GrantApplication.id
    )
    every = own.union_all(given, granted).subquery()
    off = func.sum(every.c.pence)
    found = select(every.c.fund_id, off).group_by(every.c.fund_id).having(off != 0).order_by(every.c.fund_id)
    for fund_id, pence in session.execute(found):
        yield f"fund {fund_id}: reserved, confirmed, paid and left differ from its budget by {pence} pence"


def _offers(session: Session) -> Iterator[str]:
    reserved, confirmed, paid = (_of_offer(kind) for kind in (_K.MATCH_RESERVED, _K.MATCH_CONFIRMED, _K.MATCH_PAID))
    whole = FundTerms.kind != MatchKind.PER_PLEDGE
    accepted, sum_due = MatchOffer.state == _S.ACCEPTED, MatchOffer.confirmed_pence
    wrongs: tuple[tuple[str, ColumnElement[bool]], ...] = (
        ("has money set aside though it is not accepted", and_(~accepted, reserved != 0)),
        ("has not its whole sum set aside", and_(accepted, whole, reserved != MatchOffer.offered_pence)),
        ("has another sum set aside than it comes to", and_(accepted, ~whole, reserved != MatchOffer.counted_pence)),
        ("comes to more than is set aside for it", and_(accepted, MatchOffer.counted_pence > reserved)),
        ("has money due though nothing of it is due", and_(MatchOffer.state.not_in(_DUE), confirmed != 0)),
        ("has another sum due than was confirmed", and_(MatchOffer.state.in_(_DUE), confirmed != sum_due)),
        ("has money paid though it is not paid", and_(MatchOffer.state != _S.PAID, paid != 0)),
        ("has another sum paid than was confirmed", and_(MatchOffer.state == _S.PAID, paid != sum_due)),
        ("stands though its project is over", and_(accepted, Project.state.not_in(_STANDING))),
    )
    which = case(*((is_so, number) for number, (_, is_so) in enumerate(wrongs)))
    found = (
        select(MatchOffer.id, which)
        .join(FundTerms, FundTerms.id == MatchOffer.terms_id)
        .join(Project, Project.id == MatchOffer.project_id)
        .where(or_(*(is_so for _, is_so in wrongs)))
        .order_by(MatchOffer.id)
    )
    for offer_id, number in session.execute(found):
        yield f"offer {offer_id} {wrongs[number][0]}"


def _targets(session: Session) -> Iterator[str]:
    match = func.sum(MatchOffer.counted_pence)
    raised = func.max(LedgerAccount.balance_pence)
    found = (
        select(Project.id, match, raised, Project.target_pence)
        .join(MatchOffer, and_(MatchOffer.project_id == Project.id, MatchOffer.state == _S.ACCEPTED))
        .join(LedgerAccount, LedgerAccount.id == Project.pledged_account_id)
        .group_by(Project.id, Project.target_pence)
        .having(match > 0, match + raised > Project.target_pence)
        .order_by(Project.id)
    )
    for project_id, match_pence, pledged, target in session.execute(found):
        yield f"project {project_id}: match of {match_pence} pence on {pledged} is above its target of {target}"
    due = func.coalesce(func.sum(MatchOffer.confirmed_pence), 0)
    settled = (
        select(Settlement.project_id, Settlement.match_pence, due)
        .join(Project, Project.id == Settlement.project_id)
        .outerjoin(
            MatchOffer,
            and_(
                MatchOffer.project_id == Settlement.project_id,
                MatchOffer.state.in_(COMMITTED),
                MatchOffer.confirmed_pence.is_not(None),
            ),
        )
        .where(Settlement.settled_at.is_not(None), Project.state.not_in((_P.REFUNDING, _P.REFUNDED)))
        .group_by(Settlement.project_id, Settlement.match_pence)
        .having(Settlement.match_pence != due)
        .order_by(Settlement.project_id)
    )
    for project_id, pence, confirmed in session.execute(settled):
        yield f"project {project_id}: settled with {pence} pence of match, its offers confirmed {confirmed}"


def _balances(kinds: tuple[AccountKind, ...]) -> Select[int, int]:
    account = LedgerAccount
    summed = select(account.subject_id.label("owner"), func.sum(account.balance_pence).label("pence"))
    return summed.where(account.kind.in_(kinds)).group_by(account.subject_id)


def _of_offer(kind: AccountKind) -> ColumnElement[Any]:
    account = LedgerAccount
    summed = select(func.coalesce(func.sum(account.balance_pence), 0))
    return summed.where(account.kind == kind, account.subject_id == MatchOffer.id).scalar_subquery()
