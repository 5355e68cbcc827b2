"""A disclosure as it is sent: one JSON object, or a page to read; made entry by entry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule

from portvakt.api.accept import weights
from portvakt.api.streaming import Chunks, Form
from portvakt.operations.persons.disclose import HEAD, PARTS, PERSON

_encode = msgspec.json.Encoder().encode
_SINGLE = (HEAD, PERSON)


def form(accept: str) -> Form:
    """The form that a caller accepts: a page only where HTML is asked for before JSON."""
    wanted = weights(accept)
    page = wanted.get("text/html", 0.0)
    return PAGE if page > 0 and page >= wanted.get("application/json", 0.0) else JSON


async def write_json(chunks: Chunks) -> AsyncIterator[bytes]:
    """The entries of each part under its name."""
    opened = -1
    async for entries in chunks:
        text = b""
        for entry in entries:
            place = PARTS.index(entry["part"])
            if place != opened:
                text += _between(opened, place)
                opened = place
            elif entry["part"] not in _SINGLE:
                text += b","
            text += _encode(entry["value"])
        yield text
    yield _between(opened, len(PARTS))


def _between(last: int, place: int) -> bytes:
    """What ends one part and begins another; parts in between are empty."""
    text = b"" if last >= 0 else b"{"
    for number in range(last, place):
        if number >= 0 and PARTS[number] not in _SINGLE:
            text += b"]"
        if number + 1 < len(PARTS):
            name = PARTS[number + 1]
            text += (b"," if number >= 0 else b"") + _encode(name) + b":"
            text += b"" if name in _SINGLE else b"["
    return text + (b"}" if place == len(PARTS) else b"")


@cache
def _page() -> TemplateModule:
    loader = PackageLoader("portvakt.api", "templates")
    found = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["shown"] = _shown
    return found.get_template("person.html").module


def _shown(value: Any) -> str:
    """A value for people: nothing where there is none, JSON where there is structure."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and value.keys() == {"id"}:
        return str(value["id"])
    if isinstance(value, dict) and value.keys() == {"digest"}:
        return f"digest {value['digest'][:12]}"
    return value if isinstance(value, str) else _encode(value).decode()


async def write_page(chunks: Chunks) -> AsyncIterator[bytes]:
    """A page with a section for each part."""
    page: Any = _page()
    opened = ""
    async for entries in chunks:
        text = ""
        for entry in entries:
            part, value = entry["part"], entry["value"]
            if part == HEAD:
                text += page.begin(value)
                continue
            if part != opened:
                text += page.close(opened) + page.open(part)
                opened = part
            text += page.entry(part, value)
        yield text.encode()
    yield (page.close(opened) + page.end()).encode()


JSON = Form("application/json", write_json, (("Vary", "Accept"), ("Cache-Control", "no-store")))
PAGE = Form(
    "text/html; charset=utf-8",
    write_page,
    (
        *JSON.headers,
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("X-Content-Type-Options", "nosniff"),
    ),
)
