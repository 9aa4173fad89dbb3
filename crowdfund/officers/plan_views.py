"""Building a round part by part: tiers, criteria and questions, their order, and a test run that keeps nothing."""

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from wtforms import HiddenField

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core import clock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.answers import fault_of, read_answer
from crowdfund.grants.forms import answer_field
from crowdfund.grants.models import GrantRound
from crowdfund.grants.plans import AT_RISK, KIND_WORDS, Plan, Question, QuestionKind, questions_for
from crowdfund.grants.rounds import save_plan
from crowdfund.officers.plan_forms import PARTS, arranged, with_part
from crowdfund.officers.round_pages import Answer, change_round, may_write, pages, round_of, show, written
from crowdfund.web.forms import Form, LandingOn, VersionForm

WAYS = frozenset({"up", "down", "out"})


class ArrangeForm(VersionForm):
    """Where a part goes."""

    way = HiddenField(default="")
    key = HiddenField(default="")


@pages.get("/<public_id>/plan/<name>")
@officers(Right.SEE_DESK)
def arrange(public_id: str, name: str) -> Answer:
    """List the tiers, criteria or questions of the next version."""
    return _list(round_of(public_id, FundRight.EDIT), name, ArrangeForm())


@pages.post("/<public_id>/plan/<name>")
@officers(Right.SEE_DESK)
def rearrange(public_id: str, name: str) -> Answer:
    """Move a part a place up or down, or take it out."""
    row, form = round_of(public_id, FundRight.EDIT), ArrangeForm()
    if name not in PARTS:
        raise NotFound(f"part {name}")
    if form.validate_on_submit():
        round_id, draft = row.id, row.draft
        with LandingOn(form):
            with unit_of_work() as session:
                if form.way.data not in WAYS:
                    raise Refused("no_way", "Choose one of the buttons.")
                changes = arranged(draft, name, form.key.data or "", form.way.data)
                save_plan(session, round_id, changes, form.seen_version, actor=current_actor(), now=clock.now())
            return redirect(url_for(".arrange", public_id=public_id, name=name), 303)
        row = round_of(public_id, FundRight.EDIT)
    return _list(row, name, form)


@pages.get("/<public_id>/plan/<name>/<key>")
@pages.post("/<public_id>/plan/<name>/<key>")
@officers(Right.SEE_DESK)
def part(public_id: str, name: str, key: str) -> Answer:
    """Change one tier, criterion or question; the key `new` adds one."""
    row = round_of(public_id, FundRight.EDIT)
    if name not in PARTS:
        raise NotFound(f"part {name}")
    plan, form, draft = written(row), PARTS[name](), row.draft
    found = {one.key: one for one in getattr(plan, name)}
    if key != "new" and key not in found:
        raise NotFound(f"part {key}")
    form.offer(plan, "" if key == "new" else key)
    if request.method == "GET" and key in found:
        form.fill_in(found[key])

    def change(session: Session, round_id: int, seen: int, **who: Any) -> None:
        made = form.part(form.new_key(list(found)) if key == "new" else key)
        save_plan(session, round_id, with_part(draft, name, made), seen, **who)

    return change_round("part", public_id, form, change, name=name, key=key, part_name=PARTS[name].NAME)


@pages.get("/<public_id>/try/<key>")
@pages.post("/<public_id>/try/<key>")
@officers(Right.SEE_DESK)
def try_out(public_id: str, key: str) -> Answer:
    """Fill in the form of a tier as a group would. Nothing is kept."""
    row = round_of(public_id)
    plan = written(row)
    tier = plan.tier(key)
    if tier is None:
        raise NotFound(f"tier {key}")
    asked = [one for one in plan.questions if not one.tiers or key in one.tiers]
    form, shown = _try_form(asked), None
    if form.validate_on_submit():
        shown = _run(form, plan, key, asked)
    return show("try", row, form, tier=tier, asked=asked, shown=shown, kinds=KIND_WORDS)


def _list(row: GrantRound, name: str, form: ArrangeForm) -> Answer:
    if name not in PARTS:
        raise NotFound(f"part {name}")
    form.version.data = str(row.version)
    context: dict[str, Any] = {"parts": getattr(written(row), name), "name": name, "part_name": PARTS[name].NAME}
    return show("parts", row, form, permit=may_write(row), kinds=KIND_WORDS, **context)


def _try_form(asked: list[Question]) -> Form:
    fields = {f"answer_{one.key}": answer_field(one) for one in asked if one.kind is not QuestionKind.FILE}
    kind: type[Form] = type("TryForm", (Form,), fields)
    return kind()


def _run(form: Form, plan: Plan, tier: str, asked: list[Question]) -> list[Question]:
    """Put what is wrong beside each field; return the questions that these answers lead to."""
    given: dict[str, Any] = {AT_RISK: "yes"}
    for one in asked:
        field = form._fields.get(f"answer_{one.key}")
        if field is None:
            continue
        try:
            given[one.key] = read_answer(one, str(field.data or ""))
        except Refused as refused:
            field.errors = [refused.message]
    shown = questions_for(plan, tier, given)
    for one in shown:
        fault = fault_of(one, given.get(one.key)) if f"answer_{one.key}" in form else ""
        if fault and not form[f"answer_{one.key}"].errors:
            form[f"answer_{one.key}"].errors = [fault]
    return shown
