"""What was asked of a list, as one frozen value.

`parse` (in `api.query_string`) makes it; `storage.statements` turns it into SQL. Its `shape`
is what the SQL text depends on; its operands are the statement's parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_LIMIT = 10_000
"""The largest page (docs/reference/interface.md#lists)."""


class Filter(NamedTuple):
    """One comparison. `operand` is a clean value, a tuple of them for `in`, a bool for `isnull`."""

    field: str
    operator: str
    negated: bool
    operand: Any


class Order(NamedTuple):
    """One field to sort by."""

    field: str
    descending: bool = False


BY_AGE = (Order("created_at"), Order("id"))
"""How a list is sorted that doesn't say so, and whose resource doesn't either."""


class ListDefaults(NamedTuple):
    """What a list is that doesn't say so.

    - `order`: how it is sorted; an internal field may be in it.
    - `hidden_by`: a boolean field; rows where it is true are left out unless it is filtered by.
    """

    order: tuple[Order, ...] = BY_AGE
    hidden_by: str | None = None


OLDEST_FIRST = ListDefaults()
"""The list of a resource that says nothing of it."""


class Page(NamedTuple):
    """`_page` (from 1) and `_page_size`."""

    number: int
    size: int


class Link(NamedTuple):
    """A place in a log: an event's position, and how the hash of its link in the chain begins."""

    position: int
    hash: str


HASH_KEPT = 16
"""How many digits of a hash a cursor keeps: 64 bits, which no two events share by chance."""


class Keyset(NamedTuple):
    """`_limit` and, from the cursor of `_after`, the sort values of the last item seen.

    `link`: that event's, where the list is a log; None in cursors that were given out before they
    held it.
    """

    limit: int
    after: tuple[Any, ...] | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A list that was asked for.

    `search` holds the folded words. `realestates` and `segments` are ids, or None where the
    parameter was not given. `order` always ends with `id`. `as_of` is the past moment that is asked
    about, as clean text; None: now. `evidence`: items show the additive fields too; `changed`: what
    their rows say of the last write; `fields`: those of all that are shown besides `id`, or None.
    `end`: the last of the lines says that it is.
    """

    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = BY_AGE
    page: Page | None = None
    keyset: Keyset | None = None
    search: tuple[str, ...] = ()
    realestates: tuple[str, ...] | None = None
    segments: tuple[str, ...] | None = None
    as_of: str | None = None
    evidence: bool = False
    changed: bool = False
    fields: frozenset[str] | None = None
    slim: bool = False
    statistics: bool = False
    jsonl: bool = False
    end: bool = False
    count: bool = False

    @property
    def bounded(self) -> bool:
        """Whether the answer is at most one page."""
        return self.page is not None or self.keyset is not None

    @property
    def concerned(self) -> bool:
        """Whether only items that concern some real estates are asked for."""
        return self.realestates is not None or self.segments is not None
