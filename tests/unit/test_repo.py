"""What every tracked file keeps to: no machine's paths, no hosts of registries, no loose ends."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from crowdfund.core.config import DOCS, ROOT

NOT_TEXT = {".woff2", ".png", ".jpg", ".webp", ".ico", ".gz", ".xlsx", ".pdf"}
OTHERS_WORK = ("static/vendor/", "static/css/site.css")

# Written in parts, or this file would break its own rules.
REGISTRIES = ("pypi" + r"\.", "python" + "hosted", "npm" + r"js\.", "yarn" + "pkg", r"deb\." + "debian")
HOSTS = re.compile("|".join(REGISTRIES))
MACHINES = re.compile(r"(?<![\w.-])/(?:" + "|".join(("ho" + "me", "ro" + "ot", "Us" + "ers", "wo" + "rk")) + r")/\w")
LOOSE_ENDS = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the project, the ones about to be added too."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(name for name in sorted(set(listed.splitlines())) if (ROOT / name).is_file())


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def ours() -> list[str]:
    return [name for name in tracked() if Path(name).suffix not in NOT_TEXT and not name.startswith(OTHERS_WORK)]


def found(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    """Return every place in these files where the pattern occurs."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name in names
        if pattern.search(text(name))
        for number, line in enumerate(text(name).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert found(HOSTS, ours()) == []


def test_no_file_names_a_folder_of_somebody_s_machine() -> None:
    assert found(MACHINES, ours()) == []


def test_no_loose_ends() -> None:
    assert found(LOOSE_ENDS, ours()) == []


def test_every_module_says_what_it_is() -> None:
    modules = [name for name in ours() if name.endswith(".py") and text(name).strip()]
    assert [name for name in modules if ast.get_docstring(ast.parse(text(name))) is None] == []


def test_no_file_is_too_long_to_read() -> None:
    code = [name for name in ours() if name.endswith(".py") and not name.startswith("migrations/")]
    assert [name for name in code if text(name).count("\n") > 500] == []
    templates = [name for name in ours() if name.startswith("templates/")]
    assert [name for name in templates if text(name).count("\n") > 150] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locked_packages_have_hashes_and_no_addresses(name: str) -> None:
    assert "://" not in text(name)
    packages = re.split(r"\n(?=\S)", text(name).strip())
    assert len(packages) > 10
    assert [package.split("\n")[0] for package in packages if "==" in package and "--hash=sha256:" not in package] == []
    assert [package for package in packages if "==" not in package] == []


def test_tests_run_with_what_the_service_runs_with() -> None:
    pins = re.compile(r"^\S+==\S+", re.MULTILINE)
    assert set(pins.findall(text("requirements.txt"))) <= set(pins.findall(text("requirements-dev.txt")))


def test_the_readme_explains_every_setting() -> None:
    assert [name for name in DOCS if name not in text("README.md")] == []


def test_tests_do_not_wait_skip_or_forgive() -> None:
    forgiving = re.compile(r"\btime\.sle" + r"ep\(|wait_for_" + r"timeout\(|mark\.(?:sk" + "ip|xf" + "ail)")
    assert found(forgiving, [name for name in ours() if name.startswith(("tests/", "e2e/"))]) == []
