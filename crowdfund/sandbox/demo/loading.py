"""Reading the demonstration's files into content; a mistake in a file raises at once."""

import csv
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from crowdfund.accounts.roles import MemberRole
from crowdfund.funds.rules import FunderKind
from crowdfund.groups.rules import LegalForm
from crowdfund.projects.rules import ProjectState, Theme
from crowdfund.sandbox.demo.content import (
    DemoBudget,
    DemoCampaign,
    DemoCost,
    DemoFund,
    DemoFunder,
    DemoGroup,
    DemoHelp,
    DemoMember,
    DemoMilestone,
    DemoOtherMoney,
    DemoPerson,
    DemoProject,
    DemoUpdate,
    DemoUse,
    PersonKind,
)

T = TypeVar("T")
HERE = Path(__file__).parent
POSTCODES = Path(__file__).parents[2] / "places" / "data" / "demo_postcodes.csv"


@cache
def demo_postcodes() -> dict[str, str]:
    """Return the demonstration's postcodes, each with the code of its district."""
    with POSTCODES.open(encoding="utf-8", newline="") as file:
        return {row["postcode"]: row["district_code"] for row in csv.DictReader(file)}


@cache
def load_groups() -> tuple[DemoGroup, ...]:
    """Return every group. Raises KeyError or ValueError when the file is wrong."""
    return tuple(_group(raw) for raw in _read(HERE / "groups.toml")["groups"])


@cache
def load_projects() -> tuple[DemoProject, ...]:
    """Return every project by slug, which is its file's name. Raises KeyError or ValueError when a file is wrong."""
    return tuple(_project(path.stem, _read(path)) for path in sorted((HERE / "projects").glob("*.toml")))


@cache
def load_people() -> tuple[DemoPerson, ...]:
    """Return the people to sign in as. Raises KeyError or ValueError when the file is wrong."""
    return tuple(
        DemoPerson(
            *(raw["name"], raw["email"], PersonKind(raw["kind"]), raw["role"], raw["try_this"]),
            group=raw.get("group"),
            funder=raw.get("funder"),
            limit_pence=raw.get("limit_pence"),
        )
        for raw in _read(HERE / "people.toml")["people"]
    )


@cache
def load_funders() -> tuple[DemoFunder, ...]:
    """Return every funder with its funds. Raises KeyError or ValueError when the file is wrong."""
    return tuple(
        DemoFunder(raw["slug"], raw["name"], FunderKind(raw["kind"]), tuple(map(_fund, raw["funds"])))
        for raw in _read(HERE / "funders.toml")["funders"]
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _fund(raw: dict[str, Any]) -> DemoFund:
    lists = {"budget": _each(DemoBudget, raw["budget"]), "objectives": tuple(raw.get("objectives", ()))}
    return DemoFund(**{**raw, **lists})


def _group(raw: dict[str, Any]) -> DemoGroup:
    return DemoGroup(
        key=raw["key"],
        name=raw["name"],
        legal_form=LegalForm(raw["legal_form"]),
        charity_number=raw.get("charity_number"),
        company_number=raw.get("company_number"),
        number_is_made_up=raw.get("number_is_made_up", False),
        host=raw.get("host"),
        town=raw["town"],
        postcode=raw["postcode"],
        district_code=demo_postcodes()[raw["postcode"]],
        about=raw["about"],
        contact_email=raw["contact_email"],
        members=tuple(_member(member) for member in raw["members"]),
    )


def _member(raw: dict[str, str]) -> DemoMember:
    return DemoMember(raw["name"], f"{raw['name'].lower().replace(' ', '.')}@example.org", MemberRole(raw["role"]))


def _project(slug: str, raw: dict[str, Any]) -> DemoProject:
    return DemoProject(
        slug=slug,
        **{name: raw[name] for name in ("group", "title", "aim", "place", "postcode", "picture_alt")},
        **{name: raw[name] for name in ("if_too_little", "if_too_much", "risks", "permissions")},
        story=raw["story"].strip(),
        theme=Theme(raw["theme"]),
        state=ProjectState(raw["state"]),
        district_code=demo_postcodes()[raw["postcode"]],
        picture=f"images/scenes/{raw['picture']}.svg",
        costs=tuple(DemoCost(c["label"], c["pence"], _either(c["kind"], "capital", "revenue")) for c in raw["costs"]),
        other_money=tuple(_other(money) for money in raw["other_money"]),
        stretch_pence=raw.get("stretch_pence"),
        stretch_use=raw.get("stretch_use", ""),
        milestones=_each(DemoMilestone, raw["milestones"]),
        help_wanted=_each(DemoHelp, raw["help_wanted"]),
        money_use=_each(DemoUse, raw["money_use"]),
        campaign=DemoCampaign(**raw["campaign"]) if "campaign" in raw else None,
        updates=_each(DemoUpdate, raw.get("updates", ())),
    )


def _other(raw: dict[str, Any]) -> DemoOtherMoney:
    public, confirmed = _either(raw["source"], "public", "private"), _either(raw["status"], "confirmed", "hoped")
    return DemoOtherMoney(raw["label"], raw["pence"], public, confirmed)


def _either(value: str, yes: str, no: str) -> bool:
    if value not in {yes, no}:
        raise ValueError(f"{value!r} is neither {yes!r} nor {no!r}")
    return value == yes


def _each(kind: type[T], rows: Iterable[dict[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**row) for row in rows)
