"""How the answer of an action is written, of what performing it gave."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp

from portvakt.api import disclosures
from portvakt.api.actions.running import ActionInput
from portvakt.api.handlers import Call, Json
from portvakt.api.streaming import LINES, NDJSON, Chunks, ExportAnswer, Form, ended
from portvakt.operations.reading.read import Export
from portvakt.schema.actions import END, Action

Exporting = AbstractAsyncContextManager[Export]


def as_json(action: Action, call: Call, _: ActionInput, result: Any) -> ASGIApp:
    """One JSON value; of an item that was created with its address."""
    created = action.status == HTTPStatus.CREATED
    headers = {"Location": f"{call.resource.path}{result['id']}/"} if created else None
    return Json(result, action.status, headers)


def as_signed(action: Action, _: Call, __: ActionInput, text: bytes) -> ASGIApp:
    """JSON to the byte as it was signed."""
    return Response(text, action.status, media_type="application/json")


def as_lines(_: Action, call: Call, given: ActionInput, export: Exporting) -> ASGIApp:
    """Lines of JSON, as they are read."""
    return _lines(call, given, export, LINES)


def as_stored_lines(_: Action, call: Call, given: ActionInput, export: Exporting) -> ASGIApp:
    """Lines that are no objects to encode: each is stored as it is sent."""
    return _lines(call, given, export, _STORED)


def _lines(call: Call, given: ActionInput, export: Exporting, form: Form) -> ASGIApp:
    form = ended(form) if given[END.name] else form
    return ExportAnswer(export, form, call.services.streams)


async def _stored(chunks: Chunks) -> AsyncIterator[bytes]:
    async for entries in chunks:
        yield b"".join(entry["line"] for entry in entries)


_STORED = Form(NDJSON, _stored)


def as_page(_: Action, call: Call, __: ActionInput, export: Exporting) -> ASGIApp:
    """One object, or a page to who accepts HTML, as it is read."""
    return ExportAnswer(export, disclosures.form(call.accept), call.services.streams)
