"""Projects of the town that funds were asked for, at every step of the path, and the people on both sides."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import pots
from crowdfund.funds.publishing import keep_section
from crowdfund.funds.sections import TermsSection
from crowdfund.ledger.postings import Posting
from crowdfund.matching.assessing import take_offer
from crowdfund.matching.drafting import answer_questions, ask_sums, choose_funds
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import TESTER, make_pledge, make_project
from tests.support.funding import make_offer
from tests.support.offers import ASKED, ByMember, Case, make_case
from tests.support.people import make_member
from tests.support.running import declare
from tests.support.settling import make_funded

DUE = 20_000


@dataclass(frozen=True)
class Match:
    """Who asks, assesses, decides, writes terms and pays; pages by what they show."""

    people: dict[str, Person]
    addresses: dict[str, str]
    projects: dict[str, Project]


def make_match(app: Flask, checker: Person, now: datetime) -> Match:
    """Return the people and pages of funds; call it outside a unit of work."""
    first = make_case(app, FixedClock(now))
    first.add_officer("editor", OfficerRole.FUNDER_ADMINISTRATOR)
    first.add_officer("payer", OfficerRole.FUNDER_FINANCE)
    cases = {"pitched": first} | {name: _another(first) for name in ("taken", "assessed", "offered", "accepted")}
    for case in cases.values():
        case.pitch()
    cases["taken"].declare("assessor")
    cases["taken"].do(take_offer, cases["taken"].offer().id, None, actor=first.by("assessor"))
    for name in ("assessed", "offered", "accepted"):
        cases[name].assess()
    for name in ("offered", "accepted"):
        cases[name].decide()
    cases["assessed"].declare("approver")
    cases["accepted"].accept()
    _back(cases["accepted"], checker)
    asking = _another(first, ProjectState.READY)
    _write(asking)
    due = _owe(app, first, now)
    requests = {f"request {name}": case.address() for name, case in cases.items()}
    groups = {f"funds {name}": case.group_address() for name, case in (cases | {"asking": asking}).items()}
    offers = {f"offer {name}": case.group_address(case.offer().public_id) for name, case in cases.items()}
    pledge = make_pledge(cases["accepted"].project, now, 2_000)
    backers = f"/officers/projects/{cases['accepted'].project.public_id}/backers"
    fund = {"fund": f"/officers/funds/{first.fund.public_id}", "public fund": f"/funds/{first.fund.slug}"}
    places = {"due": f"/officers/match-due/{due.public_id}", "who counts": backers}
    places |= {"backer": f"{backers}/{pledge.public_id}", "own fund": first.fund.slug}
    people = first.people | {"asker": first.owner}
    return Match(people, requests | groups | offers | fund | places, {"matched": cases["accepted"].project})


def _another(case: Case, state: ProjectState = ProjectState.LIVE) -> Case:
    """Return the same people in front of another project of the same owner."""
    now = case.clock.now()
    project = make_project(now, state)
    make_member(project.group_id, MemberRole.OWNER, now, email=case.owner.email)
    return replace(case, project=project)


def _back(case: Case, checker: Person) -> None:
    """Give a project a crowd with something for officers to look at, and let the checker look."""
    for pence in (30_000, *[2_500] * 11):
        make_pledge(case.project, case.clock.now(), pence)
    declare(checker, case.project, case.clock, has_interest=False)


def _write(case: Case) -> None:
    """Have a group write to the fund, and officers the fund's next terms."""
    me, key = ByMember(case.owner), str(case.fund.id)
    case.do(choose_funds, case.project.id, [key], 0, actor=me)
    case.do(ask_sums, case.project.id, {key: ASKED}, "Nobody can sit down.", 1, actor=me)
    case.do(answer_questions, case.project.id, key, {"who": "Everybody"}, 2, actor=me)
    said = {"confidence": "Made up."}
    case.do(keep_section, case.fund.id, TermsSection.CONFIDENCE, said, actor=case.by("editor"))


def _owe(app: Flask, case: Case, now: datetime) -> MatchOffer:
    """Return an offer that is due to a funded project."""
    funded = make_funded(app, FixedClock(now))
    declare(case.people["payer"], funded.project, case.clock, has_interest=False)
    with unit_of_work() as session:
        offer = make_offer(session, session.merge(funded.project), case.fund, DUE, now)
        for state, doing in ((OfferState.CONFIRMED, pots.reserve), (OfferState.PAYABLE, pots.confirm)):
            offer.state, offer.confirmed_pence, offer.confirmed_at, offer.counted_pence = state, DUE, now, DUE
            session.flush()
            doing(Posting(session, f"town:{offer.id}:{state}", TESTER, now), case.fund.id, offer.id, DUE)
    return offer
