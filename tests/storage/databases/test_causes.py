"""Why a database can't serve is told apart, by real databases that can't."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio

from portvakt.errors import Cause, DatabaseUnavailable, SettingsError
from portvakt.resources import load
from portvakt.storage.databases import last_write
from portvakt.storage.databases.interface import Database, PostgresqlAddress
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.postgresql import PostgresqlDatabase
from portvakt.storage.databases.sqlite import SqliteDatabase
from portvakt.storage.migrations import distribution, privileges, schema_version
from portvakt.storage.migrations.migrate import migrate, prepare
from portvakt.storage.migrations.schema_version import STEPS, history
from tests.support.postgres import database_name, query
from tests.support.postgresql_cluster import Cluster
from tests.support.roles import grants, role
from tests.support.stores import moment

# --- PostgreSQL ----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def postgresql(postgres_database: str) -> AsyncIterator[Database]:
    """An open PostgreSQL with one table."""
    query(postgres_database, "CREATE TABLE thing (name text)")
    opened = await open_database(postgres_database, pool_size=2)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("first", "then", "cause"),
    [
        ("SET LOCAL statement_timeout = 20", "SELECT pg_sleep(20)", Cause.cancelled),
        (
            "SET LOCAL temp_file_limit = 64",
            "SELECT max(x) FROM (SELECT repeat(md5(i::text), 9) AS x"
            " FROM generate_series(1, 200000) AS i ORDER BY 1 OFFSET 1) AS sorted",
            Cause.full,
        ),
        ("SET TRANSACTION READ ONLY", "INSERT INTO thing VALUES ('x')", Cause.read_only),
        ("SET LOCAL ROLE pg_monitor", "INSERT INTO thing VALUES ('x')", Cause.no_right),
    ],
)
async def test_postgresql_says_why(
    postgresql: Database, first: str, then: str, cause: Cause
) -> None:
    """The cause is that of its SQLSTATE; afterwards the connection goes on."""
    with pytest.raises(DatabaseUnavailable) as told:
        async with postgresql.transaction() as connection:
            await connection.execute(first)
            await connection.fetch(then)
    assert told.value.cause is cause
    async with postgresql.transaction() as connection:
        await connection.execute("INSERT INTO thing VALUES ('x')")
    await postgresql.ping()


async def test_a_lock_that_is_not_given_is_busy(postgresql: Database) -> None:
    """Another transaction has it for longer than is waited."""
    with pytest.raises(DatabaseUnavailable) as told:
        async with postgresql.transaction() as one, postgresql.transaction() as other:
            await one.execute("LOCK TABLE thing")
            await other.execute("SET LOCAL lock_timeout = 20")
            await other.execute("LOCK TABLE thing")
    assert told.value.cause is Cause.busy


async def test_a_database_that_is_made_to_be_read_only_says_so(postgres_database: str) -> None:
    """A setting of the database is enough for writes to be refused, and so is a ping."""
    name = database_name(postgres_database)
    query(postgres_database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = await open_database(postgres_database, pool_size=1)
    assert await database.fetch("SELECT 1")
    with pytest.raises(DatabaseUnavailable, match="default_transaction_read_only") as told:
        await database.ping()
    assert told.value.cause is Cause.read_only
    await database.close()


async def test_a_standby_is_no_database_to_write_to(cluster: Cluster) -> None:
    """What a failover by name or address leads to: reads work, a ping says that it is a standby."""
    cluster.stop()
    standby = Cluster({"hot_standby": "on"}, of=cluster)
    try:
        cluster.start()
        standby.start()
        database = PostgresqlDatabase(PostgresqlAddress(standby.url, standby.url), pool_size=1)
        await database.open()
        assert await database.fetch("SELECT 1")
        for refused in (database.ping(), migrate(standby.url)):
            with pytest.raises(DatabaseUnavailable, match="is a standby") as told:
                await refused
            assert told.value.cause is Cause.read_only
        await database.close()
    finally:
        standby.remove()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
async def test_a_database_that_lacks_characters_is_refused(
    postgres_url: str, encoding: str
) -> None:
    """Before anything is made in it, with the mend; a character that it lacks is told alike."""
    name = f"portvakt_test_{uuid4().hex}"
    where = f"ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    query(postgres_url, f"CREATE DATABASE {name} {where}")
    url = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    try:
        with pytest.raises(DatabaseUnavailable, match=f"{encoding}.*ENCODING 'UTF8'") as told:
            await migrate(url)
        assert told.value.cause is Cause.wrong_encoding
        assert query(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
        if encoding == "LATIN1":
            database = await open_database(url, pool_size=1)
            with pytest.raises(DatabaseUnavailable) as lacking:
                await database.fetch("SELECT $1::text", ["Łódź"])
            await database.close()
            assert lacking.value.cause is Cause.wrong_encoding
    finally:
        query(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_role_that_may_make_no_tables_is_told_what_to_grant(
    postgres_database: str,
) -> None:
    """`migrate` names the role, the schema and the GRANT; with that it works."""
    query(postgres_database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with role(postgres_database) as (name, url):
        with pytest.raises(DatabaseUnavailable) as told:
            await migrate(url)
        assert told.value.cause is Cause.no_right
        grant = f"GRANT USAGE, CREATE ON SCHEMA public TO {name}"
        assert str(told.value).endswith(grant)
        query(postgres_database, grant)
        assert await migrate(url) == list(history())


async def test_a_role_that_may_use_no_schema_is_told_what_to_grant(
    postgres_database: str,
) -> None:
    """It sees no table, so that the database looks empty."""
    await migrate(postgres_database)
    query(postgres_database, "REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    with role(postgres_database) as (name, url):
        database = await open_database(url, pool_size=1)
        with pytest.raises(DatabaseUnavailable) as told:
            await schema_version.check(database)
        await database.close()
        assert told.value.cause is Cause.no_right
        assert str(told.value).endswith(f"GRANT USAGE ON SCHEMA public TO {name}")


async def test_a_role_that_owns_no_tables_is_told_who_migrates(
    postgres_database: str, tmp_path: Path
) -> None:
    """A step that changes another's tables is no crash."""
    await migrate(postgres_database)
    steps = shutil.copytree(STEPS, tmp_path / "steps")
    sql = "ALTER TABLE accounts_tenant ADD COLUMN more TEXT"
    (steps / "9999_more.postgresql.sql").write_text(sql)
    with role(postgres_database) as (name, url):
        query(postgres_database, f"GRANT CREATE ON SCHEMA public TO {name}")
        query(postgres_database, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
        with pytest.raises(DatabaseUnavailable, match="the role that owns the tables") as told:
            await migrate(url, steps)
    assert told.value.cause is Cause.no_right


async def test_a_missing_grant_is_told(postgres_database: str) -> None:
    """The role of the guide lacks nothing; without one of its rights the GRANT is told."""
    await prepare(postgres_database, load(), moment())
    with role(postgres_database) as (name, url):
        for statement in grants():
            query(postgres_database, statement.replace("portvakt_server", name))
        database = await open_database(url, pool_size=1)
        await privileges.check(database, load())
        query(postgres_database, f"REVOKE INSERT ON accounts_tenant FROM {name}")
        with pytest.raises(DatabaseUnavailable, match=r"lacks INSERT on accounts_tenant.*GRANT"):
            await privileges.check(database, load())
        await database.close()


async def test_a_url_that_the_driver_refuses_is_a_wrong_setting(postgres_url: str) -> None:
    """Whichever connection is made first."""
    url = f"{postgres_url}?sslmode=verify-full&sslcert=none.crt"
    for refused in (open_database(url), distribution.check(url)):
        with pytest.raises(SettingsError, match="isn't understood"):
            await refused


# --- SQLite --------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """An open SQLite database with one table."""
    opened = SqliteDatabase(tmp_path / "portvakt.db")
    await opened.open()
    async with opened.transaction() as connection:
        await connection.execute("CREATE TABLE thing (name TEXT)")
    yield opened
    await opened.close()


@pytest.mark.parametrize("long", [False, True])
async def test_a_full_sqlite_is_told_and_read_on(sqlite: SqliteDatabase, long: bool) -> None:
    """No write is taken, and a ping says why; reads go on; with room again it is well at once."""
    assert sqlite._files is not None
    files, writer = sqlite._files, sqlite._files.writer
    ((pages,),) = writer.execute("PRAGMA page_count").fetchall()

    async def write() -> None:
        async with sqlite.transaction(long=long) as connection:
            await connection.execute("INSERT INTO thing VALUES (zeroblob(100000))")

    writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DatabaseUnavailable, match="full") as told:
        await write()
    assert told.value.cause is Cause.full
    with pytest.raises(DatabaseUnavailable) as pinged:
        await sqlite.ping()
    assert pinged.value.cause is Cause.full
    assert await sqlite.fetch("SELECT count(*) FROM thing") == [(0,)]
    async with sqlite.snapshot() as snapshot:
        assert await snapshot.fetch("SELECT count(*) FROM thing") == [(0,)]
    writer.execute("PRAGMA max_page_count = 100000")
    assert sqlite._files is files, "a full file needn't be opened anew, which may need room itself"
    await write()
    await sqlite.ping()


async def test_a_sqlite_that_takes_no_writes_is_told(sqlite: SqliteDatabase) -> None:
    """As on a file system that is mounted to be read only."""
    assert sqlite._files is not None
    sqlite._files.writer.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnavailable) as told:
        async with sqlite.transaction() as connection:
            await connection.execute("INSERT INTO thing VALUES ('x')")
    assert told.value.cause is Cause.read_only


async def test_a_failed_write_is_not_told_for_ever(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that gets no requests because it isn't ready would never find out that it is."""
    monkeypatch.setattr(last_write, "_KEPT_SECONDS", 0.0)
    sqlite._last_write.failed(DatabaseUnavailable("words", Cause.full))
    await sqlite.ping()


async def test_a_missing_file_is_made_only_by_who_migrates(tmp_path: Path) -> None:
    """Anybody else is told what to type, and leaves no file."""
    url = f"sqlite:///{tmp_path}/none.db"
    with pytest.raises(DatabaseUnavailable, match="portvakt migrate"):
        await open_database(url, create=False)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - in a coroutine
