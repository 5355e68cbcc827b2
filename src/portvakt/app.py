"""The server application, put together.

From the outside in: `RequestMiddleware` (request id, log, problems), `Dispatch` (resources by
path), and behind it the router for documents and health.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.types import ASGIApp
from uuid_utils import uuid4, uuid7

from portvakt import logs, resources
from portvakt.access.authentication import Authenticator
from portvakt.access.credentials import parse_keys
from portvakt.api import service
from portvakt.api.cors import Cors
from portvakt.api.dispatch import Dispatch
from portvakt.api.documents.served import Documents
from portvakt.api.limits import limits
from portvakt.api.middleware import RequestMiddleware
from portvakt.ledger.chain import read_signer
from portvakt.ledger.seal import Sealer
from portvakt.operations.writing.sweeping import Sweeper
from portvakt.schema.values import render_time
from portvakt.settings import Settings, read_settings
from portvakt.storage.databases.opening import make_database
from portvakt.storage.databases.replica import make_replica
from portvakt.storage.migrations import privileges, schema_version
from portvakt.storage.store import Store


def clock() -> str:
    """Now, as a clean time."""
    return render_time(datetime.now(UTC))


def new_id() -> str:
    """The id of a new item: a UUIDv7, so that later ids sort after earlier ones (RFC 9562)."""
    return str(uuid7())


def new_request_id() -> str:
    """The id of a request that brings none."""
    return uuid4().hex


def create_app(
    settings: Settings, *, clock: Callable[[], str] = clock, new_id: Callable[[], str] = new_id
) -> ASGIApp:
    """The ASGI application. Raises `SettingsError`, `DeclarationError`.

    At its start it opens the database; `DatabaseUnavailable` and `SchemaOutdated` stop it there.
    """
    logs.configure(settings)
    registry = resources.load()
    database = make_database(
        settings.database,
        pool_size=settings.pool_size,
        streams=settings.max_streams,
        wait=settings.pool_timeout,
        synchronous=settings.sqlite_synchronous,
        create=False,
    )
    replica = make_replica(
        settings.replica, database, pool_size=settings.pool_size, wait=settings.replica_wait
    )
    store = Store(database, registry, replica)
    signer = read_signer(settings.sealing_key.get_secret_value())
    sealer = Sealer(store, signer, clock=clock, new_id=new_id)
    sweeper = Sweeper(store, timedelta(hours=settings.idempotency_hours), clock)
    authenticator = Authenticator(store, parse_keys(settings.credential_keys.get_secret_value()))

    async def ready() -> dict[str, str]:
        await database.ping()
        await schema_version.check(database)
        await privileges.check(database, registry)
        return {"replica": await replica.state()} if replica else {}

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        await database.open()
        await database.ping()
        await schema_version.check(database)
        if replica:
            await replica.open()
        _settle_memory()
        working = [asyncio.create_task(one.run()) for one in (sealer, sweeper)]
        try:
            yield
        finally:
            await authenticator.close()
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            if replica:
                await replica.close()
            await database.close()

    documents = Documents(registry, limits(settings))
    cors = Cors(settings.cors_origins)
    rest = service.router(documents, ready, lifespan)
    dispatch = Dispatch(store, authenticator, settings, rest, cors, clock=clock, new_id=new_id)
    return RequestMiddleware(dispatch, new_request_id, cors)


def from_environment() -> ASGIApp:
    """What a server process calls to make its application."""
    return create_app(read_settings())


def _settle_memory() -> None:
    """What was made so far stays: the collector needn't look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 1_000)
