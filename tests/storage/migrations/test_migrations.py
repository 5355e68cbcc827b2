"""What holds for the history of the schema, on each kind of database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from portvakt.errors import DatabaseUnavailable, SchemaOutdated, SettingsError
from portvakt.operations import write
from portvakt.resources import load
from portvakt.storage.database import Database, open_database, parse_url
from portvakt.storage.dialects import DIALECTS
from portvakt.storage.ledger_tables import all_guards
from portvakt.storage.migrate import migrate, prepare, sync_content_types
from portvakt.storage.schema_version import FOLDER, check, history, pending
from portvakt.storage.store import Store
from portvakt.storage.tables import Tables
from tests.support.stores import ACTIVATION, ANSWER, TENANT, add, add_customer, ref

NOW = "2026-11-23T10:00:00.000000Z"
LATER = "2026-11-24T10:00:00.000000Z"

MakeUrl = Callable[[], str]

# What a database knows of its schema, as text that can be compared.
CATALOGS = {
    "sqlite": [
        "SELECT type, name, tbl_name, sql FROM sqlite_schema"
        " WHERE tbl_name <> 'alembic_version' ORDER BY 1, 2"
    ],
    "postgresql": [
        "SELECT table_name, ordinal_position, column_name, data_type, collation_name, is_nullable,"
        " column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
        # Since PostgreSQL 18 a NOT NULL is a constraint with a name that the server makes up; what
        # was declared is in the columns above.
        " AND contype <> 'n' AND conrelid <> coalesce(to_regclass('alembic_version'), 0)"
        " ORDER BY 1, 2",
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1, 2",
        "SELECT proname, prosrc FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT tablename, indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2",
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> MakeUrl:
    """Gives the URL of another empty database each time; the test runs on each kind."""
    if request.param == "sqlite":
        numbers = iter(range(10))
        return lambda: f"sqlite:///{tmp_path}/folder/{next(numbers)}.db"
    made: MakeUrl = request.getfixturevalue("make_postgres_database")
    return made


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The database at `url`, open for the block."""
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def execute(url: str, *statements: str) -> None:
    """Run statements in one transaction."""
    async with opened(url) as database, database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)


async def force(url: str, statement: str) -> None:
    """Run a statement without its foreign keys being looked at; `{true}` is the database's."""
    if url.startswith("sqlite"):
        path = parse_url(url).path  # type: ignore[union-attr]
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement.format(true=1))
        return
    await execute(url, "SET LOCAL session_replication_role = replica", statement.format(true=True))


async def fetch(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    async with opened(url) as database:
        return [tuple(row) for row in await database.fetch(statement)]


async def catalog(url: str) -> list[tuple[Any, ...]]:
    """Everything that the database knows of its schema, white space apart."""
    async with opened(url) as database:
        rows = [row for text in CATALOGS[database.name] for row in await database.fetch(text)]
    return [tuple(" ".join(v.split()) if isinstance(v, str) else v for v in row) for row in rows]


async def create_declared(url: str) -> None:
    """Create the tables as the resources declare them, without the history."""
    async with opened(url) as database:
        name = database.name
    core, declared = DIALECTS[name].core, Tables(load())
    tables = declared.metadata.sorted_tables
    made = [str(CreateTable(table).compile(dialect=core)) for table in tables]
    indexes = [index for table in tables for index in table.indexes]
    indexed = [str(CreateIndex(index).compile(dialect=core)) for index in indexes]
    await execute(url, *made, *indexed, *all_guards(name, declared.append_only))


async def differences(url: str) -> list[Any]:
    """What Alembic would still change to reach the declared tables."""

    def compare(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Tables(load()).metadata))

    if url.startswith("sqlite"):
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            return compare(connection)
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=sa.NullPool
    )
    async with engine.connect() as connecting:
        return await connecting.run_sync(compare)


# --- the history -----------------------------------------------------------------------------


def test_the_history_is_one_line() -> None:
    """Each step but the first follows exactly one other, so that there is one way through."""
    script = ScriptDirectory(str(FOLDER))
    steps = [script.get_revision(name) for name in history()]
    assert [step.down_revision for step in steps] == [None, *history()[:-1]]
    assert script.get_heads() == [history()[-1]]


def test_a_step_is_named_as_its_file() -> None:
    """Who reads the name of a step in a message finds its file."""
    files = {path.stem for path in (FOLDER / "versions").glob("0*.py")}
    assert set(history()) == files


async def test_the_history_ends_at_the_declared_tables(make_url: MakeUrl) -> None:
    """Migrated or made from the declarations: a database is the same, to the letter."""
    migrated, declared = make_url(), make_url()
    await migrate(migrated)
    await create_declared(declared)
    found = await catalog(migrated)
    assert len(found) > len(load().resources)
    assert found == await catalog(declared)


@pytest.mark.filterwarnings("ignore:.*expression-based index")
async def test_alembic_finds_nothing_left_to_do(make_url: MakeUrl) -> None:
    """Alembic's own comparison agrees, but for what it doesn't look at: indexes on expressions."""
    url = make_url()
    await migrate(url)
    assert await differences(url) == []


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


@pytest.mark.parametrize("taken", [1, len(history()) - 1])
async def test_a_database_on_its_way_takes_what_it_lacks(make_url: MakeUrl, taken: int) -> None:
    """The steps after the last one taken are pending, and only they are taken."""
    url, steps = make_url(), list(history())
    assert await migrate(url, steps[taken - 1]) == steps[:taken]
    async with opened(url) as database:
        assert await pending(database) == steps[taken:]
    assert await migrate(url) == steps[taken:]
    async with opened(url) as database:
        await check(database)


def without_guards(url: str, table: str) -> list[str]:
    """What lets the rows of an append-only table be deleted."""
    if url.startswith("sqlite"):
        return [f"DROP TRIGGER {table}_delete"]
    return [f"DROP TRIGGER append_only ON {table}"]


async def test_decisions_are_made_from_the_answers_that_are_there(make_url: MakeUrl) -> None:
    """Of each pair the answer that was written last decides; of one moment, the newest."""
    url = make_url()
    await migrate(url)
    async with opened(url) as database:
        store = Store(database, load())
        await sync_content_types(store, NOW)
        customer = await add_customer(store)
        pairs = [(place, yes) for place in (0, 1) for yes in (True, False, True)]
        said = [
            {
                "integration": ref(customer.a(ACTIVATION)),
                "answered_by_tenant": ref(customer.a(TENANT, place)),
                "answer": yes,
            }
            for place, yes in pairs
        ]
        first, _, _, _, middle, _ = [item["id"] for item in await add(customer.own, ANSWER, said)]
        await write.update(customer.at(1), ANSWER, first, {"custom_id": "a"})
        await write.update(customer.at(1), ANSWER, middle, {"custom_id": "b"})
    fill = import_module("portvakt.storage.migrations.versions.0020_decisions").fill
    fill_past = import_module("portvakt.storage.migrations.versions.0023_past_decisions").fill
    past = "integrations_decision_past"
    await execute(url, *without_guards(url, past), f"DELETE FROM {past}")
    await execute(url, "DELETE FROM integrations_decision", *fill(), fill_past())
    found = await fetch(url, "SELECT answer, yes, revision FROM integrations_decision")
    decided = {(str(pk), bool(yes), number) for pk, yes, number in found}
    assert decided == {(first, True, 2), (middle, False, 2)}
    changes = await fetch(url, f"SELECT answer, yes, revision, number FROM {past}")
    assert {(str(pk), bool(yes), *rest) for pk, yes, *rest in changes} == {
        (*one, 1) for one in decided
    }


async def test_what_is_stored_becomes_the_first_version(make_url: MakeUrl) -> None:
    """An answer from before versions were kept can be read as of a moment after it, and decides.

    Its table, and that of decisions, were changed since then.
    """
    url = make_url()
    await migrate(url, "0009_people")
    answers = "integrations_answeredintegrationpersonalinformationaccess"
    columns = "customer_id, id, integration, answered_by_tenant, answer, created_at, updated_at"
    pk = "01999999-0000-7000-8000-000000000000"
    values = ", ".join([f"'{pk}'"] * 4 + ["{true}", f"'{NOW}'", f"'{LATER}'", "7"])
    await force(url, f"INSERT INTO {answers} ({columns}, revision) VALUES ({values})")
    await migrate(url)
    ((found, revision, deleted),) = await fetch(
        url, f"SELECT id, revision, deleted FROM {answers}_past"
    )
    assert (str(found), revision, bool(deleted)) == (pk, 7, False)
    ((kept, decides),) = await fetch(
        url,
        f"SELECT a.answer, d.answer FROM {answers} a, integrations_decision d"
        f" WHERE a.id = d.answer AND d.expires_at IS NULL AND a.notice IS NULL",
    )
    assert (bool(kept), str(decides)) == (True, pk)


async def test_two_may_migrate_at_once(make_url: MakeUrl) -> None:
    """The one that comes second waits for the first, and finds nothing to do."""
    url = make_url()
    taken = await asyncio.gather(migrate(url), migrate(url), migrate(url))
    assert sorted(taken) == [[], [], list(history())]


async def test_a_step_that_fails_leaves_nothing_behind(make_url: MakeUrl) -> None:
    """All steps are taken or none is, also where an earlier one went well."""
    url = make_url()
    await execute(url, "CREATE TABLE accounts_tenant (id INTEGER)")
    before = await catalog(url)
    with pytest.raises(sa.exc.DBAPIError, match="accounts_tenant"):
        await migrate(url)
    assert await catalog(url) == before
    async with opened(url) as database:
        assert await pending(database) == list(history())
    await execute(url, "DROP TABLE accounts_tenant")
    assert await migrate(url) == list(history())


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
        with pytest.raises(SchemaOutdated, match=r"older.*0001_first_tables.*`portvakt migrate`"):
            await check(database)


async def test_a_newer_database_is_refused(make_url: MakeUrl) -> None:
    """An old program neither uses nor migrates what a newer one has migrated, and says why."""
    url = make_url()
    await migrate(url)
    await execute(url, "UPDATE alembic_version SET version_num = '9999_later'")
    async with opened(url) as database:
        with pytest.raises(SchemaOutdated, match=r"newer.*9999_later.*`portvakt migrate`"):
            await check(database)
    with pytest.raises(SchemaOutdated, match="newer"):
        await migrate(url)


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


# --- texts folded anew ------------------------------------------------------------------------

DECOMPOSED = "A\u030asa"


async def test_stored_texts_are_folded_anew(
    make_url: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts from before are found however they are composed, in more rows than one batch holds."""
    step = import_module("portvakt.storage.migrations.versions.0027_folded_anew")
    monkeypatch.setattr(step, "_BATCH", 2)
    url = make_url()
    await migrate(url, step.down_revision)
    ids = [f"01999999-0000-7000-8000-{place:012}" for place in range(5)]
    columns = "customer_id, id, name, name_folded, created_at, updated_at, revision"
    for place, pk in enumerate(ids):
        name = DECOMPOSED if place % 2 else "plain"
        values = f"'{pk}', '{pk}', '{name}', '{name.casefold()}', '{NOW}', '{NOW}', 1"
        await force(url, f"INSERT INTO organization_role ({columns}) VALUES ({values})")
    await migrate(url)
    found = await fetch(
        url, "SELECT name, name_folded, revision FROM organization_role ORDER BY id"
    )
    expected = [
        (DECOMPOSED, "åsa", 1) if place % 2 else ("plain", "plain", 1) for place in range(5)
    ]
    assert found == expected
