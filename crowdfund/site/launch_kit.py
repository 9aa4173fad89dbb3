"""What helps a group in its first days: whom to ask first, words to share, the address as a picture to scan."""

import io
from dataclasses import dataclass
from datetime import datetime

import segno
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.money import pounds
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING, Audience
from crowdfund.projects.models import Project
from crowdfund.web.templating import day, plural

FIRST_BACKERS = 5
ASKS = (
    ("Somebody who will use it every week", "Ask them in person. They know best why it matters."),
    ("Somebody who has helped you before", "Thank them for last time, then ask."),
    ("Somebody whom everybody knows", "Ask them to tell three others as well."),
    ("Somebody with a shop, a club or a hall nearby", "Ask for the window too: the poster goes there."),
    ("Somebody in your family or next door", "They would be sorry to hear of it too late."),
)
_GROUP_SEES = (Audience.EVERYONE, Audience.GROUP)


@dataclass(frozen=True)
class Ask:
    """One of the first five to ask; `done` is who backed the project in their place, "" while nobody has."""

    who: str
    how: str
    done: str = ""


@dataclass(frozen=True)
class Text:
    """Words ready to copy, and where they fit."""

    place: str
    words: str


def first_asks(session: Session, project_id: int) -> list[Ask]:
    """Return the five asks, filled with the first five backers, named where they agreed that the group may know."""
    statement = (
        select(Pledge.backer_name, Pledge.name_audience, Pledge.active_at)
        .where(Pledge.project_id == project_id, Pledge.state.in_(COUNTING))
        .order_by(Pledge.active_at, Pledge.id)
        .limit(FIRST_BACKERS)
    )
    backers = [_done(name, audience, at) for name, audience, at in session.execute(statement) if at is not None]
    done = backers + [""] * (FIRST_BACKERS - len(backers))
    return [Ask(who, how, backer) for (who, how), backer in zip(ASKS, done, strict=True)]


def share_texts(project: Project, address: str) -> list[Text]:
    """Return what people can copy into messages, mails and newsletters, without a single link to anybody else."""
    target, aim = pounds(project.target_pence), project.aim.rstrip(".")
    until = f" We have until {day(project.deadline)}." if project.deadline else ""
    safe = "Your card is charged only if we reach our target."
    days = plural(project.campaign_days, "day", "days")
    short = f"{project.title}: {aim}. Will you be one of the first to back it? {address}"
    mail = (
        f"Hello,\n\nwe are {project.group.name}. Our project is “{project.title}”: {aim}.\n\n"
        f"We need {target}.{until} {safe} Even a few pounds help, and so does telling somebody else.\n\n"
        f"{address}\n\nThank you!"
    )
    raising = f"We are raising {target} in {days}, with no fee. {safe}"
    notice = f"{project.title}. {aim}. {raising} Read more and pledge: {address}"
    return [
        Text("For a message to one person", short),
        Text("For a mail", mail),
        Text("For a newsletter or a notice", notice),
    ]


def qr_drawing(address: str) -> Markup:
    """Return a QR code as SVG for use inside a page."""
    return Markup(_code(address).svg_inline(border=2, omitsize=True, svgclass="poster__code", lineclass=None))  # noqa: S704 - it holds numbers and our own class


def qr_file(address: str) -> bytes:
    """Return a QR code as an SVG file."""
    written = io.BytesIO()
    _code(address).save(written, kind="svg", border=4, scale=8, light="#fff")
    return written.getvalue()


def _code(address: str) -> segno.QRCode:
    # A poster gets wet and torn: a quarter of the code may be lost.
    return segno.make(address, error="q", micro=False, boost_error=False)


def _done(name: str | None, audience: Audience, at: datetime) -> str:
    return f"{name if name and audience in _GROUP_SEES else 'Somebody who stays anonymous'}, {day(at)}"
