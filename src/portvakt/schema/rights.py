"""The rights that a service version may ask for, resource by resource (decision record 17).

And the fields that no such right opens, as they decide what integrations see (decision record 37).
"""

from __future__ import annotations

from enum import Enum

READ, CREATE, UPDATE, DELETE = "read", "create", "update", "delete"

ALL_ROWS = "all"
"""The right, beside those of operations, to rows about other integrations than the caller."""

RIGHTS = (READ, CREATE, UPDATE, DELETE, ALL_ROWS)


class Guard(Enum):
    """Who can change a guarded field. The value is the sentence that documents and faults say."""

    people = "Only administrators and operators can change this"
    answering = (
        "Only administrators, operators and integrations that may create answers about all "
        "integrations can change this"
    )
