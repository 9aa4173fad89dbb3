"""A group with a project in every state that matters, people of every kind, and the address of every route in it."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from crowdfund.accounts.models import KeptForm, Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.checking.models import Concern
from crowdfund.checking.rules import ConcernState
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.config import SANDBOX_SECRET
from crowdfund.core.db import db
from crowdfund.core.ids import public_id
from crowdfund.core.sealed import seal
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.cleaning import WIDTHS
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.rules import InvitationKind, InvitationState
from crowdfund.notifications.models import Mail
from crowdfund.projects.actions import draft_project, launch_project, move_project
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.rules import LineKind, ProjectState
from crowdfund.settlement.models import Settlement
from tests.support.estate_grants import apply_for_grant
from tests.support.estate_match import ask_funds, make_funds, owe_match
from tests.support.estate_money import NO_MONEY, PAID, pay_project
from tests.support.factories import PATHS, TESTER, days, make_group, make_pledge, project_details
from tests.support.people import make_member

S = ProjectState
STATES = (S.DRAFT, S.WITHDRAWN, S.SUBMITTED, S.READY, S.LIVE)
# After the deadline; a project in one of these has money, and is added where a test wants it.
MONEY_STATES = (S.FUNDED, S.SHORTFALL, S.RING_FENCED, S.REFUNDING)
ENDS: dict[ProjectState, tuple[ProjectState, ...]] = {
    S.FUNDED: (S.COLLECTING, S.FUNDED),
    S.SHORTFALL: (S.COLLECTING, S.SHORTFALL),
    S.RING_FENCED: (S.COLLECTING, S.FUNDED, S.RING_FENCED),
    S.REFUNDING: (S.COLLECTING, S.SHORTFALL, S.REFUNDING),
}
LAUNCHED = (S.LIVE, *MONEY_STATES)
STEPS = PATHS | {S.WITHDRAWN: (S.WITHDRAWN,)} | dict.fromkeys(LAUNCHED, PATHS[S.READY])
NOWHERE = "abcdefghjkmnpqrstvwxyz0123"


@dataclass
class Site:
    """A project and what hangs on it, as the words of addresses."""

    id: int
    words: dict[str, str]
    pledge_id: int = 0


@dataclass
class Estate:
    """A group, one project of it in each of `STATES`, and ids of everything that an address can name."""

    app: Flask
    clock: FixedClock
    group: Group
    owner: Person
    words: dict[str, str]
    sites: dict[ProjectState, Site] = field(default_factory=dict)

    def add_site(self, state: ProjectState) -> Site:
        """Put another project of the group in this state in the place of the one before."""
        site = self.sites[state] = _make_site(self, state)
        if state in MONEY_STATES:
            site.words |= _settle(self, site, state)
        # Addresses without a project in them name what the newest funded one has.
        self.words |= {name: site.words[name] for name in NO_MONEY if state is S.FUNDED}
        return site

    def add_member(self) -> None:
        """Let another member be the one that addresses name."""
        with self.app.app_context():
            person = make_member(self.group.id, MemberRole.READER, self.clock.now(), name="Sue Spare")
            place = db.session.scalars(select(Member.id).where(Member.person_id == person.id)).one()
        self.words["member"] = str(place)


# What a placeholder of an address stands for, by the beginning of the rule; the first that fits counts.
THINGS: dict[str, dict[str, str]] = {
    "/apply/groups/": {"public_id": "group"},
    "/apply/projects/<public_id>/committee/": {"public_id": "project", "key": "another_key"},
    "/apply/projects/<public_id>/match/": {
        "public_id": "project",
        "offer_id": "offer",
        "fund_slug": "written_fund_slug",
    },
    "/apply/projects/": {"public_id": "project", "key": "shelf"},
    "/apply/grants/rounds/": {"slug": "round_slug"},
    "/apply/grants/": {
        "public_id": "application",
        "key": "grant_key",
        "question_id": "grant_question",
        "file_id": "grant_file",
    },
    "/grants/scorecards/": {"slug": "funder_slug"},
    "/grants/": {"slug": "round_slug"},
    "/officers/rounds/": {"public_id": "grant_round", "name": "plan_name", "key": "plan_key"},
    "/officers/panels/": {"public_id": "grant_panel"},
    "/officers/applications/": {"public_id": "application", "file_id": "grant_file"},
    "/apply/hosts/": {"public_id": "host"},
    "/officers/projects/": {"public_id": "project"},
    "/officers/payouts/projects/": {"public_id": "project"},
    "/officers/payouts/files/": {"public_id": "payment_file"},
    "/officers/payouts/<public_id>/confirm": {"public_id": "sent_payout"},
    "/officers/payouts/<public_id>/return": {"public_id": "sent_payout"},
    "/officers/payouts/": {"public_id": "payout"},
    "/officers/refunds/projects/": {"public_id": "project"},
    "/officers/refunds/payments/": {"public_id": "charge"},
    "/officers/refunds/<public_id>/again": {"public_id": "failed_refund"},
    "/officers/refunds/<public_id>/made-good": {"public_id": "failed_refund"},
    "/officers/refunds/": {"public_id": "refund"},
    "/officers/settlements/": {"public_id": "project"},
    "/officers/funds/": {
        "public_id": "fund",
        "line_id": "budget_line",
        "section": "terms_section",
        "number": "terms_number",
        "begins": "begins",
    },
    "/officers/matches/": {"public_id": "offer"},
    "/officers/match-due/": {"public_id": "due_offer"},
    "/officers/money/projects/": {"public_id": "project"},
    "/officers/projects/<public_id>/backers/": {"pledge_id": "pledge"},
    "/officers/concerns/": {"public_id": "concern"},
    "/funds/": {"slug": "fund_slug"},
    "/projects/": {"slug": "slug"},
    "/sandbox/clock/": {"slug": "slug"},
    "/sandbox/mail/": {"public_id": "mail"},
    "/groups/": {"slug": "group_slug"},
    "/photos/": {"public_id": "photo"},
    "/pledges/": {"public_id": "pledge"},
    "/invitations/": {"public_id": "invitation"},
    "/account/kept/": {"public_id": "kept"},
    "": {
        "file_id": "file",
        "path": "picture",
        "invitation_id": "invitation",
        "line_id": "line",
        "member_id": "member",
        "pence": "pence",
        "section": "section",
        "width": "width",
        "days": "days",
    },
}
# What an address says behind its question mark.
ASKS: dict[str, dict[str, str]] = {"projects.new": {"group": "group"}}
_OTHERS = {
    "another_key": NOWHERE,
    "host": NOWHERE,
    "offer": NOWHERE,
    "due_offer": NOWHERE,
    "grant_key": "what",
    "plan_name": "tiers",
    "plan_key": "micro",
    "terms_section": "how",
    "terms_number": "1",
    "begins": "2026",
    "pence": "5000",
    "section": "costs",
    "days": "1",
    "picture": "fonts/figtree.woff2",
    "width": str(WIDTHS[0]),
    **dict.fromkeys(NO_MONEY, NOWHERE),
}


def address(estate: Estate, rule: Rule, state: ProjectState, *, nowhere: bool = False) -> str:
    """Return where a rule leads for the things around the project in this state; `nowhere`: for things that are not.

    Raises AssertionError for a placeholder that nothing is known for.
    """
    words = {**_OTHERS, **estate.words, **estate.sites[state].words}
    values = {name: words[_meaning(rule, name)] for name in rule.arguments}
    if nowhere:
        values |= {name: NOWHERE for name in ("public_id", "slug") if name in values}
    path = rule.rule
    for name, value in values.items():
        path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", value).replace(f"<path:{name}>", value)
    assert "<" not in path, f"{path}: this kind of placeholder is not known; add it to tests/support/estate.py"
    asked = ASKS.get(rule.endpoint, {})
    return path + "".join(f"?{name}={NOWHERE if nowhere else words[word]}" for name, word in asked.items())


def names_a_thing(rule: Rule) -> bool:
    """Say whether a route is about something of somebody's."""
    return bool(rule.arguments - {"path"}) or rule.endpoint in ASKS


def _meaning(rule: Rule, name: str) -> str:
    for beginning, meanings in THINGS.items():
        if rule.rule.startswith(beginning) and name in meanings:
            return meanings[name]
    raise AssertionError(f"{rule.rule}: nothing is known to try <{name}> with; add it to THINGS in {__name__}")


def make_estate(app: Flask, clock: FixedClock) -> Estate:
    """Return a group with its projects; call it inside an application context."""
    now = clock.now()
    with unit_of_work() as session:
        group = make_group(session, now)
    owner = make_member(group.id, MemberRole.OWNER, now, name="Olu Owner")
    with unit_of_work() as session:
        words = _things_of_group(session, group, owner, clock) | make_funds(session, now)
    estate = Estate(app, clock, group, owner, words)
    estate.add_member()
    for state in STATES:
        estate.add_site(state)
    return estate


def _things_of_group(session: Session, group: Group, owner: Person, clock: FixedClock) -> dict[str, str]:
    now = clock.now()
    asked = {"subject": f"group:{group.id}", "name": "Nia", "email": "nia@example.org", "role": MemberRole.READER}
    dated = {"invited_by_id": owner.id, "created_at": now, "expires_at": now + days(14)}
    invitation = Invitation(
        public_id=public_id(), kind=InvitationKind.MEMBER, state=InvitationState.OPEN, **asked, **dated
    )
    kept = _kept_form(real_now())
    letter = {"key": "k", "template": "x", "recipient": "nia@example.org", "subject": "x", "body": "x"}
    mail = Mail(public_id=public_id(), **letter, created_at=now)
    session.add_all([invitation, kept, mail])
    ids = {"invitation": invitation.public_id, "kept": kept.public_id, "mail": mail.public_id}
    return ids | {"group": group.public_id, "group_slug": group.slug}


def _kept_form(real: datetime) -> KeptForm:
    sealed = seal(SANDBOX_SECRET, "kept-form", "[]")
    return KeptForm(public_id=public_id(), path="/apply", sealed_fields=sealed, created_at=real)


def _make_site(estate: Estate, state: ProjectState) -> Site:
    now, photo = estate.clock.now(), public_id()
    with unit_of_work() as session:
        project = draft_project(session, estate.group.id, project_details(), actor=TESTER, now=now)
        project.picture = f"photo:{photo}"
        project.submitted_at = None if state in {S.DRAFT, S.WITHDRAWN} else now
        words = _things_of_project(session, project, photo, estate)
        for step in STEPS[state]:
            move_project(session, project.id, step, actor=TESTER, now=now)
        if state in LAUNCHED:
            launch_project(session, project.id, actor=TESTER, now=now)
        words |= ask_funds(session, project, state, estate.owner, now)
        words |= apply_for_grant(session, estate.group, estate.owner, state, now)
    site = Site(project.id, words)
    if state in LAUNCHED:
        pledge = make_pledge(project, now, PAID)
        site.words["pledge"], site.pledge_id = pledge.public_id, pledge.id
    return site


def _settle(estate: Estate, site: Site, state: ProjectState) -> dict[str, str]:
    now = estate.clock.now()
    with unit_of_work() as session:
        words = pay_project(session, site.pledge_id, estate.owner.id, now)
        words |= owe_match(session, session.get_one(Project, site.id), estate.owner, now)
        for step in ENDS[state]:
            move_project(session, site.id, step, actor=TESTER, now=now)
        if state is S.RING_FENCED:
            settlement = session.get_one(Settlement, site.id)
            settlement.waits_for, settlement.review_on = "The landowner’s leave", now.date()
    return words


def _things_of_project(session: Session, project: Project, photo: str, estate: Estate) -> dict[str, str]:
    now = estate.clock.now()
    stored = {"subject": f"project:{project.id}", "uploaded_by_id": estate.owner.id, "uploaded_at": now}
    picture = {"purpose": Purpose.PHOTO, "name": "a.jpg", "media_type": "image/jpeg", "width": WIDTHS[0], "height": 320}
    paper = {"purpose": Purpose.PERMISSION, "name": "a.pdf", "media_type": "application/pdf"}
    file = public_id()
    worry = {"body": "Is it real?", "opened_at": now, "due_at": now + days(5)}
    concern = Concern(
        public_id=public_id(), reference=file[:12], project_id=project.id, state=ConcernState.OPEN, **worry
    )
    session.add(StoredFile(public_id=photo, size_bytes=1, body=b"x", **picture, **stored))
    session.add(StoredFile(public_id=file, size_bytes=1, body=b"x", **paper, **stored))
    session.add(concern)
    session.flush()
    line = session.query(ProjectLine).filter_by(project_id=project.id, kind=LineKind.COST).one()
    words = {"project": project.public_id, "slug": project.slug, "line": str(line.id), "shelf": f"line-{line.id}"}
    return words | {"photo": photo, "file": file, "concern": concern.public_id, "pledge": NOWHERE}
