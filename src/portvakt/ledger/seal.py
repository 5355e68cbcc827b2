"""Seals committed events: gives them a place in their customer's chain, in a log of their own.

Events are never touched, and writers never wait: the sealer follows them. It runs in every server
process; a lock lets one of them seal at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from portvakt import logs
from portvakt.cooperative import in_batches, in_time_slices
from portvakt.ledger import chain
from portvakt.ledger.chain import ChainPosition, Signer
from portvakt.ledger.event import DELETED
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.caller_kinds import log_entry
from portvakt.schema.fields import ORGANIZATION
from portvakt.schema.known import ADMINISTRATORS, EVENT_LOG, PLATFORM_LOG
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM
from portvakt.storage.events.seals import SealBatch
from portvakt.storage.sql.rows import new_row
from portvakt.storage.store import Store

Event = dict[str, Any]

PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds between two looks for new events, and at most while sealing fails."""
_log = structlog.get_logger(__name__)


class Sealer:
    """Seals the events of one store. `signer` signs the heads; without it they aren't signed."""

    def __init__(
        self,
        store: Store,
        signer: Signer | None,
        *,
        clock: Callable[[], str],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._new_id = new_id
        self._horizon: int | None = None  # never ahead of the stored one
        self._batch = store.dialect.ledger.seal_batch
        self._in_order = store.dialect.ledger.commits_in_order

    async def run(self) -> None:
        """Seal until cancelled. Whatever fails is logged, and tried again, less and less often."""
        if self._signer is None:
            _log.warning("the ledger is not signed", setting="PORTVAKT_SEALING_KEY")
        pause = PAUSE
        while True:
            try:
                await self.seal_all()
                pause = PAUSE
            except Exception as error:
                pause = min(2 * pause, LONGEST_PAUSE)
                _log.warning("sealing failed", **logs.failure(error))
            await asyncio.sleep(pause)

    async def seal_all(self) -> int:
        """Seal what is committed and not sealed yet; how many events that were.

        0 also where another process is sealing.
        """
        seals, database = self._store.seals, self._store.database
        if self._horizon is None:
            self._horizon = await seals.horizon(database)
        if self._horizon >= 0 and not await seals.any_since(database, self._horizon):
            return 0
        arrival, sealed, first = -1, 0, None
        while True:
            found, first = await self._seal_batch(arrival, first)
            sealed += len(found.events)
            arrival = found.arrival
            if found.looked_at < self._batch:
                return sealed

    async def _seal_batch(
        self, arrival: int, first: SealBatch | None
    ) -> tuple[SealBatch, SealBatch]:
        """Seal one batch of events past an arrival, in one transaction; what was found, and first.

        `first` is what the first look of this round found. Later ones see no more than was
        committed by then, as none of them sees again what lies before their arrival; and the
        horizon that the first allows is stored with the last. Where events are committed in order,
        each batch is a round of its own.
        """
        seals = self._store.seals
        async with self._store.database.transaction(long=True) as connection:
            horizon = await seals.horizon(connection)
            if not await seals.turn(connection):
                found = SealBatch([], 0, arrival, horizon)
                return found, first or found
            seen = first.snapshot if first else None
            found = await seals.look(connection, horizon, arrival, self._batch, seen)
            if found.events:
                await self._add(connection, found.events)
            if first is None or self._in_order:
                first = found._replace(events=[])
            last = found.looked_at < self._batch or self._in_order
            if last and (found.events or arrival >= 0 or horizon < 0):
                await seals.set_horizon(connection, first.horizon)
            if last:
                horizon = first.horizon
        self._horizon = horizon
        return found, first

    async def _add(self, connection: Connection, events: Sequence[Event]) -> None:
        """Give events their places, and move the heads."""
        now = self._clock()
        customers = sorted({event["customer_id"] for event in events})
        heads = await self._store.seals.heads(connection, customers)
        kept = {pk: ChainPosition(head["position"], head["hash"]) for pk, head in heads.items()}
        users = await self._organization_users(connection, events)
        rows: dict[str, list[dict[str, Any]]] = {EVENT_LOG: [], PLATFORM_LOG: []}
        async for some in in_time_slices(events):
            for event in some:
                customer = event["customer_id"]
                kept[customer] = self._link(event, kept.get(customer, ChainPosition()))
                rows[PLATFORM_LOG if customer == PLATFORM else EVENT_LOG].append(
                    self._row(event, kept[customer], users, now)
                )
        for name, added in rows.items():
            log = self._store.registry.resources[name]
            async for part in in_batches(added):
                await self._store.row_writer.insert(connection, log, part)
        for customer in customers:
            await self._store.seals.set_head(connection, self._head(customer, kept[customer], now))

    def _link(self, event: Event, before: ChainPosition) -> ChainPosition:
        position = before.position + 1
        content_type = self._store.registry.content_types[event["content_type"]]
        record = chain.link(event, content_type, position, before.hash)
        return ChainPosition(position, chain.hash_of(record))

    def _head(self, customer: str, kept: ChainPosition, now: str) -> dict[str, Any]:
        head: dict[str, Any] = {"key": None, "signature": None}
        if self._signer is not None:
            head = self._signer.head(customer, kept.position, kept.hash, now)
        return {
            **head,
            "customer_id": customer,
            "position": kept.position,
            "hash": kept.hash,
            "at": now,
        }

    def _row(
        self, event: Event, kept: ChainPosition, users: dict[str, str], now: str
    ) -> dict[str, Any]:
        """The row of an event in its log."""
        customer = event["customer_id"]
        known = self._store.registry
        resource = known.resources[known.content_types[event["content_type"]]]
        log = known.resources[PLATFORM_LOG if customer == PLATFORM else EVENT_LOG]
        item, rule = _item(resource, event), resource.of_application
        values = {
            **projection(event, resource.name),
            **triggered_by(event, users),
            "id": self._new_id(),
            ORGANIZATION.name: item.get(ORGANIZATION.name),
            "application_id": item.get(rule.field) if rule else None,
            "about": item.get(resource.about) if resource.about else None,
            "position": kept.position,
            "event_revision": event["revision"],
            "hash": kept.hash,
        }
        clean = {field.name: values.get(field.name) for field in log.fields}
        return new_row(log, customer, clean, now=now, revision=1)

    async def _organization_users(
        self, connection: Connection, events: Iterable[Event]
    ) -> dict[str, str]:
        """The organization users who the administrators among the holders are."""
        asked = {
            (event["customer_id"], event["holder"])
            for event in events
            if log_entry(event["caller"]).as_user and event["customer_id"] != PLATFORM
        }
        resource = self._store.registry.resources[ADMINISTRATORS]
        statement = self._store.statements.rows.get(resource, UNBOUNDED)
        found = {}
        for customer, holder in sorted(asked):
            values = statement.values({"caller_customer": customer, "id": holder})
            for row in await connection.fetch(statement.text, values):
                item = self._store.rows(resource).clean(row)
                found[holder] = item["organization_user"]
        return found


def _item(resource: Resource, event: Event) -> dict[str, Any]:
    """The item's values that say who may see the event."""
    described = resource.of_application or resource.about
    if ORGANIZATION.name not in resource.by_name and not described:
        return {}
    item: dict[str, Any] = msgspec.json.decode(event["after"] or event["before"])
    return item


def projection(event: Event, name: str) -> dict[str, Any]:
    """What a log tells of an event of the resource `name`, as far as the event alone says."""
    context: dict[str, Any] = {"revision": event["revision"]}
    if event["operation"] == DELETED:
        context["pk"] = event["item"]
    return {
        "object_id": event["item"],
        "content_type": event["content_type"],
        "event_identifier": f"{name}.instance{event['operation']}",
        "created_at": event["at"],
        "event_context": context,
    }


def triggered_by(event: Event, users: Mapping[str, str]) -> dict[str, Any]:
    """Who did it, as a log names it; `users`: administrators' organization users.

    Raises `DeclarationError` where that isn't said of its kind.
    """
    logged = log_entry(event["caller"])
    who = event[logged.value]
    return {logged.field: users.get(who) if logged.as_user else who}
