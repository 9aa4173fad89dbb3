"""A fund's terms on the desk: every version in words, and the next one written page by page, previewed, published."""

from typing import Any

from flask import redirect, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import publishing
from crowdfund.funds.models import Fund
from crowdfund.funds.queries import find_draft, find_last_terms, find_terms, get_terms, list_terms
from crowdfund.funds.sections import FIELDS, SECTION_TITLES, TermsSection
from crowdfund.funds.words import changes, tell
from crowdfund.matching.fit import names_of
from crowdfund.officers.fund_forms import PlainForm
from crowdfund.officers.fund_pages import Answer, fund_of, pages, rights_at, show
from crowdfund.officers.fund_terms_forms import FORMS, PublishForm
from crowdfund.web.forms import LandingOn


@pages.get("/<public_id>/terms")
@officers(Right.SEE_DESK)
def versions(public_id: str) -> Answer:
    """List every version of a fund's terms, the newest first, and say which holds."""
    found, session = fund_of(public_id), db.session()
    holds, now = find_terms(session, found.id, clock.now()), clock.now()
    context: dict[str, Any] = {"holds": holds.number if holds else 0, "now": now, **rights_at(found)}
    return show("terms", fund=found, versions=list_terms(session, found.id), **context)


@pages.get("/<public_id>/terms/<int:number>")
@officers(Right.SEE_DESK)
def version(public_id: str, number: int) -> Answer:
    """Show one version of a fund's terms whole, and what it changed."""
    found, session = fund_of(public_id), db.session()
    if number > 1_000_000:
        raise NotFound(f"terms {number}")
    terms, names = get_terms(session, found.id, number), names_of(session)
    before = get_terms(session, found.id, number - 1) if number > 1 else None
    changed = changes(before, terms, names) if before else []
    return show("terms_version", fund=found, terms=terms, told=tell(terms, names), changed=changed, now=clock.now())


@pages.get("/<public_id>/terms/next")
@officers(Right.SEE_DESK)
def next_terms(public_id: str) -> Answer:
    """Show the pages of the next version, which of them changed, and what is missing."""
    found = fund_of(public_id, FundRight.EDIT)
    draft, last = find_draft(db.session(), found.id), find_last_terms(db.session(), found.id)
    was = publishing.fields_of(last)
    fields = draft.fields if draft else was
    missing = publishing.missing(fields)
    tasks = []
    for section, title in SECTION_TITLES.items():
        changed = any(fields[name] != was[name] for name in FIELDS[section])
        status = "To do" if section in missing else "Changed" if changed else "As it is"
        url = url_for(".terms_section", public_id=public_id, section=section.value)
        task = {"title": title, "url": url, "status": status}
        tasks.append(task | ({"tone": "warm" if section in missing else "good"} if status != "As it is" else {}))
    is_ready = draft is not None and not missing
    return show("terms_next", PlainForm(), fund=found, tasks=tasks, draft=draft, is_ready=is_ready)


@pages.get("/<public_id>/terms/next/<section>")
@pages.post("/<public_id>/terms/next/<section>")
@officers(Right.SEE_DESK)
def terms_section(public_id: str, section: str) -> Answer:
    """Show one page of the next version, or save it."""
    found = fund_of(public_id, FundRight.EDIT)
    if section not in set(TermsSection):
        raise NotFound(f"section {section}")
    part, draft = TermsSection(section), find_draft(db.session(), found.id)
    fields = draft.fields if draft else publishing.fields_of(find_last_terms(db.session(), found.id))
    form = FORMS[part]()
    form.offer(names_of(db.session()))
    if request.method == "GET":
        form.fill_in(fields)
    if form.validate_on_submit():
        fund_id = found.id
        with LandingOn(form):
            with unit_of_work() as session:
                values, now = form.values(fields), clock.now()
                publishing.keep_section(session, fund_id, part, values, actor=current_actor(), now=now)
            return redirect(url_for(".next_terms", public_id=public_id), 303)
        found = fund_of(public_id, FundRight.EDIT)
    return show("terms_section", form, fund=found, part=part, title=SECTION_TITLES[part])


@pages.get("/<public_id>/terms/publish")
@pages.post("/<public_id>/terms/publish")
@officers(Right.SEE_DESK, fresh=True)
def publish(public_id: str) -> Answer:
    """Say in words what changes from the standing version, and publish the next one from a day."""
    found, form = fund_of(public_id, FundRight.EDIT), PublishForm()
    if form.validate_on_submit():
        fund_id, seen, from_on = found.id, form.seen_version, form.from_on.day
        with LandingOn(form):
            with unit_of_work() as session:
                who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
                publishing.publish_terms(session, fund_id, seen, from_on, **who)
            return redirect(url_for(".versions", public_id=public_id), 303)
        found = fund_of(public_id, FundRight.EDIT)
    draft = find_draft(db.session(), found.id)
    if draft is None or publishing.missing(draft.fields):
        return show("terms_nothing", form, fund=found)
    form.seen.data = str(draft.version)
    return _preview(found, form, draft.fields)


@pages.get("/<public_id>/terms/drop")
@pages.post("/<public_id>/terms/drop")
@officers(Right.SEE_DESK)
def drop_next(public_id: str) -> Answer:
    """Throw away what was written for the next version, once asked whether that is meant."""
    found, form = fund_of(public_id, FundRight.EDIT), PlainForm()
    if form.validate_on_submit():
        fund_id = found.id
        with LandingOn(form):
            with unit_of_work() as session:
                publishing.drop_draft(session, fund_id, actor=current_actor())
            return redirect(url_for(".versions", public_id=public_id), 303)
        found = fund_of(public_id, FundRight.EDIT)
    return show("terms_drop", form, fund=found)


def _preview(fund: Fund, form: PublishForm, fields: dict[str, Any]) -> Answer:
    """Hold the draft against what stands; a newer version that was planned for later never comes."""
    session, now = db.session(), clock.now()
    names, terms = names_of(session), publishing.terms_of(fund.id, fields)
    standing, last = find_terms(session, fund.id, now), find_last_terms(session, fund.id)
    planned = last if last is not None and last.from_at > now else None
    context: dict[str, Any] = {"standing": standing, "planned": planned, "told": tell(terms, names)}
    return show("terms_publish", form, fund=fund, changed=changes(standing, terms, names), **context)
