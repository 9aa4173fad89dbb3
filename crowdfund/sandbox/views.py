"""The sandbox's pages: sign in as a demo person, read the mailbox, move the clock, see every component."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from crowdfund.accounts.models import Person
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.components import SampleForm
from crowdfund.sandbox.demo import load_people
from crowdfund.sandbox.time_travel import travel
from crowdfund.web.forms import Form
from crowdfund.web.guards import anyone
from crowdfund.web.paging import Page

pages = Blueprint("sandbox", __name__, url_prefix="/sandbox")
DEMO = "the sandbox: made-up people and money only"
SHOWN_MAILS = 100


@pages.get("/")
@anyone(DEMO)
def tools() -> str:
    """Say what there is to play with."""
    people = load_people()
    wanted = {person.email for person in people}
    known = set(db.session.scalars(select(Person.email).where(Person.email.in_(wanted))))
    there = [person for person in people if person.email in known]
    stripe = current_app.config["CHECKOUT_ORIGIN"]
    deadlines = _coming_deadlines(db.session())
    context = {"people": there, "stripe": stripe, "deadlines": deadlines, "now": clock.now()}
    return render_template("sandbox/tools.html", form=Form(), **context)


@pages.get("/mail")
@anyone(DEMO)
def mailbox() -> str:
    """List the newest mails that were sent."""
    newest = select(Mail).where(Mail.sent_at.is_not(None)).order_by(Mail.id.desc()).limit(SHOWN_MAILS)
    return render_template("sandbox/mailbox.html", mails=db.session.scalars(newest).all())


@pages.get("/mail/<public_id>")
@anyone(DEMO)
def mail(public_id: str) -> str:
    """Show one mail as it was sent."""
    found = db.session.scalars(select(Mail).where(Mail.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound("no such mail")
    return render_template("sandbox/mail.html", mail=found, sender=current_app.config["MAIL_FROM"])


@pages.get("/components")
@pages.post("/components")
@anyone(DEMO)
def components() -> str:
    """Show every component of the design, the form with its errors."""
    form = SampleForm()
    form.validate()
    page = Page(4, 118, 12, "/sandbox/components")
    return render_template("sandbox/components.html", form=form, page=page, now=clock.now())


@pages.post("/clock/<int:days>")
@anyone(DEMO)
def forward(days: int) -> BaseResponse:
    """Move the business clock on by up to 100 days, carrying out on the way what falls due."""
    travel(current_app.extensions["worker"], clock.now() + timedelta(days=min(days, 100)))
    return redirect(url_for(".tools"), 303)


@pages.post("/clock/deadline/<slug>")
@anyone(DEMO)
def to_deadline(slug: str) -> BaseResponse:
    """Move the business clock to a project's deadline."""
    deadline = db.session.scalar(select(Project.deadline).where(Project.slug == slug))
    if deadline is None:
        raise NotFound("no such deadline")
    travel(current_app.extensions["worker"], deadline)
    return redirect(url_for("site.project", slug=slug), 303)


def _coming_deadlines(session: Session) -> list[tuple[str, str, object]]:
    soonest = select(Project.slug, Project.title, Project.deadline).where(Project.state == ProjectState.LIVE)
    coming = soonest.where(Project.deadline > clock.now()).order_by(Project.deadline).limit(5)
    return [(slug, title, deadline) for slug, title, deadline in session.execute(coming)]
