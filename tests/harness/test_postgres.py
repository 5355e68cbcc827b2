"""The tests' own PostgreSQL: it starts in every way it can be had, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.postgres import (
    OLDEST,
    VARIABLE,
    NoPostgresql,
    cluster,
    database_name,
    fresh_database,
    installed_programs,
    programs,
    query,
    temporary_cluster,
    wheel_programs,
)

pytestmark = pytest.mark.slow


def test_the_server_in_the_wheel_starts_and_answers() -> None:
    """A machine without a server of its own uses the one that the locked packages bring."""
    folder = wheel_programs()
    assert folder is not None
    with temporary_cluster(folder) as url:
        assert query(url, "select 1") == [(1,)]
        assert query(url, "show server_encoding") == [("UTF8",)]
        assert query(url, "select datcollate from pg_database where datname = 'postgres'") == [
            ("C",)
        ]
    with pytest.raises(ConnectionRefusedError):
        query(url, "select 1")


def test_an_installed_server_starts_and_answers() -> None:
    """A machine with a server of its own uses that one; without one, it says what to install."""
    if installed_programs() is None:
        with pytest.raises(NoPostgresql, match="apt-get install postgresql"):
            programs("installed")
        return
    with cluster({VARIABLE: "installed"}) as url:
        assert query(url, "select 1") == [(1,)]
        [(version,)] = query(url, "show server_version_num")
        assert int(version) >= OLDEST * 10_000


def test_a_named_server_is_used_as_it_is() -> None:
    """Whoever names a server gets that one, and none is started."""
    with cluster({VARIABLE: "postgresql://me@example:1/mine"}) as url:
        assert url == "postgresql://me@example:1/mine"


def test_an_unreadable_wish_is_refused_with_the_remedy() -> None:
    """A misspelt variable does not end in some other server."""
    with pytest.raises(NoPostgresql, match="apt-get install postgresql"):
        programs("instaled")


def test_a_server_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    """Programs that fail end in an error which tells what they said."""
    tmp_path.chmod(0o755)
    for name in ("initdb", "pg_ctl"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho no room\nexit 1\n")
        program.chmod(0o755)
    with pytest.raises(NoPostgresql, match="did not start"), temporary_cluster(tmp_path):
        pass


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path) -> None:
    """The server goes when the process that asked for it is killed, with all its files."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from tests.support.postgres import cluster\n"
            "with cluster({'PORTVAKT_TEST_POSTGRES': 'wheel'}) as url:\n"
            "    print(url, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert child.stdout is not None
    with child.stdout:
        url = child.stdout.readline().strip()
    assert query(url, "select 1") == [(1,)]
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert _within_seconds(20, lambda: not _answers(url))


def _answers(url: str) -> bool:
    """Whether a server answers at `url`."""
    try:
        query(url, "select 1")
    except (OSError, asyncpg.PostgresError):
        return False
    return True


def _within_seconds(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_fresh_database_is_empty_and_dropped_afterwards(postgres_url: str) -> None:
    """A test neither sees another's tables nor leaves its own."""
    tables = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
    with fresh_database(postgres_url) as url:
        assert query(url, tables) == [(0,)]
        name = database_name(url)
    assert query(postgres_url, f"select 1 from pg_database where datname = '{name}'") == []


async def test_a_database_is_dropped_with_somebody_in_it(postgres_url: str) -> None:
    """A connection that a failed test forgot does not keep its database."""
    with fresh_database(postgres_url) as url:
        connection = await asyncpg.connect(url)
        name = database_name(url)
    connection.terminate()
    assert query(postgres_url, f"select 1 from pg_database where datname = '{name}'") == []


def test_a_template_is_copied(
    postgres_database: str, make_postgres_database: Callable[..., str]
) -> None:
    """A database made from a template has its tables and rows."""
    query(postgres_database, "create table kept as select 7 as number")
    copy = make_postgres_database(template=postgres_database)
    assert copy != postgres_database
    assert query(copy, "select number from kept") == [(7,)]


def test_each_test_runs_on_both_databases(database_url: str) -> None:
    """`database_url` is an empty database of each kind in turn."""
    parts = urlsplit(database_url)
    if parts.scheme == "sqlite":
        file = Path(parts.path.removeprefix("/"))
        assert database_url.startswith("sqlite:////")
        assert file.parent.is_dir()
        assert not file.exists()
    else:
        assert query(database_url, "select 1") == [(1,)]


def test_the_tests_of_a_file_can_share_a_database(module_database_url: str) -> None:
    """`module_database_url` names a database of each kind too."""
    assert urlsplit(module_database_url).scheme in {"sqlite", "postgresql"}
