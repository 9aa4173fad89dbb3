"""The table of fault cases names a test for every case, and each of them exists."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLE = (TESTS / "faults" / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \|.*`([^`:]+)::(\w+)` \|$", TABLE, re.MULTILINE)


def test_every_case_has_a_test() -> None:
    assert {int(number) for number, _, _ in ROWS} == set(range(1, 31))


@pytest.mark.parametrize(("path", "name"), sorted({(path, name) for _, path, name in ROWS}))
def test_the_named_test_exists(path: str, name: str) -> None:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
