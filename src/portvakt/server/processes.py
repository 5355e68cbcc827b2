"""Runs server processes: the same for `serve` and `sandbox`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

from portvakt import logs, resources
from portvakt.access.addresses import parse_proxies
from portvakt.access.credentials import parse_keys
from portvakt.api.cors import Cors
from portvakt.errors import SettingsError
from portvakt.ledger.chain import read_signer
from portvakt.server import worker
from portvakt.server.supervisor import Supervisor
from portvakt.settings import PREFIX, Settings
from portvakt.storage.databases.interface import Database, parse_url
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.replica import make_replica
from portvakt.storage.migrations import privileges, schema_version


def serve(settings: Settings) -> None:
    """Serve until told to stop. SIGHUP begins anew, but at a terminal, which is then gone.

    Raises `SettingsError`, `DatabaseUnavailable`, `SchemaOutdated` (which says what to type)
    before the first process starts.
    """
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if not terminal:
        # Begun anew, this holds from the first moment on: nobody is ended by a second signal.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    check(settings)
    sock = listen(settings)
    if run(settings, sock) and not terminal:
        _begin_anew(sock)


def check(settings: Settings) -> None:
    """Whatever would keep a server from working, before one starts. Raises as `serve` does."""
    parse_keys(settings.credential_keys.get_secret_value())
    parse_proxies(settings.trusted_proxies, settings.proxy_header)
    Cors(settings.cors_origins)
    read_signer(settings.sealing_key.get_secret_value())
    if settings.workers > 1 and not parse_url(settings.database).serves_processes:
        raise SettingsError(
            "PORTVAKT_WORKERS: SQLite is served by one process. Use PostgreSQL for more."
        )
    asyncio.run(_check_schema(settings))


async def _check_schema(settings: Settings) -> None:
    database = await open_database(settings.database, pool_size=1, create=False)
    try:
        await database.ping()
        await schema_version.check(database)
        await privileges.check(database, resources.load())
        await _check_replica(settings, database)
    finally:
        await database.close()


async def _check_replica(settings: Settings, database: Database) -> None:
    replica = make_replica(
        settings.replica, database, pool_size=settings.pool_size, wait=settings.replica_wait
    )
    if replica is not None:
        try:
            await replica.open()
        finally:
            await replica.close()


_HANDED_OVER = 3
"""The first file that a service manager hands over (`sd_listen_fds`); so do we, to ourselves."""


def listen(settings: Settings) -> socket.socket:
    """A socket that accepts connections from now on. Raises `SettingsError` if it can't be had.

    The one that was handed over, where `LISTEN_FDS` says so.
    """
    if os.environ.pop("LISTEN_PID", "") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_HANDED_OVER)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"Can't listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Choose another port."
        ) from None


def run(settings: Settings, sock: socket.socket) -> bool:
    """Serve on a socket until told to stop; running requests are finished first.

    True: SIGHUP told a process that serves alone, which can't replace itself while it serves.
    Raises `SettingsError` if nothing can be served.
    """
    export(settings)
    if settings.workers == 1:
        with suppress(KeyboardInterrupt):
            return _serve_alone(settings, sock)
        return False
    logs.configure(settings)
    if not Supervisor(settings.workers, sock, settings.shutdown_timeout).run():
        raise SettingsError(_NOT_STARTED)
    return False


_NOT_STARTED = "The server could not start; the log says why."


def _serve_alone(settings: Settings, sock: socket.socket) -> bool:
    server = worker.Server(worker.config(settings))
    told = False

    def hang_up(*_: object) -> None:
        nonlocal told
        told = server.should_exit = True

    signal.signal(signal.SIGHUP, hang_up)
    # Of a copy, as the server closes what it is given, and connections wait at this one.
    server.run(sockets=[sock.dup()])
    if not server.started:
        raise SettingsError(_NOT_STARTED)
    return told


def _begin_anew(sock: socket.socket) -> None:
    """Replace this process by its own command anew. Connections wait at the socket meanwhile."""
    os.dup2(sock.fileno(), _HANDED_OVER)
    os.set_inheritable(_HANDED_OVER, True)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what a new program still ignores
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def export(settings: Settings) -> None:
    """Put the settings into the environment, where every server process reads them."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        secret = getattr(value, "get_secret_value", None)
        os.environ[PREFIX + name.upper()] = str(secret() if secret else value)
