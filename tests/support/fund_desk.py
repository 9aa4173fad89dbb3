"""Two funders with officers of every kind, and a fund with money, for tests of the funds on the desk."""

from dataclasses import dataclass

from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import BudgetLine, Fund, Funder
from crowdfund.funds.rules import FunderKind, Headroom
from crowdfund.matching.headroom import headroom_of_fund
from tests.support.client import HouseClient
from tests.support.funding import fill_fund, make_fund, make_funder
from tests.support.people import browser_of, make_officer

_R = OfficerRole
POT = 10_000_01


@dataclass
class FundDesk:
    """A fund of the county with £10,000.01, and the officers around it."""

    app: Flask
    clock: FixedClock
    funder: Funder
    other: Funder
    fund: Fund
    line: BudgetLine
    officers: dict[str, Person]

    def browser(self, who: str) -> HouseClient:
        """Return a browser of an officer, their second factor given just now."""
        return browser_of(self.app, self.officers[who], strong=True)

    def address(self, page: str = "") -> str:
        """Return the address of a page about the fund."""
        return f"/officers/funds/{self.fund.public_id}{page}"

    def headroom(self) -> Headroom:
        """Return how the fund's money stands."""
        return headroom_of_fund(db.session(), self.fund.id).headroom


def make_fund_desk(app: Flask, clock: FixedClock, *, pays_direct: bool = False) -> FundDesk:
    """Return the desk; call it inside an application context."""
    now = clock.now()
    with unit_of_work() as session:
        funder = make_funder(session)
        other = make_funder(session, "Dover District Council", FunderKind.DISTRICT)
        fund = make_fund(session, funder, now, "County match", pays_direct=pays_direct)
        fund.about = "Adds to what people give."
        line = fill_fund(session, fund, POT, now)
    at = {"funder_id": funder.id}
    officers = {
        "ada": make_officer(_R.FUNDER_ADMINISTRATOR, now, name="Ada Admin", **at),
        "fin": make_officer(_R.FUNDER_FINANCE, now, name="Fin Finance", **at),
        "vi": make_officer(_R.FUNDER_VIEWER, now, name="Vi Viewer", **at),
        "olga": make_officer(_R.FUNDER_ADMINISTRATOR, now, name="Olga Other", funder_id=other.id),
        "pam": make_officer(_R.PROGRAMME_ADMINISTRATOR, now, name="Pam Programme"),
        "pete": make_officer(_R.PROGRAMME_FINANCE, now, name="Pete Programme"),
        "cher": make_officer(_R.PROGRAMME_CHECKER, now, name="Cher Checker"),
    }
    return FundDesk(app, clock, funder, other, fund, line, officers)
