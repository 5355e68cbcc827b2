"""The rights that a service version may ask for, resource by resource (decision record 17)."""

from __future__ import annotations

READ, CREATE, UPDATE, DELETE = "read", "create", "update", "delete"

ALL_ROWS = "all"
"""The right, beside those of operations, to rows about other integrations than the caller."""

RIGHTS = (READ, CREATE, UPDATE, DELETE, ALL_ROWS)
