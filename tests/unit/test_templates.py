"""Templates parse, use what they import, mark nothing safe on their own and hold nothing inline."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, TemplateSyntaxError, nodes

from crowdfund.core.config import ROOT

FOLDER = ROOT / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
# One sanitiser makes the only HTML that is not escaped; its filter returns Markup, so no template needs `|safe`.
SAFE_ALLOWED: frozenset[str] = frozenset()
INLINE = re.compile(r"<style\b|<script\b(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
EVALUATED = re.compile(r"hx-on|hx-vals=.js:|hx-trigger=\"[^\"{]*\[")


@cache
def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def parsed(name: str) -> nodes.Template:
    return Environment().parse(source(name), name, str(FOLDER / name))


def imported(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Import):
        yield node.target
    for node in tree.find_all(nodes.FromImport):
        for name in node.names:
            yield name[1] if isinstance(name, tuple) else name


def used(tree: nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}


def referred(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        if isinstance(node.template, nodes.Const):
            yield node.template.value


def unused(tree: nodes.Template) -> list[str]:
    return [name for name in imported(tree) if name not in used(tree)]


def test_every_template_parses() -> None:
    for name in NAMES:
        try:
            parsed(name)
        except TemplateSyntaxError as error:
            pytest.fail(f"{name}:{error.lineno}: {error.message}")


def test_every_template_is_html_or_a_mail() -> None:
    assert [n for n in NAMES if not n.endswith((".html", ".txt")) or (n.endswith(".txt") and "mail/" not in n)] == []


def test_every_import_is_used() -> None:
    assert {name: unused(parsed(name)) for name in NAMES if unused(parsed(name))} == {}


def test_every_template_that_is_referred_to_exists() -> None:
    missing = {name: [other for other in referred(parsed(name)) if other not in NAMES] for name in NAMES}
    assert {name: others for name, others in missing.items() if others} == {}


def test_nothing_is_marked_safe_outside_the_list() -> None:
    marking = [
        name
        for name in NAMES
        if any(node.name == "safe" for node in parsed(name).find_all(nodes.Filter))
        or any(True for _ in parsed(name).find_all((nodes.MarkSafe, nodes.EvalContextModifier)))
    ]
    assert set(marking) <= SAFE_ALLOWED


@pytest.mark.parametrize("pattern", [INLINE, EVALUATED], ids=["inline", "evaluated"])
def test_nothing_inline_or_evaluated(pattern: re.Pattern[str]) -> None:
    places = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name in NAMES
        for number, line in enumerate(source(name).splitlines(), 1)
        if pattern.search(line)
    ]
    assert places == []


def test_an_unused_import_is_found() -> None:
    tree = Environment().parse("{% from 'a.html' import b, c as d %}{% import 'e.html' as f %}{{ d(f.x) }}")
    assert unused(tree) == ["b"]
    assert list(referred(tree)) == ["a.html", "e.html"]
