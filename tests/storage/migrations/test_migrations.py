"""What holds for the history of the schema, on each kind of database."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from portvakt.errors import DatabaseUnavailable, SchemaOutdated, SettingsError
from portvakt.resources import load
from portvakt.storage.migrations.migrate import migrate, prepare, sync_content_types
from portvakt.storage.migrations.schema_version import STEPS, check, history, pending
from portvakt.storage.store import Store
from tests.support.schemas import catalog, create_declared, execute, fetch, opened
from tests.support.store_fixtures import MakeUrl

NOW = "2026-11-23T10:00:00.000000Z"
LATER = "2026-11-24T10:00:00.000000Z"

STEP = """
async def upgrade(step):
    await step.execute("{}")
"""


TABLE, ROW = (f"{len(history()) + n:04}_{what}" for n, what in ((1, "table"), (2, "row")))


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """Our history and two steps more: one makes a table, one adds a row to it."""
    folder = shutil.copytree(STEPS, tmp_path / "steps")
    (folder / f"{TABLE}.py").write_text(STEP.format("CREATE TABLE thing (name TEXT)"))
    (folder / f"{ROW}.py").write_text(STEP.format("INSERT INTO thing VALUES ('x')"))
    return folder


# --- the history -----------------------------------------------------------------------------


def test_the_history_is_one_line() -> None:
    """The steps are numbered from 1 on, each number once, so that there is one way through."""
    assert [name[:5] for name in history()] == [f"{n:04}_" for n in range(1, len(history()) + 1)]


def test_a_step_is_there_for_both_databases() -> None:
    """It is a module, or a file of SQL for each."""
    files = {path.name for path in STEPS.glob("[0-9]*.*")}
    for name in history():
        own = {file for file in files if file.startswith(f"{name}.")}
        assert own in ({f"{name}.py"}, {f"{name}.sqlite.sql", f"{name}.postgresql.sql"})


def test_naming_the_steps_runs_none(tmp_path: Path) -> None:
    """A server that starts compares names, and needs nothing of what a step needs."""
    (tmp_path / "0002_b.py").write_text("raise AssertionError")
    (tmp_path / "0001_a.sqlite.sql").write_text("")
    (tmp_path / "0001_a.postgresql.sql").write_text("")
    assert history(tmp_path) == ("0001_a", "0002_b")


async def test_the_history_ends_at_the_declared_tables(make_url: MakeUrl) -> None:
    """Migrated or made from the declarations: a database is the same, to the letter."""
    migrated, declared = make_url(), make_url()
    await migrate(migrated)
    await create_declared(declared)
    found = await catalog(migrated)
    assert len(found) > len(load().resources)
    assert found == await catalog(declared)


# --- migrating -------------------------------------------------------------------------------


async def test_migrating_names_the_steps_it_takes(make_url: MakeUrl) -> None:
    """An empty database takes all steps, oldest first; afterwards it lacks none."""
    url = make_url()
    assert await migrate(url) == list(history())
    async with opened(url) as database:
        assert await pending(database) == []
        await check(database)


async def test_migrating_twice_does_nothing(make_url: MakeUrl) -> None:
    """A database that is up to date stays as it is."""
    url = make_url()
    await migrate(url)
    before = await catalog(url)
    assert await migrate(url) == []
    assert await catalog(url) == before


async def test_a_database_on_its_way_takes_what_it_lacks(make_url: MakeUrl, steps: Path) -> None:
    """The steps after the last one taken are pending, and only they are taken."""
    url = make_url()
    assert await migrate(url) == list(history())
    async with opened(url) as database:
        assert await pending(database, steps) == [TABLE, ROW]
    last = (steps / f"{ROW}.py").rename(steps / "not_yet")
    assert await migrate(url, steps) == [TABLE]
    last.rename(steps / f"{ROW}.py")
    assert await migrate(url, steps) == [ROW]
    assert await fetch(url, "SELECT name FROM thing") == [("x",)]
    async with opened(url) as database:
        assert await pending(database, steps) == []


async def test_two_may_migrate_at_once(make_url: MakeUrl) -> None:
    """The one that comes second waits for the first, and finds nothing to do."""
    url = make_url()
    taken = await asyncio.gather(migrate(url), migrate(url), migrate(url))
    assert sorted(taken) == [[], [], list(history())]


async def test_a_step_that_fails_leaves_nothing_behind(make_url: MakeUrl, steps: Path) -> None:
    """All steps are taken or none is, also where earlier ones went well."""
    url = make_url()
    await execute(url, "CREATE TABLE thing (name INTEGER)")
    before = await catalog(url)
    with pytest.raises((sqlite3.OperationalError, asyncpg.DuplicateTableError), match="thing"):
        await migrate(url, steps)
    assert await catalog(url) == before
    async with opened(url) as database:
        assert await pending(database, steps) == list(history(steps))
    await execute(url, "DROP TABLE thing")
    assert await migrate(url, steps) == list(history(steps))


async def test_a_step_that_rows_break_is_named(make_url: MakeUrl, steps: Path) -> None:
    """Nothing has changed then, and it can be taken once they are mended."""
    url = make_url()
    (steps / f"{ROW}.py").write_text(STEP.format("CREATE UNIQUE INDEX uq_thing ON thing (name)"))
    last = (steps / f"{ROW}.py").rename(steps / "not_yet")
    await migrate(url, steps)
    await execute(url, "INSERT INTO thing VALUES ('x'), ('x')")
    last.rename(steps / f"{ROW}.py")
    with pytest.raises(SchemaOutdated, match=rf"{ROW}.*nothing has changed"):
        await migrate(url, steps)
    async with opened(url) as database:
        assert await pending(database, steps) == [ROW]
    await execute(url, "DELETE FROM thing")
    assert await migrate(url, steps) == [ROW]


async def test_a_sqlite_file_gets_the_log_that_lets_readers_go_on(tmp_path: Path) -> None:
    """The file is made with its folder, in WAL mode."""
    url = f"sqlite:///{tmp_path}/new/folder/portvakt.db"
    await migrate(url)
    assert await fetch(url, "PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize("name", ["100%.db", "å b.db", "%(here)s.db"])
async def test_a_path_may_hold_any_character(tmp_path: Path, name: str) -> None:
    """What means something in a settings file or a URL is taken as it stands."""
    assert await migrate(f"sqlite:///{tmp_path}/{name}") == list(history())
    assert (tmp_path / name).is_file()


# --- refusing --------------------------------------------------------------------------------


async def test_an_empty_database_is_refused(make_url: MakeUrl) -> None:
    """The message says what to type."""
    async with opened(make_url()) as database:
        with pytest.raises(SchemaOutdated, match=r"older.*0001_first_release.*`portvakt migrate`"):
            await check(database)


async def test_a_newer_database_is_refused(make_url: MakeUrl) -> None:
    """An old program neither uses nor migrates what a newer one has migrated, and says why."""
    url = make_url()
    await migrate(url)
    await execute(url, "UPDATE schema_version SET step = '9999_later'")
    async with opened(url) as database:
        with pytest.raises(SchemaOutdated, match=r"newer.*9999_later.*`portvakt migrate`"):
            await check(database)
    with pytest.raises(SchemaOutdated, match="newer"):
        await migrate(url)


async def test_a_database_from_before_the_first_release_is_refused(make_url: MakeUrl) -> None:
    """It is left as it is, and the message says what it is and what to do."""
    url = make_url()
    await create_declared(url)
    await execute(
        url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('0028_ids_of_items')",
    )
    before = await catalog(url)
    said = r"before its first release.*`portvakt item list --jsonl`.*empty database"
    async with opened(url) as database:
        with pytest.raises(SchemaOutdated, match=said):
            await check(database)
    for refused in (migrate(url), prepare(url, load(), NOW)):
        with pytest.raises(SchemaOutdated, match=said):
            await refused
    assert await catalog(url) == before
    assert await fetch(url, "SELECT * FROM alembic_version") == [("0028_ids_of_items",)]
    assert await fetch(url, "SELECT * FROM platform_contenttype") == []


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Nothing listens on that port."""
    with pytest.raises(DatabaseUnavailable):
        await migrate("postgresql://nobody@127.0.0.1:1/none")


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """A file of something else is left alone."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be looked at" * 50)
    with pytest.raises(DatabaseUnavailable):
        await migrate(f"sqlite:///{file}")
    assert file.read_text().startswith("not a database")


async def test_an_unreadable_url_is_a_wrong_setting() -> None:
    """The message names the forms that exist."""
    with pytest.raises(SettingsError, match="sqlite:///"):
        await migrate("mysql://somewhere/else")


# --- content types ---------------------------------------------------------------------------

NAMES = "SELECT CAST(id AS TEXT), name FROM platform_contenttype"


async def test_preparing_migrates_and_fills_in_the_content_types(make_url: MakeUrl) -> None:
    """Afterwards the table holds every content type of the registry, and the database fits."""
    url = make_url()
    assert await prepare(url, load(), NOW) == list(history())
    rows = await fetch(url, NAMES)
    assert {(pk, name) for pk, name in rows} == set(load().content_types.items())
    assert len(rows) == len(load().content_types)


async def test_preparing_again_changes_nothing(make_url: MakeUrl) -> None:
    """Content types that are there keep the time at which they came."""
    url = make_url()
    await prepare(url, load(), NOW)
    before = await fetch(url, "SELECT * FROM platform_contenttype ORDER BY id")
    assert await prepare(url, load(), LATER) == []
    assert await fetch(url, "SELECT * FROM platform_contenttype ORDER BY id") == before


async def test_only_missing_content_types_are_inserted(make_url: MakeUrl) -> None:
    """A content type that came with a newer program is added to those that are there."""
    url = make_url()
    await prepare(url, load(), NOW)
    await execute(url, "DELETE FROM platform_contenttype WHERE name = 'accounts.tenant'")
    await prepare(url, load(), LATER)
    kept = await fetch(url, "SELECT name, created_at FROM platform_contenttype")
    times = {name: str(moment) for name, moment in kept}
    assert times.pop("accounts.tenant").startswith("2026-11-24")
    assert all(moment.startswith("2026-11-23") for moment in times.values())


async def test_two_may_fill_in_the_content_types_at_once(make_url: MakeUrl) -> None:
    """Whoever is slower finds them there."""
    url = make_url()
    await migrate(url)
    async with opened(url) as one, opened(url) as other:
        stores = [Store(database, load()) for database in (one, other)]
        await asyncio.gather(*(sync_content_types(store, NOW) for store in stores))
    assert len(await fetch(url, NAMES)) == len(load().content_types)
