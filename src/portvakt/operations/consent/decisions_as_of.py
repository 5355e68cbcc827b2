"""Tells what was decided at a past moment, as `decisions` tells what is decided now.

What an activation and a person were is told by their events, what was answered by the changes of
what decides. So people can ask about what was deleted since. Who reached whom then is not kept:
an integration asks about whom it reaches now, and what people are told depends on consent alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from portvakt.access import policy
from portvakt.operations.consent import decisions
from portvakt.operations.consent.decisions import Item, Pair
from portvakt.operations.context import Context
from portvakt.operations.reading.read import Export
from portvakt.schema.decision import ConsentTerms, decide
from portvakt.schema.known import ACTIVATIONS
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection, Row


async def check(context: Context, pairs: Sequence[Pair], moment: str) -> list[Item]:
    """What was decided of each pair at a past moment (a clean time), in order.

    A moment in the future means now. Raises `RecheckFailed`.
    """
    if moment >= context.now:
        return await decisions.check(context, pairs)
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        then = _Then(context, connection, moment)
        asked = decisions.grouped(pairs)
        askers = await then.askers({integration for integration, _ in asked})
        known = decisions.persons(context)
        found: dict[tuple[str, str], dict[str, Item]] = {}
        for (integration, kind), ids in asked.items():
            if integration in askers:
                resource = known[kind]
                reached = await decisions.reached(context, connection, resource, ids)
                found[integration, kind] = await then.decided(
                    integration, askers[integration], resource, reached
                )
    return decisions.in_order(pairs, found)


@asynccontextmanager
async def accessible(
    context: Context, kind: str, integration: str, moment: str
) -> AsyncIterator[Export]:
    """Open the ids of all persons of a kind whom consent let the integration see, for reading.

    A moment in the future means now. Raises `Problem` (forbidden) and `RecheckFailed`.
    """
    if moment >= context.now:
        async with decisions.accessible(context, kind, integration) as export:
            yield export
        return
    resource = decisions.persons(context)[kind]
    policy.require(context.caller, resource, [READ])
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        then = _Then(context, connection, moment)
        terms = (await then.askers([integration])).get(integration)
        ids = _ids(then, integration, terms, resource)
        try:
            yield Export(ids, None)
        finally:
            await ids.aclose()


async def _ids(
    then: _Then, integration: str, terms: ConsentTerms | None, resource: Resource
) -> AsyncGenerator[list[Item], None]:
    if terms is None:
        return
    async with aclosing(then.persons(resource)) as stream:
        async for rows in stream:
            told = await then.decided(integration, terms, resource, [str(row[0]) for row in rows])
            yield [{"id": pk} for pk, one in told.items() if one["allowed"]]


@dataclass(frozen=True)
class _Then:
    """A past moment, read from one snapshot."""

    context: Context
    connection: Connection
    moment: str

    async def askers(self, integrations: Iterable[str]) -> dict[str, ConsentTerms]:
        """What decided of those activations that the caller may ask for and that were there."""
        caller = self.context.caller
        own = decisions.is_own(self.context)
        asked = [pk for pk in integrations if not own or pk == caller.activation]
        resource = self.context.store.registry.resources[ACTIVATIONS]
        return {
            pk: ConsentTerms(
                active=item["is_active"],
                requires=item["require_personal_information_access"],
                mode=item["personal_information_acceptance_mode"],
            )
            for pk, item in (await self._items(resource, asked)).items()
        }

    async def decided(
        self, integration: str, terms: ConsentTerms, resource: Resource, ids: Iterable[str]
    ) -> dict[str, Item]:
        """What was decided of those persons who were there, in the order of their ids."""
        persons = await self._items(resource, sorted(ids))
        flag = resource.person.sharing if resource.person else None
        answers = await self._answers(integration, terms, resource, sorted(persons))
        load = self.context.store.dialect.load.get(Kind.time)
        told: dict[str, Item] = {}
        for pk in sorted(persons):
            answer = answers.get(pk)
            sharing = persons[pk].get(flag) if flag else None
            decision = decide(terms, sharing, None if answer is None else bool(answer[2]))
            told[pk] = decisions.render_decision(decision, terms.mode)
            if answer is not None:
                _, by, _, revision, since = answer
                told[pk] |= decisions.answered(load, by, revision, since)
        return told

    async def _answers(
        self, integration: str, terms: ConsentTerms, resource: Resource, persons: Sequence[str]
    ) -> dict[str, Row]:
        caller = replace(self.context.caller, activation=integration, consent_terms=terms)
        asking = replace(self.context, caller=caller)
        statements, kind = self.context.store.statements, content_type_id(resource.name)
        statement = statements.past_decisions.decided_then()
        values = statements.past_decisions.decided_then_values(kind, persons, self.moment)
        rows = await asking.fetch(self.connection, statement, values)
        return {str(row[0]): row for row in rows}

    async def _items(self, resource: Resource, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Items as they were, by id: clean values, but for digests."""
        if not ids:
            return {}
        events, customer = self.context.store.events, self.context.caller.customer
        kind = content_type_id(resource.name)
        found = await events.as_of(self.connection, customer, kind, ids, self.moment)
        return {pk: msgspec.json.decode(text) for pk, text in found.items()}

    def persons(self, resource: Resource) -> AsyncGenerator[list[Row], None]:
        """The ids of the persons to be looked at, in order: of integrations whom they reach now."""
        context = self.context
        if decisions.is_own(context):
            return decisions.stream_reached(context, self.connection, resource)
        events, kind = context.store.events, content_type_id(resource.name)
        return events.known_by(self.connection, context.caller.customer, kind, self.moment)
