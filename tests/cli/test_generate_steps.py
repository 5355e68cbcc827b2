"""`portvakt generate step` and `first-step` write to a checkout, and nothing that was released."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from portvakt.cli.generate_steps import STEPS, write_first_step, write_step
from portvakt.errors import SettingsError
from portvakt.storage.migrations import schema_version
from portvakt.storage.migrations.first_step import NAME
from portvakt.storage.sql.dialects import DIALECTS

UNRELEASED = "# Changelog\n\n## [Unreleased] 0.1.0\n"


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the steps in a checkout from before the first release."""
    (tmp_path / "CHANGELOG.md").write_text(UNRELEASED)
    shutil.copytree(schema_version.STEPS, tmp_path / STEPS)
    monkeypatch.chdir(tmp_path)
    return tmp_path / STEPS


def empty(folder: Path) -> None:
    """Leave no file in a folder."""
    shutil.rmtree(folder)
    folder.mkdir()


def test_the_first_step_is_written_for_each_database(steps: Path) -> None:
    """Until it is released, it can be made anew, whatever it was."""
    empty(steps)
    write_first_step()
    assert {path.name for path in steps.iterdir()} == {f"{NAME}.{name}.sql" for name in DIALECTS}


@pytest.mark.parametrize("released", [True, False])
def test_a_first_step_that_databases_have_is_left_alone(steps: Path, released: bool) -> None:
    """That is so once a release is in the changelog, or another step follows it."""
    if released:
        Path("CHANGELOG.md").write_text(f"{UNRELEASED}\n## [0.1.0] - 2026-12-24\n")
    else:
        (steps / "0002_more.py").touch()
    (first := steps / f"{NAME}.sqlite.sql").write_text("as it was")
    with pytest.raises(SettingsError, match="generate step NAME"):
        write_first_step()
    assert first.read_text() == "as it was"


def test_a_draft_gets_the_next_number(steps: Path) -> None:
    """And its name, by which it is told that it was taken."""
    empty(steps)
    (steps / f"{NAME}.sqlite.sql").write_text(
        "CREATE TABLE schema_version (step TEXT NOT NULL);\n"
        f"INSERT INTO schema_version VALUES ('{NAME}');\n"
    )
    write_step("all_tables")
    text = (steps / "0002_all_tables.py").read_text()
    assert text.startswith('"""All tables."""\n')
    assert '"accounts_tenant"' in text


def test_what_cannot_be_drafted_is_refused(steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is no file's, a step that would do nothing, a folder that is no checkout."""
    before = {*steps.iterdir()}
    with pytest.raises(SettingsError, match="small letters"):
        write_step("../Tags")
    with pytest.raises(SettingsError, match="make what is declared"):
        write_step("nothing")
    assert {*steps.iterdir()} == before
    monkeypatch.chdir(steps)
    with pytest.raises(SettingsError, match="checkout"):
        write_step("tags")
