"""Problems as answers: `application/problem+json` (RFC 9457; contract, section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from portvakt.errors import Cause, Code, Fault, Problem
from portvakt.turns import map_in_turns

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


async def answer(problem: Problem, request_id: str) -> Response:
    """The answer to a refused request. A bulk write may have tens of thousands of faults."""
    errors = await map_in_turns(render_fault, problem.faults)
    return Response(
        msgspec.json.encode(render_problem(problem, request_id, errors)),
        status_code=problem.code.status,
        headers=dict(problem.headers),
        media_type=MEDIA_TYPE,
    )


RETRY_AFTER = ("Retry-After", "5")
"""Goes with every 503."""


def unavailable(cause: Cause) -> Problem:
    """The database can't serve right now. Its own words are for the log alone."""
    then = "Try again shortly." if cause.passes else "Whoever runs this server has to mend that."
    return Problem(Code.unavailable, f"{cause.sentence} {then}", headers=[RETRY_AFTER])


def internal_error() -> Problem:
    """A mistake of ours; what it was stands in the log, under the request's id."""
    return Problem(Code.internal_error, "The mistake is ours. Tell us the request id.")
