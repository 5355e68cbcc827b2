"""The statements that an operation runs, written down while it runs.

So a floor runs the very SQL text that the server sends, whatever the server comes to send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence, Set
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from benchmarks.data import ANSWERS
from benchmarks.plan import CLIENTS
from benchmarks.seeding import Caller
from benchmarks.workloads import PAGE, Requests
from portvakt import resources
from portvakt.access.addresses import Origin, Proxies
from portvakt.access.authentication import Authenticator, read_claims
from portvakt.access.credentials import parse_keys
from portvakt.app import clock, new_id
from portvakt.operations.consent import decisions
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Filter, Order, Page, Query
from portvakt.storage.databases.interface import Connection, Database, Row
from portvakt.storage.databases.opening import open_database
from portvakt.storage.store import Store


@dataclass(frozen=True)
class Ran:
    """One statement as it was run. `rows` are those of an `execute_many`."""

    sql: str
    values: Sequence[Any] = ()
    rows: Sequence[Sequence[Any]] | None = None

    @property
    def first(self) -> Sequence[Any]:
        """The values, or those of the first row."""
        return self.rows[0] if self.rows else self.values


@dataclass
class Captured:
    """What one operation ran, in order; `begun` says whether in a transaction."""

    statements: list[Ran] = field(default_factory=list)
    begun: bool = False
    new_ids: list[str] = field(default_factory=list)


class _Recorder:
    """A `Database`, or a `Connection` of it, that notes in `captured` what it is asked to run."""

    def __init__(self, inner: Any, captured: Captured) -> None:
        self._inner = inner
        self.captured = captured

    @property
    def name(self) -> str:
        return str(self._inner.name)

    @property
    def trigrams(self) -> Set[str]:
        found: Set[str] = self._inner.trigrams
        return found

    @property
    def distributed(self) -> bool:
        return bool(self._inner.distributed)

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()

    async def ping(self) -> None:
        await self._inner.ping()

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        self.captured.statements.append(Ran(sql, list(values)))
        rows: list[Row] = await self._inner.fetch(sql, values)
        return rows

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        self.captured.statements.append(Ran(sql, list(values)))
        return int(await self._inner.execute(sql, values))

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.captured.statements.append(Ran(sql, rows=rows))
        await self._inner.execute_many(sql, rows)

    async def stream(
        self, sql: str, values: Sequence[Any] = (), chunk: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        self.captured.statements.append(Ran(sql, list(values)))
        async for rows in self._inner.stream(sql, values, chunk):
            yield rows

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        async with self._inner.snapshot() as connection:
            yield _Recorder(connection, self.captured)

    @asynccontextmanager
    async def transaction(self, *, long: bool = False) -> AsyncIterator[Connection]:
        self.captured.begun = True
        async with self._inner.transaction(long=long) as connection:
            yield _Recorder(connection, self.captured)


class Operations:
    """Runs operations as the server does, and gives what they ran."""

    def __init__(self, url: str, keys: str, requests: Requests) -> None:
        self._url = url
        self._keys = keys
        self._requests = requests

    def gets(self) -> list[Captured]:
        """What W1 runs, for each of its items."""

        async def get(context: Context, pk: str) -> None:
            await read.get(context, _resource(context), pk)

        asked = [(who, partial(get, pk=pk)) for who, pk in self._requests.items()]
        return asyncio.run(self._capture(asked))

    def lists(self) -> list[Captured]:
        """What W2 runs."""

        async def page(context: Context, integration: str) -> None:
            await read.page(context, *_page(context, integration))

        asked = [(who, partial(page, integration=pk)) for who, pk in self._requests.lists()]
        return asyncio.run(self._capture(asked))

    def starts(self) -> Captured:
        """What a list by the start of `custom_id` runs, whatever the case."""

        async def page(context: Context) -> None:
            asked = Filter("custom_id", "istartswith", False, "new-1")
            await read.page(context, _resource(context), Query(filters=(asked,), page=Page(1, 10)))

        return asyncio.run(self._capture([(self._requests.readers[0], page)]))[0]

    def parts(self) -> Captured:
        """What a search for a part of a text runs."""

        async def page(context: Context) -> None:
            asked = Query(search=("00001234",), page=Page(1, 10))
            await read.page(context, _resource(context), asked)

        return asyncio.run(self._capture([(self._requests.readers[0], page)]))[0]

    def export(self) -> Captured:
        """What W3 runs."""

        async def export(context: Context) -> None:
            async with (
                read.export(context, _resource(context), Query()) as opened,
                aclosing(cast("AsyncGenerator[Any, None]", opened.chunks)) as chunks,
            ):
                await anext(chunks)

        return asyncio.run(self._capture([(self._requests.callers[0], export)]))[0]

    def decisions(self) -> list[Captured]:
        """What W6 runs."""

        async def check(context: Context, tenant: str) -> None:
            pair = decisions.Pair(context.caller.activation or "", "tenant", tenant)
            await decisions.check(context, [pair])

        asked = [(who, partial(check, tenant=pk)) for who, pk in self._requests.persons()]
        return asyncio.run(self._capture(asked))

    def creates(self) -> list[Captured]:
        """What W4 runs, once for each client."""

        async def create(context: Context, body: dict[str, Any]) -> None:
            await write.create(context, _resource(context), body)

        bodies = [self._requests.body(number) for number in range(CLIENTS)]
        asked = [(self._requests.writer, partial(create, body=body)) for body in bodies]
        return asyncio.run(self._capture(asked))

    def bulk(self, many: int) -> Captured:
        """What W5 runs."""
        bodies = [self._requests.body(number) for number in range(many)]

        async def bulk(context: Context) -> None:
            await write.bulk(context, _resource(context), bodies, Bulk())

        return asyncio.run(self._capture([(self._requests.writer, bulk)]))[0]

    async def _capture(
        self, asked: Sequence[tuple[Caller, Callable[[Context], Any]]]
    ) -> list[Captured]:
        database = await open_database(self._url, pool_size=2)
        registry = resources.load()
        recorder = _Recorder(database, Captured())
        authenticator = Authenticator(Store(database, registry), parse_keys(self._keys))
        noted = Store(cast("Database", recorder), registry)
        try:
            return [await _run(authenticator, recorder, noted, who, work) for who, work in asked]
        finally:
            await authenticator.close()
            await database.close()


async def _run(
    authenticator: Authenticator,
    recorder: _Recorder,
    store: Store,
    who: Caller,
    work: Callable[[Context], Any],
) -> Captured:
    """What the work runs for a caller, on a store that asks the recorder."""
    headers = [(name.lower().encode(), value.encode()) for name, value in who.headers.items()]
    caller = await authenticator.caller(
        read_claims(headers), clock(), Origin("127.0.0.1", headers, Proxies(()))
    )
    captured = recorder.captured = Captured()

    def noted_id() -> str:
        captured.new_ids.append(new_id())
        return captured.new_ids[-1]

    await work(Context(store, caller, clock(), noted_id))
    return captured


def _resource(context: Context) -> Any:
    return context.store.registry.resources[ANSWERS]


def _page(context: Context, integration: str) -> tuple[Any, Query]:
    asked = Filter("integration", "", False, integration)
    order = (Order("created_at", True), Order("id"))
    return _resource(context), Query(filters=(asked,), order=order, page=Page(1, PAGE))
