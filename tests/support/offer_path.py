"""What the tests of a request’s path ask of it: refusals that change nothing, money held, decisions recorded."""

from typing import Any

import pytest
from sqlalchemy import select

from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.decisions.models import Decision
from crowdfund.funds import pots
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.deciding import decide_offer
from crowdfund.matching.verdicts import Verdict
from tests.support.offers import Case


def refused(case: Case, code: str, action: Any, *args: Any, actor: Any, **kw: Any) -> Refused:
    """Expect a refusal with this code; nothing changed."""
    before = case.offer().version
    with pytest.raises(Refused) as raised:
        case.do(action, *args, actor=actor, **kw)
    assert raised.value.code == code
    assert case.offer().version == before
    return raised.value


def held(case: Case, kind: AccountKind) -> int:
    owner = case.fund.id if kind is AccountKind.POT_AVAILABLE else case.offer().id
    with case.app.app_context():
        return sum(part.pence for part in pots.parts_of(db.session(), kind, owner))


def decisions(case: Case) -> list[Decision]:
    with case.app.app_context():
        found = select(Decision).where(Decision.subject == case.offer().subject).order_by(Decision.id)
        return list(db.session.scalars(found))


def try_to_decide(case: Case, verdict: Verdict, name: str = "approver") -> Any:
    case.declare(name)
    return refused_by(case, verdict, name)


def refused_by(case: Case, verdict: Verdict, name: str) -> Any:
    offer = case.offer()
    with pytest.raises((Refused, Forbidden, NotFound)) as raised:
        case.do(decide_offer, offer.id, verdict, offer.version, actor=case.by(name))
    assert case.offer().decision_id is None
    assert decisions(case) == []
    return raised.value
