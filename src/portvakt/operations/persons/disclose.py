"""Tells everything that is held about one person (GDPR, articles 15 and 20).

A disclosure is a stream of entries, each of one of the `PARTS`, in their order: what is made of it,
JSON or a page, is made entry by entry, however long a part is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from portvakt.access import policy
from portvakt.operations.consent import decisions
from portvakt.operations.consent.decisions import Pair
from portvakt.operations.context import Context, no_item
from portvakt.operations.reading import history
from portvakt.operations.reading.read import Export
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.known import ACTIVATIONS, APPLICATIONS, CUSTOMERS, SERVICES
from portvakt.schema.paths import ReferredBy
from portvakt.schema.query import Filter, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection
from portvakt.storage.statements.columns import item_names

Item = dict[str, Any]
Entry = dict[str, Any]
Entries = AsyncGenerator[list[Entry], None]

FORMAT = "portvakt.person.1"
HEAD, PERSON, ITEMS, ANSWERS, DECISIONS, HISTORY = PARTS = (
    *("head", "person", "items", "answers", "decisions", "history"),
)
"""What a disclosure consists of; the first two are one entry each.

- `head`: `format`, `exported_at`, the customer, the kind of person, and when it was erased.
- `person`: the item itself. `items`: those that refer to it, or belong to it.
- `answers`: every answer that the person ever gave, with its history; `item` is null where it was
  deleted, or is another person's now.
- `decisions`: what is decided of the person for each of the customer's activations.
- `history`: what the ledger tells of the person's item.
"""


@asynccontextmanager
async def disclose(context: Context, resource: Resource, pk: str) -> AsyncIterator[Export]:
    """Open everything about the person `pk` for reading, as of one moment.

    Each entry is `{"part", "value"}`. Raises `Problem` (forbidden, not_found) and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [READ])
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        telling = _Telling(context, connection, resource, pk)
        item = await telling.one(resource, pk)
        if item is None:
            raise no_item(resource)
        async with aclosing(telling.everything(item)) as chunks:
            yield Export(chunks, None)


class _Telling:
    """What is told of one person, seen through one connection."""

    def __init__(
        self, context: Context, connection: Connection, resource: Resource, pk: str
    ) -> None:
        self._context = context
        self._connection = connection
        self._resource = resource
        self._registry = context.store.registry
        self._pk = pk
        self._names: dict[tuple[str, str], Item | None] = {}

    async def everything(self, item: Item) -> Entries:
        """All entries, in the order of the parts."""
        yield [{"part": HEAD, "value": await self._head()}]
        yield [{"part": PERSON, "value": item}]
        parts = (
            (ITEMS, self._items(item)),
            (ANSWERS, self._answers()),
            (DECISIONS, self._decisions()),
            (HISTORY, self._history()),
        )
        for part, chunks in parts:
            async with aclosing(chunks):
                async for values in chunks:
                    yield [{"part": part, "value": value} for value in values]

    async def one(self, resource: Resource, pk: str) -> Item | None:
        """The item with this id."""
        statement = self._context.store.statements.rows.get(resource, UNBOUNDED, evidence=True)
        named = {"id": pk, "as_of": None}
        rows = await self._context.fetch(self._connection, statement, named)
        names = item_names(resource, UNBOUNDED, evidence=True)
        return self._context.store.rows(resource, names).item(rows[0]) if rows else None

    async def _head(self) -> Item:
        customer, kind = self._context.caller.customer, content_type_id(self._resource.name)
        events = self._context.store.events
        erased = await events.erased(self._connection, customer, kind, [self._pk])
        return {
            "format": FORMAT,
            "exported_at": self._context.now,
            "customer": await self._named(CUSTOMERS, customer),
            "resource": self._resource.name,
            "erased_at": erased.get(self._pk),
        }

    async def _named(self, resource: str, pk: str) -> Item:
        """An item of the platform by its id and name."""
        known = (resource, pk)
        if known not in self._names:
            self._names[known] = await self.one(self._registry.resources[resource], pk)
        found = self._names[known] or {}
        return {"id": pk, "name": found.get("name")}

    # -- items ---------------------------------------------------------------------------------

    async def _items(self, person: Item) -> Entries:
        """The items that name the person, then those that the person or one of these has."""
        holders = [(self._resource.name, person)]
        async with aclosing(self._referring()) as found:
            async for values in found:
                yield values
                holders += [
                    (value["resource"], value["item"])
                    for value in values
                    if self._is_about(value["resource"], value["as"])
                ]
        async with aclosing(self._held(holders)) as held:
            async for values in held:
                yield values

    def _is_about(self, name: str, field: str) -> bool:
        return any((field,) == step.own for step in self._registry.resources[name].persons)

    async def _referring(self) -> Entries:
        kind = content_type_id(self._resource.name)
        for other in self._registry.resources.values():
            if other.platform or other.append_only or other.answers:
                continue
            for reference in other.references:
                if reference.target == self._resource.name:
                    named = (Filter(reference.name, "", False, self._pk),)
                    async for values in self._told(other, reference.name, named):
                        yield values
            for generic in other.generic_references:
                pair = (
                    Filter(generic.content_type, "", False, kind),
                    Filter(generic.object_id, "", False, self._pk),
                )
                async for values in self._told(other, generic.object_id, pair):
                    yield values

    async def _held(self, holders: Iterable[tuple[str, Item]]) -> Entries:
        """What the person, or an item about the person, has by a step of its `privacy`."""
        told: set[str] = set()
        for name, holder in holders:
            for other in self._registry.resources.values():
                for step in other.persons:
                    if not isinstance(step, ReferredBy) or step.resource != name:
                        continue
                    pk = str((holder[step.field] or {}).get("id", ""))
                    item = await self.one(other, pk) if pk and pk not in told else None
                    if item is not None:
                        told.add(pk)
                        yield [{"resource": other.name, "as": step.field, "item": item}]

    async def _told(self, resource: Resource, field: str, named: tuple[Filter, ...]) -> Entries:
        async for items in self._listed(resource, named):
            yield [{"resource": resource.name, "as": field, "item": item} for item in items]

    async def _listed(self, resource: Resource, filters: tuple[Filter, ...]) -> Entries:
        store, query = self._context.store, Query(filters=filters)
        statement = store.statements.rows.listing(resource, query, UNBOUNDED)
        values = self._context.bind(statement, store.query_values(resource, query))
        read = store.rows(resource)
        async with aclosing(self._connection.stream(statement.text, values)) as stream:
            async for rows in stream:
                yield read.items(rows)

    # -- answers and decisions -----------------------------------------------------------------

    async def _answers(self) -> Entries:
        """Every answer of the person, deleted ones too."""
        answers = self._registry.answers
        if answers is None or answers.answers is None:
            return
        fields = [
            f for _, f in answers.answers.persons if answers.targets[f] == self._resource.name
        ]
        for field in fields:
            statement = self._context.store.statements.versions.ever(answers, field)
            values = self._context.bind(statement, {"named": self._pk})
            async with aclosing(self._connection.stream(statement.text, values)) as stream:
                async for rows in stream:
                    yield [await self._answer(answers, field, str(row[0])) for row in rows]

    async def _answer(self, answers: Resource, field: str, pk: str) -> Item:
        item = await self.one(answers, pk)
        mine = item is not None and item[field] == {"id": self._pk}
        told = await history.revisions(self._context, self._connection, answers, pk)
        return {"id": pk, "item": item if mine else None, "history": told}

    async def _decisions(self) -> Entries:
        """What is decided of the person for each activation."""
        kinds = {one.name: kind for kind, one in decisions.persons(self._context).items()}
        kind = kinds.get(self._resource.name)
        if kind is None:
            return
        async for items in self._listed(self._registry.resources[ACTIVATIONS], ()):
            pairs = [Pair(item["id"], kind, self._pk) for item in items]
            told = await decisions.check_within(self._unproven, self._connection, pairs)
            yield [
                {**await self._integration(item), **decision}
                for item, decision in zip(items, told, strict=True)
            ]

    @property
    def _unproven(self) -> Context:
        """This request's context without the re-check, which was done once, at the beginning."""
        return replace(self._context, rechecked=False)

    async def _integration(self, item: Item) -> Item:
        return {
            "integration": {"id": item["id"]},
            "application": await self._named(APPLICATIONS, item["application_id"]),
            "service": await self._named(SERVICES, item["service_id"]),
        }

    async def _history(self) -> Entries:
        yield await history.revisions(self._context, self._connection, self._resource, self._pk)
