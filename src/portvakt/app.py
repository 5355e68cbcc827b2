"""The server application, put together.

From the outside in: `RequestMiddleware` (request id, log, problems), `Dispatch` (resources by
path), and behind it the router for documents and health.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from starlette.types import ASGIApp
from uuid_utils import uuid4, uuid7

from portvakt import logs, resources
from portvakt.access.addresses import parse_proxies
from portvakt.access.authentication import Authenticator
from portvakt.access.credentials import parse_keys
from portvakt.access.passwords import Passwords
from portvakt.action_table import ACTIONS
from portvakt.api.body import Bounds
from portvakt.api.cors import Cors
from portvakt.api.dispatch import Dispatch
from portvakt.api.documents.served import Documents
from portvakt.api.limits import limits
from portvakt.api.memory_budget import memory_budgets
from portvakt.api.middleware import RequestMiddleware
from portvakt.api.router import router
from portvakt.api.routes import Routes
from portvakt.api.services import Services
from portvakt.api.streaming import Streams
from portvakt.ledger.chain import read_signer
from portvakt.ledger.seal import Sealer
from portvakt.operations.writing.sweeping import Sweeper
from portvakt.schema.values import render_time
from portvakt.settings import Settings, read_settings
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import make_database
from portvakt.storage.databases.replica import Replica, make_replica
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
    database = _database(settings)
    replica = make_replica(
        settings.replica, database, pool_size=settings.pool_size, wait=settings.replica_wait
    )
    store = Store(database, registry, replica)
    services = _services(settings, store, clock, new_id)
    sealer = Sealer(store, services.signer, clock=clock, new_id=new_id)
    sweeper = Sweeper(store, services.idempotency_lasts, clock)
    documents = Documents(registry, services.limits)
    lifespan = partial(_lifespan, services, replica, (sealer, sweeper))
    rest = router(documents, partial(_ready, store, replica), lifespan)
    routes = Routes(registry, ACTIONS, services.limits)
    cors = Cors(settings.cors_origins)
    dispatch = Dispatch(services, routes, rest, cors)
    return RequestMiddleware(dispatch, new_request_id, cors)


def _database(settings: Settings) -> Database:
    return make_database(
        settings.database,
        pool_size=settings.pool_size,
        streams=settings.max_streams,
        wait=settings.pool_timeout,
        synchronous=settings.sqlite_synchronous,
        create=False,
    )


def _services(
    settings: Settings, store: Store, clock: Callable[[], str], new_id: Callable[[], str]
) -> Services:
    keys = parse_keys(settings.credential_keys.get_secret_value())
    memory = memory_budgets(settings.max_bodies_bytes, settings.pool_timeout)
    return Services(
        store=store,
        authenticator=Authenticator(store, keys),
        proxies=parse_proxies(settings.trusted_proxies, settings.proxy_header),
        keys=keys,
        passwords=Passwords(),
        signer=read_signer(settings.sealing_key.get_secret_value()),
        limits=limits(settings),
        bounds=Bounds(
            items=settings.max_bulk_items,
            item=settings.max_item_bytes,
            made=memory.made.size,
            timeout=settings.body_timeout,
        ),
        memory=memory,
        streams=Streams(settings.max_streams, settings.stream_timeout),
        idempotency_lasts=timedelta(hours=settings.idempotency_hours),
        clock=clock,
        new_id=new_id,
    )


async def _ready(store: Store, replica: Replica | None) -> dict[str, str]:
    """What is not as it should be, though requests are served; raises where they can't be."""
    await store.database.ping()
    await schema_version.check(store.database)
    await privileges.check(store.database, store.registry)
    return {"replica": await replica.state()} if replica else {}


@asynccontextmanager
async def _lifespan(
    services: Services, replica: Replica | None, workers: Iterable[Sealer | Sweeper], _: Any
) -> AsyncIterator[None]:
    """The time in which requests are answered: with an open database, and the workers beside."""
    database = services.store.database
    await database.open()
    await database.ping()
    await schema_version.check(database)
    if replica:
        await replica.open()
    _settle_memory()
    working = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        await services.authenticator.close()
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        if replica:
            await replica.close()
        await database.close()


def from_environment() -> ASGIApp:
    """What a server process calls to make its application."""
    return create_app(read_settings())


def _settle_memory() -> None:
    """What was made so far stays: the collector needn't look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 1_000)
