"""A demonstration project as a group would have typed it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from crowdfund.projects.actions import Line, ProjectDetails
from crowdfund.projects.rules import LineKind
from crowdfund.sandbox.demo import DemoProject

STANDARD_DAYS = 42


def details_of(project: DemoProject, launched: datetime) -> ProjectDetails:
    """Return the details of a demonstration project whose months count from its deadline."""
    campaign = project.campaign
    days = campaign.launched_days_ago + campaign.days_left if campaign else STANDARD_DAYS
    return ProjectDetails(
        title=project.title,
        aim=project.aim,
        story=project.story,
        theme=project.theme,
        place=project.place,
        district_code=project.district_code,
        picture=project.picture,
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
        yield Line(LineKind.COST, cost.label, cost.pence, is_capital=cost.is_capital)
    for money in project.other_money:
        yield Line(
            LineKind.OTHER_MONEY,
            money.label,
            money.pence,
            is_public=money.is_public,
            is_confirmed=money.is_confirmed,
        )
    for milestone in project.milestones:
        yield Line(LineKind.MILESTONE, milestone.title, due=deadline + timedelta(days=30 * milestone.month))
    for wanted in project.help_wanted:
        yield Line(LineKind.HELP_WANTED, wanted.label)
    for use in project.money_use:
        yield Line(LineKind.MONEY_USE, use.buys, use.pence)
