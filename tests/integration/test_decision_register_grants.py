"""Grants on the public record of decisions: awards with all they rest on, refusals as counts, nobody’s name."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.grants.deciding import GrantVerdict
from crowdfund.grants.offering import turn_down
from crowdfund.grants.rules import Outcome
from tests.support.granting import Granting, make_granting

PART = GrantVerdict(Outcome.UP_TO, "plan", "Half of it does.", 20_000, reference="21/00055")
NO = GrantVerdict(Outcome.DECLINE, "need", "Another shed stands there.")
UNFIT = GrantVerdict(Outcome.INELIGIBLE, "not_eligible", "It is a firm.")
LATER = GrantVerdict(Outcome.DEFER, "later", "Once the lease is signed.")


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    granting = make_granting(app, clock)
    granting.open_round()
    return granting


def read(granting: Granting, query: str = "") -> str:
    granting.clock.forward(timedelta(seconds=5))
    return granting.app.test_client().get(f"/decisions{query}", max_queries=9).text


def rows(granting: Granting, query: str = "") -> list[dict[str, str]]:
    reply = granting.app.test_client().get(f"/decisions.csv{query}", max_queries=6)
    return list(csv.DictReader(io.StringIO(reply.text.lstrip("\ufeff"))))


def decide(granting: Granting, verdict: GrantVerdict) -> None:
    granting.sent()
    granting.close()
    granting.assess()
    granting.decide(verdict)


def test_an_award_is_public_with_all_that_it_rests_on(granting: Granting) -> None:
    decide(granting, PART)
    page = read(granting, "?kind=grant").partition("<main")[2].partition("</main>")[0]
    for words in (
        "A shed for all",
        granting.group.name,
        "Kent County Council",
        f'href="/grants/{granting.round().slug}"',
        "Awarded in part. Offered: the group answers",
        "£200",
        "The plan and its costs are realistic",
        "Half of it does.",
        "Panel or Cabinet Member",
        "21/00055",
    ):
        assert words in page
    for name in ("Dan", "Ann", "Olu", "@"):
        assert name not in page
    [row] = rows(granting)
    assert (row["What"], row["Project, plan or fund"], row["Round"], row["Amount (£)"]) == (
        "Grant",
        "A shed for all",
        "Small grants",
        "200.00",
    )


def test_an_award_says_how_it_ended_and_is_narrowed_by_the_address(granting: Granting) -> None:
    decide(granting, GrantVerdict(Outcome.FULL, "", "It answers a need."))
    granting.do(turn_down, granting.application().id, "We found it.", granting.application().version)
    [row] = rows(granting)
    assert row["Where it stands"] == "Awarded in full. Turned down by the group"
    assert row["Criterion"] == "It meets every criterion"
    slug = granting.fund.slug
    for query in ("?kind=grant", "?funder=kent-county-council", f"?fund={slug}", "?year=2026/27", "?district=ashford"):
        assert len(rows(granting, query)) == 1
        assert "1 decision found" in read(granting, query)
    for query in ("?kind=match", "?kind=project", "?district=dover"):
        assert rows(granting, query) == []


@pytest.mark.parametrize(
    ("verdict", "criterion", "counts"),
    [
        (NO, "It answers a need of the place or of the people", ["1", "0"]),
        (UNFIT, "The group or its plan does not fit the round’s conditions", ["1", "0"]),
        (LATER, "It is decided later, once something is clear", ["0", "1"]),
    ],
    ids=["declined", "ineligible", "deferred"],
)
def test_refusals_are_counts_only(granting: Granting, verdict: GrantVerdict, criterion: str, counts: list[str]) -> None:
    decide(granting, verdict)
    page = read(granting)
    line = page.partition(f'role="rowheader">{criterion}<')[2].partition("</tr>")[0]
    assert [cell.partition("<")[0] for cell in line.split('class="data__number">')[1:]] == counts
    for words in (verdict.reason, "A shed for all", granting.group.name):
        assert words not in page
    assert rows(granting) == []
    assert criterion in read(granting, "?kind=grant&district=dover")
    assert criterion not in read(granting, "?kind=match")
