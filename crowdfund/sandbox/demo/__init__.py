"""Demonstration content: made-up groups, projects, people and backers in real Kent places."""

from crowdfund.sandbox.demo.backers import backers_for
from crowdfund.sandbox.demo.content import (
    ROLES,
    DemoBacker,
    DemoFund,
    DemoFunder,
    DemoGroup,
    DemoPerson,
    DemoProject,
    PersonKind,
)
from crowdfund.sandbox.demo.loading import load_funders, load_groups, load_people, load_projects

__all__ = [
    "ROLES",
    "DemoBacker",
    "DemoFund",
    "DemoFunder",
    "DemoGroup",
    "DemoPerson",
    "DemoProject",
    "PersonKind",
    "backers_for",
    "load_funders",
    "load_groups",
    "load_people",
    "load_projects",
]
