"""`crowdfund rehearse` plays a season in the sandbox whose money adds up to the penny, or says where it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from crowdfund import cli
from crowdfund.app import create_app
from crowdfund.core.config import ROOT, SANDBOX_SECRET, Settings
from crowdfund.sandbox.rehearsal import conclude, rehearse
from crowdfund.sandbox.rehearsal.figures import Check, as_json
from tests.support.clock import standing_clock


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], list[str]]:
    """What a rehearsal answered, wrote and said."""
    folder, said = tmp_path_factory.mktemp("rehearsal"), list[str]()
    settings = Settings(sandbox=True, secret_key=SANDBOX_SECRET, instance=str(folder))
    with standing_clock():  # afterwards the clock of the other tests returns
        status = rehearse(settings, create_app, folder / "out.json", cli._breaches, said.append)
    return status, json.loads((folder / "out.json").read_text()), said


def test_it_adds_up(played: tuple[int, dict[str, Any], list[str]]) -> None:
    status, found, said = played
    assert (status, found["adds_up"], found["breaches"]) == (0, True, [])
    assert all(check["one"] == check["other"] for check in found["checks"])
    assert any("to the penny" in line for line in said)


def test_the_figures_alone_give_what_the_provider_holds(played: tuple[int, dict[str, Any], list[str]]) -> None:
    found = played[1]

    def total(figure: str) -> int:
        return sum(int(project[figure]) for project in found["projects"])

    balance, fees, *_ = (check["one"] for check in found["checks"])
    moved = total("charged_pence") - total("refunded_pence") - total("charged_back_pence")
    assert (balance, total("refunds_owed_pence")) == (moved - fees, 0)
    for project in found["projects"]:
        assert project["charged_pence"] <= project["pledged_at_deadline_pence"]


def test_each_field_is_explained(played: tuple[int, dict[str, Any], list[str]]) -> None:
    found, words = played[1], (ROOT / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    fields = {*found, *found["projects"][0], *found["checks"][0], *found["funds"][0]}
    assert len(fields) > 15
    assert [field for field in sorted(fields) if f"`{field}`" not in words] == []


def test_every_way_of_a_project_is_played(played: tuple[int, dict[str, Any], list[str]]) -> None:
    projects = played[1]["projects"]
    assert {project["state"] for project in projects} == {"funded", "delivering", "refunded", "unsuccessful"}
    for figure in ("topped_up_pence", "refunded_pence", "refunds_made_good_pence", "charged_back_pence",
                   "paid_out_pence", "exposure_pence"):  # fmt: skip
        assert sum(project[figure] for project in projects) > 0, figure
    [missed] = [project for project in projects if project["state"] == "unsuccessful"]
    assert missed["charged_pence"] == 0
    assert any("pays £80 with another card" in line for line in played[2])


def test_three_funds_stand_behind_a_project_and_a_missed_one_gives_back(
    played: tuple[int, dict[str, Any], list[str]],
) -> None:
    found = played[1]
    [choir] = [project for project in found["projects"] if project["title"] == "A choir for the square"]
    match = [choir[f"match_{figure}_pence"] for figure in ("pledged", "confirmed", "passed_on", "paid_direct")]
    assert (choir["state"], match) == ("funded", [16_000, 16_000, 13_000, 3000])
    assert choir["held_pence"] == choir["charged_pence"] + 13_000
    assert sum(project["match_lapsed_pence"] for project in found["projects"]) == 9000
    assert sum(fund["paid_pence"] for fund in found["funds"]) == 16_000
    assert all(fund["reserved_pence"] == fund["confirmed_pence"] == 0 for fund in found["funds"])


@pytest.mark.parametrize(
    ("checks", "breaches", "words"),
    [
        ([Check("fees", 150, 149)], [], "DIFFERS: fees: 150 and 149 pence"),
        ([Check("fees", 150, 150)], ["a penny is missing"], "BREACH: a penny is missing"),
    ],
)
def test_a_difference_is_said_and_fails(tmp_path: Path, checks: list[Check], breaches: list[str], words: str) -> None:
    said = list[str]()
    assert conclude(as_json([], checks, breaches, []), tmp_path / "out.json", said.append) == 1
    assert words in said
    assert json.loads((tmp_path / "out.json").read_text())["adds_up"] is False


def test_it_is_only_for_the_sandbox(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    live = Settings(
        secret_key="a" * 40, public_url="https://x.example.org", stripe_api_key="rk_live_1",
        stripe_webhook_secrets="whsec_1", smtp_url="smtp://x", mail_from="a@kent.example.net", help_phone="1",
        help_email="a@kent.example.net", officers_email="a@kent.example.net",
    )  # fmt: skip
    for name, value in vars(live).items():
        monkeypatch.setenv(f"CROWDFUND_{name.upper()}", str(value))
    monkeypatch.setattr("sys.argv", ["crowdfund", "rehearse"])
    assert cli.main() == 2
    assert "only a sandbox rehearses" in capsys.readouterr().err
