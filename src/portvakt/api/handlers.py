"""The operations over HTTP: what was asked becomes a value, its result an answer.

A handler is told a `Call` and returns an ASGI answer. It knows no resource by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from portvakt.access import policy
from portvakt.api import cursor, parameters, query_string
from portvakt.api.body import Incoming
from portvakt.api.problems import render_fault
from portvakt.api.services import Services
from portvakt.api.streaming import ARRAY, LINES, NDJSON, ExportAnswer, end_line, ended
from portvakt.cooperative import clear_in_time_slices, in_time_slices
from portvakt.operations.context import Context, no_item
from portvakt.operations.reading import history, read, resolve
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Change
from portvakt.schema.entity_tags import NO_PRECONDITIONS, Preconditions, entity_tag
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.query import Query
from portvakt.schema.resource import Resource
from portvakt.schema.rights import CREATE, READ, UPDATE

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


@dataclass(slots=True)
class Call:
    """One request for an operation.

    - `pk`: the id in the path, "" where the path has none.
    - `pairs`: the query string's names and values.
    - `body`: gives the JSON body, or its items; to be asked for who calls and may.
    - `accept`: what form of answer the caller accepts.
    - `preconditions`: what the item must be like.
    """

    resource: Resource
    context: Context
    services: Services
    path: str
    pk: str
    pairs: parameters.Pairs
    body: Incoming
    accept: str = ""
    preconditions: Preconditions = NO_PRECONDITIONS


Handler = Callable[[Call], Awaitable[ASGIApp]]


def encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), text.encode("latin-1")) for name, text in headers]


CACHED = ("Cache-Control", "private, no-cache")
"""Kept by its reader alone, who asks each time whether it still is so: decisions change."""

_CACHED = encoded([CACHED])


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
        self._headers = encoded(headers.items()) if headers else []

    @classmethod
    async def array(cls, item: Callable[[T], Any], items: Sequence[T], status: int = 200) -> Json:
        """What `item` makes of each, made and sent while other requests are answered too."""
        answer = cls((), status)
        answer._parts = []
        async for part in in_time_slices(items):
            made = b",".join(map(_encoder.encode, map(item, part)))
            answer._parts.append((b"," if answer._parts else b"[") + made)
        answer._parts.append(b"]")
        return answer

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        *parts, last = self._parts
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % sum(map(len, self._parts))),
            *self._headers,
        ]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": last})


class Tagged(Json):
    """A `Json` answer of one item with its entity tag: a reader may keep it, and asks each time."""

    __slots__ = ("tag",)

    def __init__(self, item: Any, state: str, status: int = 200, *headers: tuple[str, str]) -> None:
        """`state` is the item's (`entity_tags.item_state`)."""
        super().__init__(item, status)
        self.tag = entity_tag(state, self._parts[0])
        self._headers = [(b"etag", self.tag.encode()), *_CACHED, *encoded(headers)]


async def get(call: Call) -> ASGIApp:
    """Get one item."""
    asked = query_string.parse_get(call.pairs, call.resource)
    found = await read.get_with_state(
        call.context,
        call.resource,
        call.pk,
        asked.as_of,
        evidence=asked.evidence,
        changed=asked.changed,
        fields=asked.fields,
    )
    if found is None:
        raise no_item(call.resource)
    item, state = found
    if asked.as_of is not None:  # an erasure changes it, without another revision
        return not_modified(call) or Json(item)
    answer = Tagged(item, state)
    return not_modified(call, answer.tag) or answer


def not_modified(call: Call, tag: str | None = None) -> ASGIApp | None:
    """304 if the caller has the answer with this tag already (None: the answer has no tag)."""
    if call.preconditions is NO_PRECONDITIONS or not call.preconditions.is_known(tag):
        return None
    headers = dict([CACHED, *([("ETag", tag)] if tag else [])])
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)


async def list_items(call: Call, form: ListForm | None = None) -> ASGIApp:
    """List, as it is asked for: array, page, lines, statistics; or the one form of its path."""
    query = query_string.parse_list(call.pairs, call.resource, form)
    if call.preconditions:
        policy.require(call.context.caller, call.resource, [READ])
        if known := not_modified(call):
            return known
    if query.statistics:
        return Json(await read.statistics(call.context, call.resource, query))
    if not query.bounded:
        export = read.export(call.context, call.resource, query)
        written = (ended(LINES) if query.end else LINES) if query.jsonl else ARRAY
        return ExportAnswer(export, written, call.services.streams)
    listing = await read.page(call.context, call.resource, query)
    headers = _page_headers(call, query, listing)
    if query.jsonl:
        lines = _encoder.encode_lines(listing.items)
        last = end_line(len(listing.items)) if query.end else b""
        return Response(lines + last, headers=headers, media_type=NDJSON)
    return Json(listing.items, headers=headers)


def _page_headers(call: Call, query: Query, listing: read.Listing) -> dict[str, str]:
    headers = {}
    if listing.total is not None:
        headers["X-Total-Count"] = str(listing.total)
    if listing.last is not None:
        after = cursor.render(query.order, listing.last, listing.link)
        pairs = [pair for pair in call.pairs if pair[0] != "_after"]
        headers["Link"] = f'<{call.path}?{urlencode([*pairs, ("_after", after)])}>; rel="next"'
    return headers


async def create(call: Call) -> ASGIApp:
    """Create one item."""
    evidence = query_string.parse_write(call.pairs, call.resource)
    policy.require(call.context.caller, call.resource, [CREATE])
    call.preconditions.check_nothing()
    body = await call.body()
    change = await write.create_change(call.context, call.resource, body)
    item = write.answered(call.context, call.resource, change, evidence=evidence)
    location = ("Location", f"{call.resource.path}{item['id']}/")
    return Tagged(item, change.state, HTTPStatus.CREATED, location)


async def update(call: Call) -> ASGIApp:
    """Update one item, partially."""
    evidence = query_string.parse_write(call.pairs, call.resource)
    policy.require(call.context.caller, call.resource, [UPDATE])
    body = await call.body()
    change = await write.update_change(
        call.context, call.resource, call.pk, body, call.preconditions
    )
    item = write.answered(call.context, call.resource, change, evidence=evidence)
    return Tagged(item, change.state)


async def delete(call: Call) -> ASGIApp:
    """Delete one item."""
    parameters.parse_none(call.pairs)
    await write.delete(call.context, call.resource, call.pk, call.preconditions)
    return Response(status_code=204)


async def bulk(call: Call) -> ASGIApp:
    """Create and update many items."""
    how, (report, evidence) = query_string.parse_bulk(call.pairs, call.resource)
    policy.require_any(call.context.caller, call.resource, [CREATE, UPDATE])
    if call.preconditions:
        call.preconditions.check_write(None)
    changes = await write.bulk(call.context, call.resource, call.body.items(), how)

    def item(change: Change) -> dict[str, Any]:
        return write.answered(call.context, call.resource, change, evidence=evidence)

    shown = (lambda change: _report(change, item)) if report or not how.atomic else item
    answer = await Json.array(shown, changes, 200 if how.atomic else 207)
    await clear_in_time_slices(changes)
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
    return not_modified(call) or Json(found)


async def resolve_ids(call: Call) -> ASGIApp:
    """The counterparts of each entry of a mixed list."""
    parameters.parse_none(call.pairs)
    policy.require(call.context.caller, call.resource, [READ])
    call.preconditions.check_nothing()
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
