"""What browsers get: small enough, unchanged, readable in every pair of colours, and from nowhere else."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

import pytest

from crowdfund.core.config import ROOT
from crowdfund.web.templating import static_url

STATIC = ROOT / "static"
CSS = "css/site.css"
SCRIPTS = ("vendor/htmx@2.0.11/htmx.min.js", "js/app.js")
FACES = ("fonts/figtree.woff2", "fonts/fraunces-600.woff2")
# What the home page shows before any picture of a project.
DRAWN = ("images/hero.svg", "images/kent-outline.svg", "images/mark.svg")
KB = 1024

TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "quiet", "sea", "plum", "hop", "error") for ground in ("chalk", "paper")),
    *(("ink", ground) for ground in ("straw", "straw-pale", "sand", "focus", "hop-pale", "brick-pale")),
    *(("quiet", ground) for ground in ("sand", "straw-pale")),
    *(("hop-deep", ground) for ground in ("hop-pale",)),
    *(("brick", ground) for ground in ("chalk", "paper", "straw-pale", "brick-pale")),
    *(("paper", ground) for ground in ("hop", "hop-deep", "brick", "brick-deep", "error")),
    *((text, ground) for text in ("chalk", "straw") for ground in ("hop-deep", "hop")),
    ("sea", "sea-pale"),
    ("hop", "hop-pale"),
]
# A part that carries meaning needs 3:1: the bar on its track, a field's edge, a district on the ground.
PART_PAIRS = [("brick", "sand"), ("ink", "paper"), ("hop", "chalk"), ("hop", "paper"), ("focus", "ink")]


@cache
def css() -> str:
    return (STATIC / CSS).read_text(encoding="utf-8")


@cache
def colours() -> dict[str, str]:
    found = re.findall(r"--([a-z-]+):\s*#([0-9a-f]{3}(?:[0-9a-f]{3})?)\b", css())
    return {name: value if len(value) == 6 else "".join(c * 2 for c in value) for name, value in found}


def packed(name: str) -> int:
    content = (STATIC / name).read_bytes()
    return len(content) if name.endswith(".woff2") else len(gzip.compress(content, 9))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(colours()[one]), luminance(colours()[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("names", "most"), [((CSS,), 25), (SCRIPTS, 25), (FACES, 75), ((CSS, *SCRIPTS, *FACES, *DRAWN), 150)]
)
def test_budgets_in_kilobytes(names: tuple[str, ...], most: int) -> None:
    assert sum(packed(name) for name in names) <= most * KB


def test_nothing_is_served_that_no_budget_counts() -> None:
    kinds = {".css", ".js", ".woff2"}
    served = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.suffix in kinds}
    assert served == {CSS, *SCRIPTS, *FACES}


def test_files_by_others_are_unchanged_and_carry_their_licence() -> None:
    listed = (STATIC / "vendor/VENDOR.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| [^|]+ \| [\w.-]+, (\S+) \| ([0-9a-f]{64}) \|$", listed, re.MULTILINE)
    assert {name for name, _, _ in rows} == {*FACES, SCRIPTS[0]}
    for name, licence, checksum in rows:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == checksum, name
        assert (STATIC / licence).read_text(encoding="utf-8").strip(), licence


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("part", "ground"), PART_PAIRS)
def test_parts_can_be_told_apart(part: str, ground: str) -> None:
    assert contrast(part, ground) >= 3


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("ink", "chalk") == pytest.approx(14.9, abs=0.1)
    assert contrast("line", "chalk") == pytest.approx(1.4, abs=0.1)


def test_every_colour_asked_for_is_defined() -> None:
    asked = set(re.findall(r"var\(--(?!govuk)([a-z-]+)\)", css()))
    defined = set(re.findall(r"--([a-z-]+):", css()))
    assert asked <= defined


def test_no_style_comes_from_elsewhere() -> None:
    assert re.search(r"@import|url\(\"?(?:https?:)?//|url\(\"?data:|javascript:|expression\(", css()) is None
    assert "GDS Transport" not in css()


def test_addresses_in_the_style_carry_their_file_s_hash() -> None:
    addresses = re.findall(r"url\(\"\.\./([^\"]+)\"\)", css())
    assert len(addresses) == css().count("url(")
    for address in addresses:
        assert f"/static/{address}" == static_url(address.partition("?")[0]), "run `npm run build` in frontend/"


def test_our_script_evaluates_nothing_and_keeps_nothing() -> None:
    script = (STATIC / "js/app.js").read_text(encoding="utf-8")
    forbidden = (
        r"\beval\(|new Function|innerHTML|outerHTML|document\.write|localStorage|sessionStorage|\.cookie|https?://"
    )
    assert re.search(forbidden, script) is None


def test_pictures_hold_no_script_and_fetch_nothing() -> None:
    pictures = sorted(STATIC.glob("images/*.svg"))
    assert pictures
    for path in pictures:
        drawn = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert re.search(r"<script|<style|<foreignObject|\son\w+=|href|https?:", drawn) is None, path.name


def templates() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*.html") if "stripe" not in path.parts)


def test_templates_name_only_static_files_that_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in templates()]
    named = [name for text in texts for name in re.findall(r"static\('([^']+)'\)", text)]
    assert {CSS, *SCRIPTS} <= set(named)
    assert [name for name in named if not (STATIC / name).is_file()] == []


def test_templates_hold_no_htmx_that_needs_eval() -> None:
    evaluated = re.compile(r"hx-on|hx-vals|hx-boost|[\"']js:|hx-trigger=\"[^\"{]*\[")
    assert [path.name for path in templates() if evaluated.search(path.read_text(encoding="utf-8"))] == []
