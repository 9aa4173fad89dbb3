"""A group's application: begin it, its task list, basics and answers, check and send it, take it back, withdraw it."""

from datetime import timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import members, signed_in
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core import clock
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.files.documents import clean_document
from crowdfund.files.queries import get_document, read_body
from crowdfund.grants import access, award_views
from crowdfund.grants.answers import missing, shown_answer, typed_answer
from crowdfund.grants.applying import (
    Basics,
    begin_application,
    confirm,
    declare,
    save_answer,
    save_basics,
    save_file,
    take_back,
    withdraw,
)
from crowdfund.grants.forms import AnswerForm, BasicsForm, DeclareForm, GroupForm, ReasonForm, answer_form
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.pages import OF_GROUP, Answer, change_own, own, pages, plan_and_tier, show_page, with_errors
from crowdfund.grants.plans import Question, QuestionKind, questions_for
from crowdfund.grants.queries import (
    answers_of,
    find_answer,
    find_standing,
    get_public_round,
    list_own_groups,
    list_questions,
)
from crowdfund.grants.reviewing import find_review, until_of
from crowdfund.grants.tasks import tasks_of
from crowdfund.groups.queries import find_accepted_host
from crowdfund.places.queries import list_districts
from crowdfund.projects.fields import typed_pounds
from crowdfund.web.downloads import attached_safely
from crowdfund.web.forms import LandingOn, VersionForm
from crowdfund.web.htmx import wants_fragment
from crowdfund.web.limits import limit
from crowdfund.web.uploads import LARGEST_UPLOAD, uploads_up_to

SCREENS = (award_views,)  # imported so that its pages belong to the blueprint
MOST_UPLOADS = 60


@pages.get("/rounds/<slug>")
@pages.post("/rounds/<slug>")
@signed_in
def new(slug: str) -> Answer:
    """Begin an application for one of somebody's groups, or go on with the one there is."""
    session, actor = db.session(), current_actor()
    row, plan = get_public_round(session, slug)
    groups = list_own_groups(session, actor.person_id or 0, GroupRight.EDIT)
    ids, form, round_id = {group.public_id: group.id for group in groups}, GroupForm(), row.id
    form.offer([(group.public_id, group.name) for group in groups])
    if groups and form.validate_on_submit():
        with LandingOn(form):
            with unit_of_work() as changing:
                begun = begin_application(changing, round_id, ids[str(form.group.data)], actor=actor, now=clock.now())
                public_id = begun.public_id
            return redirect(url_for(".show", public_id=public_id), 303)
        row, plan = get_public_round(session, slug)
    context: dict[str, Any] = {"standing": find_standing(session, row.id, list(ids.values())), "plan": plan}
    context |= {"takes": access.takes_applications(row, clock.now()), "names": {g.id: g.name for g in groups}}
    return with_errors(form, render_template("grants/new.html", form=form, round=row, **context))


@pages.get("/<public_id>")
@members(OF_GROUP)
def show(public_id: str) -> Answer:
    """Show an application's task list while it is written, and later where it stands and what happens next."""
    session, now, actor = db.session(), clock.now(), current_actor()
    application, role = own(public_id)
    plan, tier = plan_and_tier(application)
    row, answers = application.round, answers_of(session, application)
    host = find_accepted_host(session, application.group_id)
    context: dict[str, Any] = {
        "plan": plan,
        "tier": tier,
        "parts": tasks_of(plan, application, answers, has_host=host is not None),
        "may_write": access.can_write(application, row, role, now),
        "may_submit": access.can_submit(application, row, role, now),
        "may_confirm": access.can_confirm(application, row, actor, now),
        "may_take_back": access.can_take_back(application, row, role, now),
        "may_withdraw": access.can_withdraw(application, role),
        "may_sign": access.can_sign(application, role, now),
        "may_countersign": access.can_countersign(application, actor, now),
        "asked": list_questions(session, application.id),
        "decision": award_views.decision_of(session, application, plan),
        "review": find_review(session, application.id) if application.decided_at else None,
        "may_ask_review": access.can_ask_review(application, role, until_of(session, application), now),
        "is_open": access.takes_applications(row, now),
    }
    return show_page("application", application, **context)


@pages.get("/<public_id>/basics")
@pages.post("/<public_id>/basics")
@members(OF_GROUP)
def basics(public_id: str) -> Answer:
    """Say what the plan is called and how much is asked for; that decides how much else is asked."""
    application, _ = own(public_id, GroupRight.EDIT)
    kept = {"title": application.title, "at_risk": application.works_at_risk}
    kept |= {"asked": typed_pounds(application.asked_pence), "income": typed_pounds(application.income_pence)}
    form = BasicsForm(data={**kept, "district": application.district_code or application.group.district_code})
    form.offer(list_districts(db.session()))

    def change(session: Any, key: int, seen: int, **who: Any) -> None:
        said = Basics(
            title=form.title.data or "",
            asked_pence=form.asked.pence or 0,
            income_pence=form.income.pence or 0,
            works_at_risk=bool(form.at_risk.answer),
            district_code=form.district.data or "",
        )
        save_basics(session, key, said, seen, **who)

    return change_own("basics", (public_id, GroupRight.EDIT), form, change, _may_write)


@pages.get("/<public_id>/questions/<key>")
@pages.post("/<public_id>/questions/<key>")
@members(OF_GROUP)
@uploads_up_to(LARGEST_UPLOAD)
def question(public_id: str, key: str) -> Answer:
    """Answer one question; with scripts every pause in typing is saved, too."""
    application, role, asked, following = _asked(public_id, key)
    kept = find_answer(db.session(), application.id, key)
    form, is_pause = _filled(asked, kept), wants_fragment()
    other = None
    if form.validate_on_submit() or (is_pause and form.is_submitted()):
        with LandingOn(form):
            saved = _save(application.id, asked, form)
            if is_pause:
                return render_template("grants/_saved.html", version=saved.version, at=saved.saved_at)
            return redirect(following, 303)
        application, role, asked, following = _asked(public_id, key)
        other = find_answer(db.session(), application.id, key)
        form.version.data = str(other.version if other else 0)
    if is_pause and form.is_submitted():
        message = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return render_template("grants/_not_saved.html", version=form.version.data, message=message), form.status
    context: dict[str, Any] = {"question": asked, "permit": _may_write(application, role), "kept": kept}
    context |= {"other": shown_answer(asked, other.value) if other and form.errors else "", "following": following}
    return with_errors(form, show_page("question", application, form=form, **context))


@pages.get("/<public_id>/answers")
@members(OF_GROUP)
def answers(public_id: str) -> Answer:
    """Show everything that was answered, to read and print; `?as=text` saves it."""
    application, _ = own(public_id)
    plan, tier = plan_and_tier(application)
    given = answers_of(db.session(), application)
    rows = [(one, shown_answer(one, given.get(one.key))) for one in questions_for(plan, application.tier, given)]
    if request.args.get("as") == "text":
        head = f"{application.round.title}\n{application.title}\n{application.reference}\n"
        text = "\n".join([head, *(f"{one.label}\n{words}\n" for one, words in rows)])
        return attached_safely(Response(text, mimetype="text/plain"), f"{application.reference}.txt")
    return show_page("answers", application, rows=rows, tier=tier)


@pages.get("/<public_id>/send")
@pages.post("/<public_id>/send")
@members(OF_GROUP)
def send(public_id: str) -> Answer:
    """Declare that everything is true, which sends the application or asks a second person."""
    application, _ = own(public_id, GroupRight.SUBMIT)
    plan, _ = plan_and_tier(application)
    gaps = missing(plan, application.tier, answers_of(db.session(), application)) if application.tier else []

    def may(shown: GrantApplication, role: MemberRole | None) -> Permit:
        return access.can_submit(shown, shown.round, role, clock.now())

    return change_own("send", (public_id, GroupRight.SUBMIT), DeclareForm(), declare, may, gaps=gaps)


@pages.get("/<public_id>/confirm")
@pages.post("/<public_id>/confirm")
@members(OF_GROUP)
def confirm_it(public_id: str) -> Answer:
    """Confirm what another member declared."""

    def may(shown: GrantApplication, _role: MemberRole | None) -> Permit:
        return access.can_confirm(shown, shown.round, current_actor(), clock.now())

    return change_own("confirm", (public_id, GroupRight.SEE), DeclareForm(), confirm, may)


@pages.get("/<public_id>/take-back")
@pages.post("/<public_id>/take-back")
@members(OF_GROUP)
def fetch_back(public_id: str) -> Answer:
    """Take an application back to change it while the round is open."""

    def may(shown: GrantApplication, role: MemberRole | None) -> Permit:
        return access.can_take_back(shown, shown.round, role, clock.now())

    return change_own("take_back", (public_id, GroupRight.SUBMIT), VersionForm(), take_back, may)


@pages.get("/<public_id>/withdraw")
@pages.post("/<public_id>/withdraw")
@members(OF_GROUP)
def give_up(public_id: str) -> Answer:
    """Withdraw an application for good."""
    form = ReasonForm()

    def change(session: Any, key: int, seen: int, **who: Any) -> None:
        withdraw(session, key, form.reason.data or "", seen, **who)

    return change_own("withdraw", (public_id, GroupRight.SUBMIT), form, change, access.can_withdraw)


@pages.get("/<public_id>/files/<file_id>")
@members(OF_GROUP)
def download(public_id: str, file_id: str) -> Response:
    """Send a file of the application to save."""
    application, _ = own(public_id)
    session = db.session()
    found = get_document(session, file_id)
    if found.subject != application.subject:
        raise NotFound(f"file {file_id}")
    return attached_safely(Response(read_body(session, found.id), mimetype=found.media_type), found.name)


def _may_write(application: GrantApplication, role: MemberRole | None) -> Permit:
    return access.can_write(application, application.round, role, clock.now())


def _asked(public_id: str, key: str) -> tuple[GrantApplication, MemberRole | None, Question, str]:
    """Return an application, the role, one of its questions and where to go on after it. Raises NotFound."""
    application, role = own(public_id, GroupRight.EDIT)
    plan, tier = plan_and_tier(application)
    shown = questions_for(plan, application.tier, answers_of(db.session(), application)) if tier else []
    keys = [one.key for one in shown]
    if key not in keys:
        raise NotFound(f"question {key}")
    place = keys.index(key)
    following = url_for(".show", public_id=public_id)
    if place + 1 < len(keys):
        following = url_for(".question", public_id=public_id, key=keys[place + 1])
    return application, role, shown[place], following


def _filled(asked: Question, kept: Any) -> AnswerForm:
    value = kept.value if kept and asked.kind is not QuestionKind.FILE else None
    return answer_form(asked, answer=typed_answer(asked, value), version=str(kept.version if kept else 0))


def _save(application_id: int, asked: Question, form: AnswerForm) -> Any:
    who: dict[str, Any] = {"actor": current_actor(), "now": clock.now()}
    if asked.kind is not QuestionKind.FILE:
        with unit_of_work() as session:
            return save_answer(session, application_id, asked.key, form.typed, form.seen_version, **who)
    field = form["answer"]
    if field.data is None:
        raise Refused("no_file", "Choose a file.", "answer")
    limit("upload", str(who["actor"].person_id), times=MOST_UPLOADS, per=timedelta(hours=1))
    document = clean_document(field.stream, field.sent_name, "answer")
    with unit_of_work() as session:
        return save_file(session, application_id, asked.key, document, form.seen_version, **who)
