"""The launcher of a throw-away PostgreSQL: finding one, and leaving nothing behind."""

from pathlib import Path

import pytest

from tests.support.postgres import NoPostgres, find_bindir


def bindir(root: Path, name: str) -> Path:
    path = root / name / "bin"
    path.mkdir(parents=True)
    (path / "initdb").touch()
    return path


def test_the_named_folder_wins(tmp_path: Path) -> None:
    asked = bindir(tmp_path, "asked")
    newest = bindir(tmp_path, "18")
    assert find_bindir({"PG_BINDIR": str(asked)}, [str(newest)]) == asked


def test_a_named_folder_without_postgres_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPostgres, match="no initdb"):
        find_bindir({"PG_BINDIR": str(tmp_path)})


def test_the_newest_installed_is_taken_by_number(tmp_path: Path) -> None:
    for name in ("9.6", "15", "postgresql@18", "17"):
        bindir(tmp_path, name)
    assert find_bindir({}, [f"{tmp_path}/*/bin"]).parent.name == "postgresql@18"


def test_without_an_installed_one_the_wheel_serves(tmp_path: Path) -> None:
    bindir(tmp_path, "14")
    assert find_bindir({}, [f"{tmp_path}/*/bin"]).parts[-2:] == ("pginstall", "bin")
