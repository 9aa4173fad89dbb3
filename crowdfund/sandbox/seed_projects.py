"""A demonstration project as a group would have typed it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from crowdfund.places.queries import find_district
from crowdfund.projects.actions import Line, ProjectDetails
from crowdfund.projects.rules import LineKind, Theme
from crowdfund.sandbox.demo import DemoProject


def details_of(session: Session, project: DemoProject, launched: datetime) -> ProjectDetails:
    """Return the details of a demonstration project whose months count from its deadline."""
    district = find_district(session, project.postcode)
    assert district is not None, project.postcode
    days = project.launched_days_ago + project.days_left
    return ProjectDetails(
        title=project.title,
        aim=project.aim,
        story=project.story,
        theme=Theme(project.theme),
        place=project.place,
        district_code=district.code,
        picture=f"images/scenes/{project.picture}.svg",
        picture_alt=project.picture_alt,
        if_too_little=project.if_too_little,
        if_too_much=project.if_too_much,
        risks=project.risks,
        permissions=project.permissions,
        lines=tuple(_lines(project, (launched + timedelta(days=days)).date())),
        stretch_pence=project.stretch_pence,
        stretch_use=project.stretch_use,
        campaign_days=days,
    )


def _lines(project: DemoProject, deadline: date) -> Iterator[Line]:
    for cost in project.costs:
        yield Line(LineKind.COST, cost.label, cost.pence, is_capital=cost.kind == "capital")
    for money in project.other_money:
        flags = {"is_public": money.source == "public", "is_confirmed": money.status == "confirmed"}
        yield Line(LineKind.OTHER_MONEY, money.label, money.pence, **flags)
    for milestone in project.milestones:
        yield Line(LineKind.MILESTONE, milestone.title, due=deadline + timedelta(days=30 * milestone.month))
    for wanted in project.help_wanted:
        yield Line(LineKind.HELP_WANTED, wanted.label)
    for use in project.money_use:
        yield Line(LineKind.MONEY_USE, use.buys, use.pence)
