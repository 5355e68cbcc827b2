"""Runs server processes: the same for `serve` and `sandbox`."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress

import uvicorn
from uvicorn.supervisors import Multiprocess

from portvakt import resources
from portvakt.access.addresses import parse_proxies
from portvakt.access.credentials import parse_keys
from portvakt.api.cors import Cors
from portvakt.cli.http_protocol import BoundedProtocol
from portvakt.errors import SettingsError
from portvakt.ledger.chain import read_signer
from portvakt.settings import PREFIX, Settings
from portvakt.storage import rights, schema_version
from portvakt.storage.database import Database, SqliteAddress, open_database, parse_url
from portvakt.storage.replica import make_replica


def serve(settings: Settings) -> None:
    """Serve until told to stop.

    Raises `SettingsError`, `DatabaseUnavailable`, `SchemaOutdated` (which says what to type)
    before the first process starts.
    """
    check(settings)
    run(settings, listen(settings))


def check(settings: Settings) -> None:
    """Whatever would keep a server from working, before one starts. Raises as `serve` does."""
    parse_keys(settings.credential_keys.get_secret_value())
    parse_proxies(settings.trusted_proxies, settings.proxy_header)
    Cors(settings.cors_origins)
    read_signer(settings.sealing_key.get_secret_value())
    if settings.workers > 1 and isinstance(parse_url(settings.database), SqliteAddress):
        raise SettingsError(
            "PORTVAKT_WORKERS: SQLite is served by one process. Use PostgreSQL for more."
        )
    asyncio.run(_check_schema(settings))


async def _check_schema(settings: Settings) -> None:
    database = await open_database(settings.database, pool_size=1, create=False)
    try:
        await database.ping()
        await schema_version.check(database)
        await rights.check(database, resources.load())
        await _check_replica(settings, database)
    finally:
        await database.close()


async def _check_replica(settings: Settings, database: Database) -> None:
    replica = make_replica(settings, database)
    if replica is not None:
        try:
            await replica.open()
        finally:
            await replica.close()


def listen(settings: Settings) -> socket.socket:
    """A socket that accepts connections from now on. Raises `SettingsError` if it can't be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"Can't listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Choose another port."
        ) from None


def run(settings: Settings, sock: socket.socket) -> None:
    """Serve on a socket until told to stop; running requests are finished first."""
    export(settings)
    config = uvicorn.Config(
        "portvakt.app:from_environment",
        factory=True,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `access.addresses` reads them, and knows whom to believe
        workers=settings.workers,
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )
    with suppress(KeyboardInterrupt):
        _serve(config, sock)


def _serve(config: uvicorn.Config, sock: socket.socket) -> None:
    if config.workers > 1:
        Multiprocess(config, sockets=[sock]).run()
        return
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
    if not server.started:
        raise SettingsError("The server could not start; the log says why.")


def export(settings: Settings) -> None:
    """Put the settings into the environment, where every server process reads them."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        secret = getattr(value, "get_secret_value", None)
        os.environ[PREFIX + name.upper()] = str(secret() if secret else value)
