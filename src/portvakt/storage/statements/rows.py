"""Statements that read the rows of a resource: what callers are shown, and what writes look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import RowAccess
from portvakt.schema.operators import Kind
from portvakt.schema.paths import WIDE
from portvakt.schema.query import Query
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import past_rows, reach, row_security
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.long_texts import key_columns, key_values
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import Tables, columns_of
from portvakt.storage.statements import conditions, filters, ordering, statistics
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.columns import STATE, field_names, item_names, shown, stored_names
from portvakt.storage.statements.statement import Statement

Row = Sequence[Any]
Measures = Callable[[View], Sequence[Expression]]


@dataclass(frozen=True, slots=True)
class RowStatements:
    """What reads rows, whether to show them or before they are written."""

    tables: Tables
    dialect: Dialect
    once: Once

    # -- shown to callers -----------------------------------------------------------------

    def get(
        self,
        resource: Resource,
        access: RowAccess,
        *,
        as_of: bool = False,
        evidence: bool = False,
        changed: bool = False,
        fields: frozenset[str] | None = None,
    ) -> Statement:
        """One item by `id`: the fields of `item_names`; with `as_of` as it was at that moment.

        After them `STATE`, and whether the caller sees personal fields.
        """

        def build() -> sa.Select[Any]:
            view = self._view(resource, access, as_of=as_of)
            names = item_names(resource, access, evidence=evidence, changed=changed, fields=fields)
            columns = [view.shown(name) for name in names]
            state = [view.stored(name).label(f"state_{name}") for name in STATE]
            return row_security.select(view, [*columns, *state, view.seen]).where(
                view.table.c.id == parameter("id", Kind.uuid)
            )

        shape = ("rows.get", resource.name, access, as_of, evidence, changed, fields)
        return self.once(shape, build)

    def revised(self, resource: Resource, access: RowAccess) -> Statement:
        """The items in the list `ids`, as the access sees them, each with its state.

        Columns: `field_names`, then as those of `get`.
        """

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            state = [view.stored(name).label(f"state_{name}") for name in STATE]
            columns = [*map(view.shown, field_names(resource)), *state, view.seen]
            pk = view.table.c.id
            return row_security.select(view, columns).where(
                self.dialect.one_of(pk, Kind.uuid, "ids")
            )

        return self.once(("rows.revised", resource.name, access), build)

    def listing(self, resource: Resource, query: Query, access: RowAccess) -> Statement:
        """The items of a query, in order: the resource's fields, or `id` alone if slim."""
        return self.once(
            ("rows.listing", resource.name, access, conditions.shape(query)),
            lambda: self._listing(resource, query, access),
        )

    def _listing(self, resource: Resource, query: Query, access: RowAccess) -> sa.Select[Any]:
        view = self._view(resource, access, as_of=query.as_of is not None)
        few = query.bounded and access.level in WIDE  # soon found by looking at one after the other
        together = not few and reach.is_together(resource, query)
        select = self._select(view, shown(resource, query, access), together=together)
        select = select.where(*conditions.of_query(view, query))
        select = select.order_by(*ordering.order_by(view, query))
        return self.dialect.first(select, ordering.enough(query)) if query.bounded else select

    def count(self, resource: Resource, query: Query, access: RowAccess) -> Statement:
        """How many items the query's filters leave: one number."""
        return self.once(
            ("rows.count", resource.name, access, filters.filter_shape(query)),
            lambda: self._over_all(resource, query, access, lambda _: [sa.func.count()]),
        )

    def statistics(self, resource: Resource, query: Query, access: RowAccess) -> Statement:
        """One row: the count, then for each field the numbers that `statistics.MEASURES` names."""
        return self.once(
            ("rows.statistics", resource.name, access, filters.filter_shape(query)),
            lambda: self._over_all(resource, query, access, statistics.measures),
        )

    def _over_all(
        self, resource: Resource, query: Query, access: RowAccess, measures: Measures
    ) -> sa.Select[Any]:
        view = self._view(resource, access, as_of=query.as_of is not None)
        measured = row_security.select(
            view, measures(view), together=reach.is_together(resource, query)
        )
        return measured.where(*filters.of_filters(view, query))

    def _select(
        self, view: View, names: Iterable[str], *, together: bool = False
    ) -> sa.Select[Any]:
        return row_security.select(view, [view.shown(name) for name in names], together=together)

    def _view(self, resource: Resource, access: RowAccess, *, as_of: bool = False) -> View:
        tables = past_rows.as_of(self.tables, resource) if as_of else self.tables
        return View(tables, self.dialect, resource, access)

    # -- before writing -------------------------------------------------------------------

    def select_for_update(self, resource: Resource, access: RowAccess) -> Statement:
        """The stored columns of the items in the list `ids`, locked, in the order of their ids.

        Personal ones too, whoever asks; after them whether the caller sees those.
        """

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            columns = [view.stored(name) for name in stored_names(resource)]
            pk = view.table.c.id
            found = row_security.select(view, [*columns, view.seen])
            found = found.where(self.dialect.one_of(pk, Kind.uuid, "ids"))
            return found.order_by(pk).with_for_update(of=view.table)

        return self.once(("rows.select_for_update", resource.name, access), build)

    def visible_ids(self, resource: Resource, access: RowAccess) -> Statement:
        """Which of the list `ids` the caller reaches, and whether it sees their personal fields."""

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            pk = view.table.c.id
            return row_security.select(view, [pk, view.seen]).where(
                self.dialect.one_of(pk, Kind.uuid, "ids")
            )

        return self.once(("rows.visible_ids", resource.name, access), build)

    def existing(self, resource: Resource, access: RowAccess) -> Statement:
        """Which of the list `ids` are items of the resource that the caller may touch."""
        table = self.tables[resource]
        return self.once(
            ("rows.existing", resource.name, access),
            lambda: self._select(self._view(resource, access), ("id",)).where(
                self.dialect.one_of(table.c.id, Kind.uuid, "ids")
            ),
        )

    def ancestors(self, resource: Resource, name: str) -> Statement:
        """Of the items in the list `ids`, and what their field `name` leads up to: id, parent."""
        return self.once(
            ("rows.ancestors", resource.name, name),
            lambda: reach.ancestors(self.tables, self.dialect, resource, name),
        )

    def select_by_key(
        self, resource: Resource, names: Sequence[str], access: RowAccess
    ) -> Statement:
        """The items that agree with one of the given rows in the fields `names`.

        The rows are bound by `given_values`. Columns: `field_names`; in no order, because SQLite
        would rather walk all rows in that order than look each key up.
        """
        columns = key_columns(resource, tuple(names))
        kinds = {name: columns_of(resource)[name] for name in columns}

        def build() -> sa.Select[Any]:
            rows = self.dialect.table_of(kinds, "given_")
            view = self._view(resource, access)
            return row_security.given(
                rows, view, columns, [*map(view.shown, field_names(resource))]
            )

        return self.once(("rows.select_by_key", resource.name, columns, access), build)

    def given_values(
        self, resource: Resource, names: Sequence[str], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """The parameters of `select_by_key` for rows of clean values of these fields."""
        columns = key_columns(resource, tuple(names))
        kinds = {name: columns_of(resource)[name] for name in columns}
        stored = [key_values(resource, tuple(names), row) for row in rows]
        return self.dialect.bind_table(kinds, "given_", stored)
