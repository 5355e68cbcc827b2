"""Asks what is decided: may an integration see a person's personal information now?

An integration asks for itself, people for any. Whoever asks is told no more of a person that the
integration doesn't reach than of one that isn't there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from portvakt.access import policy
from portvakt.operations.context import Context
from portvakt.operations.reading.read import Export
from portvakt.schema.decision import UNKNOWN, ConsentTerms, Decision, accepted_answers, decide
from portvakt.schema.known import ACTIVATIONS
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection, Row
from portvakt.storage.sql.dialects import Convert
from portvakt.storage.statements.statement import Statement

Item = dict[str, Any]
PersonsByPair = Mapping[tuple[str, str], set[str]]


class Pair(NamedTuple):
    """An integration, and a person of a kind that callers say, such as `tenant`."""

    integration: str
    kind: str
    person: str


_ABOUT, _PERSON = itemgetter(0, 1), itemgetter(2)


def persons(context: Context) -> dict[str, Resource]:
    """The resources of persons who answer, by the kind that callers say."""
    registry = context.store.registry
    answers = registry.answers
    if answers is None or answers.answers is None:
        return {}
    return {
        kind: registry.resources[answers.targets[field]] for kind, field in answers.answers.persons
    }


def render_decision(decision: Decision, mode: int | None = None) -> Item:
    """A decision as it travels, without an answer."""
    return {
        "allowed": decision.allowed,
        "reason": decision.reason.name,
        "answer": None,
        "revision": None,
        "since": None,
        "mode": mode,
    }


_UNKNOWN = render_decision(UNKNOWN)


async def check(context: Context, pairs: Sequence[Pair]) -> list[Item]:
    """What is decided of each pair, in order, all at one moment. Raises `RecheckFailed`."""
    asked = grouped(pairs)
    if len(asked) == 1 and is_own(context):
        return in_order(pairs, await _found(context, None, asked))
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        return in_order(pairs, await _found(context, connection, asked))


async def check_within(
    context: Context, connection: Connection, pairs: Sequence[Pair]
) -> list[Item]:
    """What is decided of each pair, in order, as this connection's snapshot has it."""
    return in_order(pairs, await _found(context, connection, grouped(pairs)))


def is_own(context: Context) -> bool:
    """Whether a program asks, and so for itself."""
    return not context.caller.kind.people


async def _found(
    context: Context, connection: Connection | None, asked: PersonsByPair
) -> dict[tuple[str, str], dict[str, Item]]:
    """What is decided of those persons whom their integrations reach, by both."""
    askers = await _askers(context, connection, {integration for integration, _ in asked})
    resources = persons(context)
    found: dict[tuple[str, str], dict[str, Item]] = {}
    for (integration, kind), ids in asked.items():
        asking = askers.get(integration)
        if asking is not None:
            found[integration, kind] = await _decided(asking, connection, resources[kind], ids)
    return found


def grouped(pairs: Iterable[Pair]) -> PersonsByPair:
    """The persons asked about, by integration and kind."""
    asked = defaultdict[tuple[str, str], set[str]](set)
    for about, some in groupby(pairs, _ABOUT):
        asked[about].update(map(_PERSON, some))
    return asked


def in_order(
    pairs: Iterable[Pair], found: Mapping[tuple[str, str], Mapping[str, Item]]
) -> list[Item]:
    """What was found of each pair; of the others that they are unknown."""
    told: list[Item] = []
    for about, some in groupby(pairs, _ABOUT):
        persons = found.get(about, {})
        told += [persons.get(person, _UNKNOWN) for person in map(_PERSON, some)]
    return told


async def _askers(
    context: Context, connection: Connection | None, integrations: Iterable[str]
) -> dict[str, Context]:
    """The requests of those integrations that the caller may ask for, as if they came themselves.

    These callers hold what decides of them; they reach what their activation is on.
    """
    caller = context.caller
    if is_own(context):
        return {pk: context for pk in integrations if pk == caller.activation}
    resource = context.store.registry.resources[ACTIVATIONS]
    statement = context.store.statements.rows.select_by_key(
        resource, ("id",), caller.access(resource)
    )
    named = context.store.statements.rows.given_values(
        resource, ("id",), [(pk,) for pk in integrations]
    )
    rows = await context.fetch(connection, statement, named)
    return {
        item["id"]: _as_asker(context, item)
        for item in map(context.store.rows(resource).clean, rows)
    }


def _as_asker(context: Context, activation: Mapping[str, Any]) -> Context:
    content_types = context.store.registry.content_types
    caller = replace(
        context.caller,
        activation=activation["id"],
        level=content_types.get(activation["activation_content_type"] or "", ""),
        object=activation["activation_object_id"] or "",
        consent_terms=ConsentTerms(
            active=activation["is_active"],
            requires=activation["require_personal_information_access"],
            mode=activation["personal_information_acceptance_mode"],
        ),
    )
    return replace(context, caller=caller)


async def _decided(
    context: Context, connection: Connection | None, resource: Resource, ids: Iterable[str]
) -> dict[str, Item]:
    """What is decided of those persons whom the caller's activation reaches, by id."""
    statement = context.store.statements.decisions.of_persons(resource, context.access(resource))
    listed = context.store.dialect.bind_list(Kind.uuid, list(ids))
    rows = await context.fetch(connection, statement, {"ids": listed})
    if not rows and connection is None:
        await context.recheck_credential()
    terms = context.caller.consent_terms
    load = context.store.dialect.load.get(Kind.time)
    outcomes: dict[tuple[Any, Any], Item] = {}  # few: of many persons most are decided alike
    found: dict[str, Item] = {}
    for pk, sharing, answer, yes, revision, since in rows:
        outcome = outcomes.get((sharing, yes))
        if outcome is None:
            decision = decide(terms, _boolean(sharing), _boolean(yes))
            outcome = outcomes[sharing, yes] = render_decision(decision, terms.mode)
        if answer is not None:
            outcome = outcome | answered(load, answer, revision, since)
        found[str(pk)] = outcome
    return found


def answered(load: Convert | None, answer: Any, revision: int, since: Any) -> Item:
    """The answer that decides as it travels, from its columns; `load` makes a time clean."""
    return {
        "answer": {"id": str(answer)},
        "revision": revision,
        "since": load(since) if load else since,
    }


async def reached(
    context: Context, connection: Connection, resource: Resource, ids: Iterable[str]
) -> Iterable[str]:
    """Those persons about whom the caller may ask: of integrations whom they reach now."""
    if not is_own(context):
        return ids
    return await _decided(context, connection, resource, ids)


def stream_reached(
    context: Context, connection: Connection, resource: Resource
) -> AsyncGenerator[list[Row], None]:
    """Stream the ids of all persons of a kind whom an integration reaches now, in order."""
    access = context.caller.access(resource)._replace(accepted_answers=None)
    statement = context.store.statements.decisions.accessible(resource, access)
    return connection.stream(statement.text, context.bind(statement))


def _boolean(value: Any) -> bool | None:
    return None if value is None else bool(value)


@asynccontextmanager
async def accessible(context: Context, kind: str, integration: str) -> AsyncIterator[Export]:
    """Open the ids of all persons of a kind that the integration may see now, for reading.

    Raises `Problem` (forbidden) and `RecheckFailed`.
    """
    resource = persons(context)[kind]
    policy.require(context.caller, resource, [READ])
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        asking = (await _askers(context, connection, [integration])).get(integration)
        async with aclosing(_ids(asking, resource, connection)) as ids:
            yield Export(ids, None)


async def _ids(
    asking: Context | None, resource: Resource, connection: Connection
) -> AsyncGenerator[list[Item], None]:
    if asking is None:
        return
    caller = asking.caller
    access = caller.access(resource)._replace(
        accepted_answers=accepted_answers(caller.consent_terms)
    )
    statement: Statement = asking.store.statements.decisions.accessible(resource, access)
    stream = connection.stream(statement.text, asking.bind(statement))
    try:
        async for rows in stream:
            yield [{"id": str(row[0])} for row in rows]
    finally:
        await stream.aclose()
