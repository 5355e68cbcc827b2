"""The operations over HTTP: what was asked becomes a value, its result an answer.

A handler is told a `Call` and returns an ASGI answer. It knows no resource by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from portvakt.access import policy
from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.api import cursor, parameters, query_string
from portvakt.api.body import Incoming
from portvakt.api.problems import render_fault
from portvakt.api.streaming import ARRAY, LINES, NDJSON, ExportAnswer, Streams
from portvakt.operations import history, read, resolve, write
from portvakt.operations.changes import Change
from portvakt.operations.context import Context, no_item
from portvakt.schema.query import Query
from portvakt.schema.resource import Operation, Resource
from portvakt.schema.rights import CREATE, READ, UPDATE
from portvakt.settings import Settings
from portvakt.turns import in_turns, let_go

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


@dataclass(slots=True)
class Call:
    """One request for an operation.

    - `pk`: the id in the path, "" where the path has none.
    - `pairs`: the query string's names and values.
    - `body`: gives the JSON body, or its items; to be asked for who calls and may.
    - `keys`, `passwords`: what secrets are hashed with.
    - `streams`: the places for answers that are sent while they are read.
    - `accept`: what form of answer the caller accepts.
    """

    resource: Resource
    context: Context
    settings: Settings
    path: str
    pk: str
    pairs: parameters.Pairs
    body: Incoming
    keys: Keys
    passwords: Passwords
    streams: Streams
    accept: str = ""


Handler = Callable[[Call], Awaitable[ASGIApp]]


class Json:
    """The ASGI answer that holds a JSON value.

    Starlette's own takes twice as long to make its headers, which counts in a Get.
    """

    __slots__ = ("_headers", "_parts", "_status")

    def __init__(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers` besides those of the content."""
        self._parts = [_encoder.encode(value)]
        self._status = status
        self._headers = headers

    @classmethod
    async def array(cls, item: Callable[[T], Any], items: Sequence[T], status: int = 200) -> Json:
        """What `item` makes of each, made and sent while other requests are answered too."""
        answer = cls((), status)
        answer._parts = []
        async for part in in_turns(items):
            answer._parts.append((b"," if answer._parts else b"[") + _inside(map(item, part)))
        answer._parts.append(b"]")
        return answer

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        *parts, last = self._parts
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % sum(map(len, self._parts))),
        ]
        if self._headers:
            headers += [(k.lower().encode(), v.encode("latin-1")) for k, v in self._headers.items()]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": last})


def _inside(values: Iterable[Any]) -> bytes:
    """The values of a JSON array, without its brackets."""
    return _encoder.encode(list(values))[1:-1]


async def get(call: Call) -> ASGIApp:
    """Get one item."""
    as_of, evidence = query_string.parse_get(call.pairs, call.resource)
    item = await read.get(call.context, call.resource, call.pk, as_of, evidence=evidence)
    if item is None:
        raise no_item(call.resource)
    return Json(item)


async def list_items(call: Call) -> ASGIApp:
    """List, in each of its forms: array, page, lines, statistics."""
    query = query_string.parse_list(call.pairs, call.resource)
    if query.statistics:
        return Json(await read.statistics(call.context, call.resource, query))
    if not query.bounded:
        export = read.export(call.context, call.resource, query)
        return ExportAnswer(export, LINES if query.jsonl else ARRAY, call.streams, slim=query.slim)
    listing = await read.page(call.context, call.resource, query)
    headers = _page_headers(call, query, listing)
    if query.jsonl:
        return Response(_encoder.encode_lines(listing.items), headers=headers, media_type=NDJSON)
    return Json(listing.items, headers=headers)


def _page_headers(call: Call, query: Query, listing: read.Listing) -> dict[str, str]:
    headers = {}
    if listing.total is not None:
        headers["X-Total-Count"] = str(listing.total)
    if listing.last is not None:
        after = cursor.render(query.order, listing.last)
        pairs = [pair for pair in call.pairs if pair[0] != "_after"]
        headers["Link"] = f'<{call.path}?{urlencode([*pairs, ("_after", after)])}>; rel="next"'
    return headers


async def create(call: Call) -> ASGIApp:
    """Create one item."""
    evidence = query_string.parse_write(call.pairs, call.resource)
    policy.require(call.context.scope, call.resource, [CREATE])
    body = await call.body()
    item = await write.create(call.context, call.resource, body, evidence=evidence)
    return Json(item, 201, {"Location": f"{call.resource.path}{item['id']}/"})


async def update(call: Call) -> ASGIApp:
    """Update one item, partially."""
    evidence = query_string.parse_write(call.pairs, call.resource)
    policy.require(call.context.scope, call.resource, [UPDATE])
    body = await call.body()
    item = await write.update(call.context, call.resource, call.pk, body, evidence=evidence)
    return Json(item)


async def delete(call: Call) -> ASGIApp:
    """Delete one item."""
    parameters.parse_none(call.pairs)
    await write.delete(call.context, call.resource, call.pk)
    return Response(status_code=204)


async def bulk(call: Call) -> ASGIApp:
    """Create and update many items."""
    how, (report, evidence) = query_string.parse_bulk(call.pairs, call.resource)
    policy.require_any(call.context.scope, call.resource, [CREATE, UPDATE])
    changes = await write.bulk(call.context, call.resource, call.body.items(), how)

    def item(change: Change) -> dict[str, Any]:
        return write.answered(call.context, call.resource, change, evidence=evidence)

    shown = (lambda change: _report(change, item)) if report or not how.atomic else item
    answer = await Json.array(shown, changes, 200 if how.atomic else 207)
    await let_go(changes)
    return answer


def _report(change: Change, item: Callable[[Change], dict[str, Any]]) -> dict[str, Any]:
    report: dict[str, Any] = {"index": change.index, "outcome": change.outcome}
    if change.faults:
        errors = [render_fault(fault.under(f"/{change.index}")) for fault in change.faults]
        return {**report, "id": change.target, "errors": errors}
    return {**report, "id": change.item["id"], "item": item(change)}


async def history_of(call: Call) -> ASGIApp:
    """The revisions of one item."""
    parameters.parse_none(call.pairs)
    found = await history.of_item(call.context, call.resource, call.pk) if call.pk else None
    if found is None:
        raise no_item(call.resource)
    return Json(found)


async def resolve_ids(call: Call) -> ASGIApp:
    """The counterparts of each entry of a mixed list."""
    parameters.parse_none(call.pairs)
    policy.require(call.context.scope, call.resource, [READ])
    return Json(await resolve.resolve(call.context, call.resource, call.body.items()))


HANDLERS: dict[Operation, Handler] = {
    Operation.bulk: bulk,
    Operation.list: list_items,
    Operation.create: create,
    Operation.get: get,
    Operation.update: update,
    Operation.delete: delete,
}
"""The handler of each operation."""
