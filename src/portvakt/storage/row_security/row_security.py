"""The one door to the rows: where every SELECT, UPDATE and DELETE on a resource begins.

Each statement is told the table, and gets from here what the caller may touch: the customer, the
rules of the resource's rows, and that the caller's credential still holds. Which other
modules may call `sqlalchemy.select`, and for what, ARCHITECTURE.md lists (a test reads the
sources). The values of the conditions are parameters, those of `Caller.values` among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import Recheck, RowAccess
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import row_rules
from portvakt.storage.row_security.credential_checks import RECHECKS
from portvakt.storage.row_security.row_rules import Selection
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Expression
from portvakt.storage.sql.tables import Tables, of_customer


def select(
    view: View,
    columns: Sequence[Expression],
    rows: sa.FromClause | None = None,
    *,
    together: bool = False,
) -> sa.Select[Any]:
    """`SELECT columns` from the rows that the view's access may touch.

    `rows` stand in their place where they are joined with something else. `together`: many rows
    are read, so that what is in reach is better found all at once.
    """
    conditions = allowed(view.tables, view.resource, view.access, together=together)
    source = view.rows if rows is None else rows
    return sa.select(*columns).select_from(source).where(*conditions)


def allowed(
    tables: Tables, resource: Resource, access: RowAccess, *, together: bool = False
) -> Iterator[Expression]:
    """The conditions on rows of `resource` that an access sets, the re-check among them."""
    yield from of_customer(tables[resource])
    yield from row_rules.conditions(Selection(tables, resource, access, together=together))
    if access.recheck is not Recheck.none:
        yield RECHECKS[access.recheck](tables)


def rows(given: sa.FromClause, names: Iterable[str]) -> sa.Select[Any]:
    """Rows that came in as parameters, for an INSERT: nothing stored is read."""
    return sa.select(*(given.c[name] for name in names))


def given(
    rows: sa.FromClause, view: View, names: Sequence[str], columns: Sequence[Expression]
) -> sa.Select[Any]:
    """The allowed rows that, as seen, agree with one of the given `rows` in columns `names`."""
    wanted = sa.select(*(rows.c[name] for name in names))
    return select(view, columns).where(
        sa.tuple_(*(view.column(name) for name in names)).in_(wanted)
    )
