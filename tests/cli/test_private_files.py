"""What holds secrets or persons' data is for its owner alone, whatever the umask is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from portvakt import private_files
from tests.support.servers import command, sandbox

PEOPLE = "custom_id,first_name,last_name\nQ1,Ada,Example\n,,\n"


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """The umask under which everybody may do everything with what is made."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """What who may do with a file or a folder."""
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    """The same of everything in a folder, and of it."""
    return {path.name: mode(path) for path in (folder, *folder.iterdir())}


def test_the_sandbox_keeps_all_for_itself(tmp_path: Path) -> None:
    """Its database with what SQLite puts beside it, its secrets, and what its commands write."""
    url = f"sqlite:///{tmp_path / 'var' / 'sandbox.db'}"
    with sandbox(tmp_path, url) as server:
        found = modes(tmp_path / "var")
        assert found.pop("var") == 0o700
        assert found.keys() >= {"sandbox.db", "sandbox.db-wal", "sandbox.db-shm", "sandbox.json"}
        assert set(found.values()) == {0o600}
        settings = {"database": url, "credential_keys": server.keys}
        customer = server.customers[0].id
        people = tmp_path / "tenants.csv"
        people.write_text(PEOPLE)
        report, person = tmp_path / "report.csv", tmp_path / "person.json"
        for written in (report, person):
            written.touch(0o666)  # one that was there is taken from the others
        load = ["import", people.name, "--customer", customer, "--report", report.name]
        command(tmp_path, [*load, "--keep-going"], **settings)
        words = ["person", "export", "tenant", server.customers[0].ids["tenant"][0]]
        command(tmp_path, [*words, "--customer", customer, "--json", person.name], **settings)
        for written in (report, person):
            assert written.stat().st_size > 0
            assert mode(written) == 0o600


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o640, 0o640), (0o600, 0o600)]
)
def test_migrating_takes_a_database_from_everybody(tmp_path: Path, before: int, after: int) -> None:
    """Not from a group: that was given a right on purpose."""
    file = tmp_path / "portvakt.db"
    file.touch()
    file.chmod(before)
    assert command(tmp_path, ["migrate"], database=f"sqlite:///{file}").returncode == 0
    assert mode(file) == after


def test_migrating_leaves_what_is_no_database_as_it_is(tmp_path: Path) -> None:
    """A folder can still be entered, and other files be read by everybody."""
    folder, text = tmp_path / "folder", tmp_path / "text"
    folder.mkdir(0o755)
    text.write_text("no database, but long enough to have the head of one. " * 100)
    text.chmod(0o644)
    for path in (folder, text):
        assert command(tmp_path, ["migrate"], database=f"sqlite:///{path}").returncode != 0
    assert [mode(path) for path in (folder, text)] == [0o755, 0o644]


def test_new_folders_are_private_and_others_stay_as_they_are(tmp_path: Path) -> None:
    """However many are missing."""
    there = tmp_path / "there"
    there.mkdir(0o755)
    private_files.make_folder(there / "new" / "newer")
    assert [mode(path) for path in (there, there / "new", there / "new" / "newer")] == [
        0o755,
        0o700,
        0o700,
    ]
    private_files.make_folder(there)
    assert mode(there) == 0o755
