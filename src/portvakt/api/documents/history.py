"""The history of an item in an OpenAPI document. Pure."""

from __future__ import annotations

from typing import Any

from portvakt.api.documents.parameters import PK
from portvakt.api.documents.responses import NOT_MODIFIED, PROBLEMS, answer, problem_responses
from portvakt.api.documents.schemas import Schema, array_of, closed, ref
from portvakt.schema.caller_kinds import CALLER_KINDS
from portvakt.schema.operations import Operation

TAIL = "{pk}/history/"
TITLE = "History"
SUCCESS = "The revisions, the newest last"


def request() -> dict[str, Any]:
    """Parameters and answers of the path."""
    success = {"description": SUCCESS, **answer(array_of(ref("Revision")))}
    return {
        "description": (
            "What happened to the item, by whom and when. Personal values are told as digests, "
            "and to integrations not at all. Administrators and operators see the history of "
            "deleted items too."
        ),
        "parameters": [PK],
        "responses": {"200": success, **NOT_MODIFIED, **problem_responses(PROBLEMS[Operation.get])},
    }


def _by() -> Schema:
    names = [kind.name for kind in CALLER_KINDS.values() if kind.complete]
    found: dict[str, Schema] = {"caller": {"type": "string", "enum": names}}
    for name in ("holder", "activation", "service_version", "credential"):
        found[name] = {"type": ["string", "null"], "format": "uuid"}
    needed = ["caller", "activation"]
    return closed(found, needed, "Who did it; integrations are told less.")


def schemas() -> dict[str, Schema]:
    """The component schema of a revision."""
    either = closed({"before": {}, "after": {}}, ["before", "after"], "A field's two values.")
    properties: dict[str, Schema] = {
        "revision": {"type": "integer", "minimum": 1},
        "operation": {"type": "string", "enum": ["created", "updated", "deleted", "erased"]},
        "at": {"type": "string", "format": "date-time"},
        "through": {"type": "string", "enum": ["api", "console", "cli", "import"]},
        "by": _by(),
        "changed": {
            "type": "object",
            "description": "What changed, by field.",
            "additionalProperties": either,
        },
    }
    return {"Revision": closed(properties, properties, "One write of an item.")}
