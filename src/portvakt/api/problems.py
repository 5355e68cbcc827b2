"""Problems as answers: `application/problem+json` (RFC 9457; decision record 8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from portvakt.cooperative import clear_in_time_slices, in_time_slices
from portvakt.errors import Cause, Code, Fault, Problem

MEDIA_TYPE = "application/problem+json"


def render_fault(fault: Fault) -> dict[str, Any]:
    """One entry of `errors`."""
    entry: dict[str, Any] = {
        fault.place: fault.where,
        "code": fault.code.value,
        "detail": fault.detail,
    }
    if fault.fields:
        entry["fields"] = list(fault.fields)
    return entry


def render_problem(
    problem: Problem, request_id: str, errors: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """The body of a problem's answer; `errors` are its faults (`render_fault`)."""
    code = problem.code
    return {
        "type": f"urn:portvakt:problem:{code.name}",
        "title": code.title,
        "status": code.status,
        "code": code.name,
        "detail": problem.detail,
        "instance": f"urn:portvakt:request:{request_id}",
        "errors": errors,
    }


class Refusal:
    """The ASGI answer to a refused request; a long one goes out in parts."""

    def __init__(self, parts: list[bytes], status: int, headers: Sequence[tuple[str, str]]) -> None:
        self._parts = parts
        self._status = status
        self._headers = headers

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        *parts, last = self._parts
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % sum(map(len, self._parts))),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in self._headers),
        ]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": last})


async def answer(problem: Problem, request_id: str) -> Refusal:
    """The answer to a refused request. A bulk write may have tens of thousands of faults."""
    whole = msgspec.json.encode(render_problem(problem, request_id))
    parts = [whole]
    if problem.faults:
        parts = [whole.removesuffix(b"]}")]
        async for some in in_time_slices(problem.faults):
            between = b"," if parts[1:] else b""
            parts.append(between + msgspec.json.encode([*map(render_fault, some)])[1:-1])
        parts[0:2] = [b"".join(parts[0:2])]
        parts[-1] += b"]}"
        told, problem.faults = [*problem.faults], ()
        await clear_in_time_slices(told)
    return Refusal(parts, problem.code.status, problem.headers)


RETRY_AFTER = ("Retry-After", "5")
"""Goes with every 503."""


def unavailable(cause: Cause) -> Problem:
    """The database can't serve right now. Its own words are for the log alone."""
    then = "Try again shortly." if cause.passes else "Whoever runs this server has to mend that."
    return Problem(Code.unavailable, f"{cause.sentence} {then}", headers=[RETRY_AFTER])


def internal_error() -> Problem:
    """A mistake of ours; what it was stands in the log, under the request's id."""
    return Problem(Code.internal_error, "The mistake is ours. Tell us the request id.")
