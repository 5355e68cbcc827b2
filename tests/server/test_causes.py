"""A server whose database can't serve says why: to callers, in `/health/ready`, and in the log."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from portvakt.errors import Cause
from portvakt.storage.databases.interface import parse_url
from tests.support.beside_servers import EVERYTHING, grant
from tests.support.examples import ANSWERS, example
from tests.support.postgres import fresh_database, query
from tests.support.roles import grants, role
from tests.support.servers import Server, command, sandbox, seed, serve
from tests.support.stored import run

LIST = f"{ANSWERS.path}list/?_page=1&_page_size=1"


@pytest.fixture(scope="module")
def limited(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str, str]]:
    """A server under the role of the guide to production, that role, and the owner's URL."""
    folder = tmp_path_factory.mktemp("limited")
    with fresh_database(postgres_url) as url, role(url) as (name, own):
        seeded = seed(folder, url)
        version = seeded.customers[0].headers["X-PIGELLO-SERVICE-VERSION-ID"]
        run(grant(url, version, EVERYTHING))
        for statement in grants():
            query(url, statement.replace("portvakt_server", name))
        with serve(folder, own, seeded.keys) as server:
            server.customers = seeded.customers
            yield server, name, url


def told(server: Server, cause: Cause, word: str, reads: int = 200) -> None:
    """A write is refused for a cause, which `ready` and the log name too; reads mostly go on."""
    with server.client() as client:
        refused = client.post(ANSWERS.path, json=example(ANSWERS))
        ready = client.get("/health/ready")
        assert client.get(LIST).status_code == reads
        assert client.get("/health/live").status_code == 200
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.json()["detail"].startswith(cause.sentence)
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "not ready", "reason": "database", "cause": cause.name},
    )
    lines = [line for line in server.entries() if line.get("cause") == cause.name]
    logged = {line["event"]: line for line in lines}
    assert logged.keys() >= {"database unavailable", "not ready"}
    assert word in logged["database unavailable"]["reason"]
    ids = {line.get("request_id") for line in lines}
    assert refused.headers["X-Request-ID"] in ids


def well(server: Server) -> None:
    """A write is taken, and the server is ready."""
    with server.client() as client:
        assert client.post(ANSWERS.path, json=example(ANSWERS)).status_code == 201
        assert client.get("/health/ready").json() == {"status": "ready"}


def test_a_missing_grant(limited: tuple[Server, str, str]) -> None:
    """No mistake of ours: a right that is missing, and afterwards isn't."""
    server, name, url = limited
    well(server)
    table = ANSWERS.name.replace(".", "_")
    query(url, f"REVOKE INSERT ON {table} FROM {name}")
    told(server, Cause.no_right, f"permission denied for table {table} (42501)")
    query(url, f"GRANT INSERT ON {table} TO {name}")
    well(server)


def test_a_schema_that_may_not_be_used(limited: tuple[Server, str, str]) -> None:
    """The database then says that there is no such table; that is no mistake of ours either."""
    server, name, url = limited
    query(url, f"REVOKE USAGE ON SCHEMA public FROM PUBLIC, {name}")
    told(server, Cause.no_right, "does not exist (42P01)", reads=503)
    query(url, f"GRANT USAGE ON SCHEMA public TO {name}")
    well(server)


def test_a_database_that_became_read_only(limited: tuple[Server, str, str]) -> None:
    """As after a failover to a standby, for as long as it lasts."""
    server, name, url = limited

    def turn(how: str) -> None:
        query(url, f"ALTER ROLE {name} {how}")
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'"
        query(url, ended)

    turn("SET default_transaction_read_only = on")
    told(server, Cause.read_only, "read-only transaction (25006)")
    turn("RESET default_transaction_read_only")
    well(server)


def test_another_program_writes_to_the_file(tmp_path: Path) -> None:
    """While a backup or a shell has SQLite's lock, reads go on, and a write waits for its turn."""
    url = f"sqlite:///{tmp_path / 'portvakt.db'}"
    with (
        sandbox(tmp_path, url) as server,
        server.client() as client,
        server.client() as writing,
        ThreadPoolExecutor(1) as thread,
    ):
        version = client.headers["X-PIGELLO-SERVICE-VERSION-ID"]
        run(grant(url, version, EVERYTHING))
        path: Any = parse_url(url)
        with closing(sqlite3.connect(path.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            # Its first request is one of which the time of the last use is written, too.
            assert client.get(LIST).status_code == 200
            post = thread.submit(writing.post, ANSWERS.path, json=example(ANSWERS))
            for _ in range(10):
                time.sleep(0.02)
                for answered in ("/health/live", "/health/ready", LIST):
                    assert client.get(answered).status_code == 200
            assert not post.done(), "what was read waited for what writes"
            other.execute("ROLLBACK")
            assert post.result().status_code == 201


def one_sentence(done: Any) -> str:
    """What a command said that could not do its work: one line, no traceback."""
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("portvakt: ")
    return str(line)


def test_commands_say_why_in_one_sentence(postgres_url: str, tmp_path: Path) -> None:
    """Each cause begins with its own sentence, and ends with the mend or the database's words."""
    keys = {"credential_keys": "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    with fresh_database(postgres_url) as url, role(url) as (name, own):
        query(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        denied = one_sentence(command(tmp_path, ["migrate"], database=own))
        assert command(tmp_path, ["migrate"], database=url).returncode == 0
        lacking = one_sentence(command(tmp_path, ["serve"], database=own, **keys))
        query(url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
        ungranted = one_sentence(command(tmp_path, ["serve"], database=own, **keys))
        words = ["operator", "create", "Ada Example", "ada@example.com"]
        written = one_sentence(command(tmp_path, words, database=own, **keys))
        query(url, f"ALTER ROLE {name} SET default_transaction_read_only = on")
        reading = one_sentence(command(tmp_path, ["serve"], database=own, **keys))
    sentence = "portvakt: the database denies its role a right: "
    for line in (denied, lacking, ungranted, written):
        assert line.startswith(sentence)
    assert f"GRANT USAGE, CREATE ON SCHEMA public TO {name}" in denied
    assert "permission denied for table schema_version (42501)" in lacking
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}" in (
        ungranted
    )
    assert reading.startswith("portvakt: the database takes no writes: ")


def test_commands_make_no_empty_file(tmp_path: Path) -> None:
    """Who asks for a database that isn't there learns what makes it, and leaves nothing behind."""
    url = f"sqlite:///{tmp_path / 'folder' / 'none.db'}"
    keys = {"credential_keys": "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    for words in (["serve"], ["customer", "list"]):
        said = one_sentence(command(tmp_path, words, database=url, **keys))
        assert "`portvakt migrate`" in said
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_the_environment_asks_for(postgres_url: str, tmp_path: Path) -> None:
    """The driver obeys PGTARGETSESSIONATTRS: a server of another kind is told in one sentence."""
    with fresh_database(postgres_url) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGTARGETSESSIONATTRS", "standby")
        said = one_sentence(command(tmp_path, ["migrate"], database=url))
    assert said.startswith("portvakt: the database can't be reached: ")
