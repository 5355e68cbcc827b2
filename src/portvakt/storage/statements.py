"""Statements: SQL text made once per shape, run with each request's values.

What was asked has a shape (which filters with which operators, which order, ...) and values. The
shape decides the text, which SQLAlchemy compiles once and `Statements` keeps; the values are
bound anew each time. Rows come in and go out as clean values (`schema.values`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.schema.query import Query
from portvakt.schema.reach import WIDE
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.scope import UNBOUNDED, Access, Proof
from portvakt.storage import conditions, door, reach, trigrams
from portvakt.storage.columns import STATE, field_names, item_names, shown, stored_names
from portvakt.storage.dialects import TYPES, Convert, Dialect, Expression
from portvakt.storage.long_texts import key_columns, key_values
from portvakt.storage.tables import (
    CUSTOMER,
    Tables,
    columns_of,
    link_columns,
    of_customer,
)
from portvakt.storage.view import View

_KEPT = 2048
"""How many shapes are kept. Callers choose shapes, so that there must be an end."""

Row = Sequence[Any]
Measures = Callable[[View], Sequence[Expression]]
_Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """Compiled SQL text and what its placeholders stand for, in order.

    Each parameter is (name, conversion or None, the value that the text itself brings).
    """

    text: str
    parameters: tuple[tuple[str, Convert | None, Any], ...]
    _picked: _Pick | None = field(init=False, compare=False, repr=False)
    _converts: tuple[tuple[int, Convert], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        names = [name for name, _, own in self.parameters if own is None]
        whole = len(names) == len(self.parameters) > 1
        converts = tuple((place, one[1]) for place, one in enumerate(self.parameters) if one[1])
        object.__setattr__(self, "_picked", itemgetter(*names) if whole else None)
        object.__setattr__(self, "_converts", converts)

    def values(self, named: Mapping[str, Any]) -> list[Any]:
        """The driver's values for clean values by name."""
        try:
            bound = list(self._picked(named)) if self._picked else None
        except KeyError:  # what is left out is null
            bound = None
        if bound is None:
            bound = [named.get(name, own) for name, _, own in self.parameters]
        for place, convert in self._converts:
            if bound[place] is not None:
                bound[place] = convert(bound[place])
        return bound


class Statements:
    """All statements on the resources of a registry, for one database's dialect."""

    def __init__(self, registry: Registry, tables: Tables, dialect: Dialect) -> None:
        self.registry = registry
        self.tables = tables
        self.dialect = dialect
        self._kept: dict[Hashable, Statement] = {}
        self._binds = {id(TYPES[kind]): convert for kind, convert in dialect.bind.items()}

    def _once(self, shape: Hashable, build: Callable[[], sa.Executable]) -> Statement:
        """The statement of this shape, built and compiled when first asked for."""
        statement = self._kept.get(shape)
        if statement is None:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            statement = self._kept[shape] = self._compile(build())
        return statement

    def _compile(self, built: sa.Executable) -> Statement:
        compiled = built.compile(dialect=self.dialect.core)  # type: ignore[attr-defined]
        parameters = tuple(
            (
                name,
                self._binds.get(id(compiled.binds[name].type)),
                compiled.binds[name].effective_value,
            )
            for name in compiled.positiontup or ()
        )
        text = trigrams.marked(str(compiled), compiled.binds)
        return Statement(text, parameters)

    # -- reading --------------------------------------------------------------------------

    def get(
        self,
        resource: Resource,
        access: Access,
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
            return door.select(view, [*columns, *state, view.seen]).where(
                view.table.c.id == door.parameter("id", Kind.uuid)
            )

        shape = ("get", resource.name, access, as_of, evidence, changed, fields)
        return self._once(shape, build)

    def listing(self, resource: Resource, query: Query, access: Access) -> Statement:
        """The items of a query, in order: the resource's fields, or `id` alone if slim."""
        return self._once(
            ("list", resource.name, access, conditions.shape(query)),
            lambda: self._listing(resource, query, access),
        )

    def _listing(self, resource: Resource, query: Query, access: Access) -> sa.Select[Any]:
        view = self._view(resource, access, as_of=query.as_of is not None)
        few = query.bounded and access.level in WIDE  # soon found by looking at one after the other
        together = not few and reach.is_together(resource, query)
        select = self._select(view, shown(resource, query, access), together=together)
        select = select.where(*conditions.of_query(view, query))
        select = select.order_by(*conditions.ordering(view, query))
        return self.dialect.first(select, conditions.enough(query)) if query.bounded else select

    def count(self, resource: Resource, query: Query, access: Access) -> Statement:
        """How many items the query's filters leave: one number."""
        return self._once(
            ("count", resource.name, access, conditions.filter_shape(query)),
            lambda: self._over_all(resource, query, access, lambda _: [sa.func.count()]),
        )

    def statistics(self, resource: Resource, query: Query, access: Access) -> Statement:
        """One row: the count, then for each field the numbers that `conditions.MEASURES` names."""
        return self._once(
            ("statistics", resource.name, access, conditions.filter_shape(query)),
            lambda: self._over_all(resource, query, access, conditions.measures),
        )

    def _over_all(
        self, resource: Resource, query: Query, access: Access, measures: Measures
    ) -> sa.Select[Any]:
        view = self._view(resource, access, as_of=query.as_of is not None)
        measured = door.select(view, measures(view), together=reach.is_together(resource, query))
        return measured.where(*conditions.of_filters(view, query))

    def still_proven(self, proof: Proof) -> Statement:
        """One row if the scope's proof still holds."""
        return self._once(("still_proven", proof), lambda: door.still_proven(self.tables, proof))

    def claims(self) -> Statement:
        """The live credentials of the activation that six claims name (see `door.claims`)."""
        return self._once("claims", lambda: door.claims(self.tables))

    def tokens(self) -> Statement:
        """The usable token that has one of some digests (see `door.tokens`)."""
        return self._once("tokens", lambda: door.tokens(self.tables, self.dialect))

    def _select(
        self, view: View, names: Iterable[str], *, together: bool = False
    ) -> sa.Select[Any]:
        return door.select(view, [view.shown(name) for name in names], together=together)

    def _view(self, resource: Resource, access: Access, *, as_of: bool = False) -> View:
        tables = door.as_of(self.tables, resource) if as_of else self.tables
        return View(tables, self.dialect, resource, access)

    # -- before writing -------------------------------------------------------------------

    def stored(self, resource: Resource, access: Access) -> Statement:
        """The stored columns of the items in the list `ids`, locked, in the order of their ids.

        Personal ones too, whoever asks; after them whether the caller sees those.
        """

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            columns = [view.stored(name) for name in stored_names(resource)]
            pk = view.table.c.id
            found = door.select(view, [*columns, view.seen])
            found = found.where(self.dialect.one_of(pk, Kind.uuid, "ids"))
            return found.order_by(pk).with_for_update(of=view.table)

        return self._once(("stored", resource.name, access), build)

    def seen(self, resource: Resource, access: Access) -> Statement:
        """Which of the list `ids` the caller reaches, and whether it sees their personal fields."""

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            pk = view.table.c.id
            return door.select(view, [pk, view.seen]).where(
                self.dialect.one_of(pk, Kind.uuid, "ids")
            )

        return self._once(("seen", resource.name, access), build)

    def lock_customer(self) -> Statement:
        """The scope's customer, locked until the end; who inserts rows that refer to it goes on."""
        return self._once(
            "lock_customer", lambda: door.customer(self.tables).with_for_update(key_share=True)
        )

    def existing(self, resource: Resource, access: Access) -> Statement:
        """Which of the list `ids` are items of the resource that the scope may touch."""
        table = self.tables[resource]
        return self._once(
            ("existing", resource.name, access),
            lambda: self._select(self._view(resource, access), ("id",)).where(
                self.dialect.one_of(table.c.id, Kind.uuid, "ids")
            ),
        )

    def matching(self, resource: Resource, names: Sequence[str], access: Access) -> Statement:
        """The items that agree with one of the given rows in the fields `names`.

        The rows are bound by `given_values`. Columns: `field_names`; in no order, because SQLite
        would rather walk all rows in that order than look each key up.
        """
        columns = key_columns(resource, tuple(names))
        kinds = {name: columns_of(resource)[name] for name in columns}

        def build() -> sa.Select[Any]:
            rows = self.dialect.table_of(kinds, "given_")
            view = self._view(resource, access)
            return door.given(rows, view, columns, [*map(view.shown, field_names(resource))])

        return self._once(("matching", resource.name, columns, access), build)

    def given_values(
        self, resource: Resource, names: Sequence[str], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """The parameters of `matching` for rows of clean values of these fields."""
        columns = key_columns(resource, tuple(names))
        kinds = {name: columns_of(resource)[name] for name in columns}
        stored = [key_values(resource, tuple(names), row) for row in rows]
        return self.dialect.bind_table(kinds, "given_", stored)

    # -- writing --------------------------------------------------------------------------

    def insert(self, resource: Resource) -> Statement:
        """One new row, its columns by name."""
        table = self.tables[resource]
        return self._once(
            ("insert", resource.name),
            lambda: sa.insert(table).values(
                {name: door.parameter(name, kind) for name, kind in columns_of(resource).items()}
            ),
        )

    def insert_many(self, resource: Resource) -> Statement:
        """Many new rows at once, bound by `many_values`."""
        kinds = columns_of(resource)

        def build() -> sa.Insert:
            rows = self.dialect.table_of(kinds, "many_")
            return sa.insert(self.tables[resource]).from_select(list(kinds), door.rows(rows, kinds))

        return self._once(("insert_many", resource.name), build)

    def update(self, resource: Resource, access: Access) -> Statement:
        """An UPDATE of all columns of one row that the scope may touch, by name; the key stays."""
        table = self.tables[resource]
        return self._once(
            ("update", resource.name, access),
            lambda: (
                sa.update(table)
                .where(*door.allowed(self.tables, resource, access))
                .where(table.c.id == door.parameter("id", Kind.uuid))
                .values(
                    {
                        name: door.parameter(f"new_{name}", kind)
                        for name, kind in self._changed(resource)
                    }
                )
            ),
        )

    def update_many(self, resource: Resource, access: Access) -> Statement:
        """An UPDATE of all columns of many rows the scope may touch, bound by `many_values`."""
        table = self.tables[resource]
        kinds = columns_of(resource)

        def build() -> sa.Update:
            rows = self.dialect.table_of(kinds, "many_")
            return (
                sa.update(table)
                .where(*door.allowed(self.tables, resource, access))
                .where(table.c.id == rows.c.id)
                .values({name: rows.c[name] for name, _ in self._changed(resource)})
            )

        return self._once(("update_many", resource.name, access), build)

    def _changed(self, resource: Resource) -> list[tuple[str, Kind]]:
        fixed = (CUSTOMER, "id", "created_at")
        return [(name, kind) for name, kind in columns_of(resource).items() if name not in fixed]

    def many_values(self, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters of `insert_many` and `update_many` for rows of clean values by name."""
        kinds = columns_of(resource)
        return self.dialect.bind_table(
            kinds, "many_", [[row[name] for name in kinds] for row in rows]
        )

    def insert_links(self, resource: Resource, field: str) -> Statement:
        """One link of a field with many references, its columns by name."""
        link = self.tables.links[resource.name, field]
        return self._once(
            ("insert_links", resource.name, field),
            lambda: sa.insert(link).values(
                {name: door.parameter(name, kind) for name, kind in link_columns(resource).items()}
            ),
        )

    def delete_links(self, resource: Resource, field: str) -> Statement:
        """All links of that field of the items in the list `ids`."""
        link = self.tables.links[resource.name, field]
        return self._once(
            ("delete_links", resource.name, field),
            lambda: sa.delete(link).where(
                *of_customer(link),
                self.dialect.one_of(link.c.item, Kind.uuid, "ids"),
            ),
        )

    def delete(self, resource: Resource, access: Access) -> Statement:
        """The item `id`, if the scope may touch it."""
        table = self.tables[resource]
        return self._once(
            ("delete", resource.name, access),
            lambda: (
                sa.delete(table)
                .where(*door.allowed(self.tables, resource, access))
                .where(table.c.id == door.parameter("id", Kind.uuid))
            ),
        )

    def delete_before(self, resource: Resource, name: str) -> Statement:
        """All items of a resource of the platform whose time `name` lies before `before`."""
        table = self.tables[resource]
        return self._once(
            ("delete_before", resource.name, name),
            lambda: (
                sa.delete(table)
                .where(*door.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c[name] < door.parameter("before", Kind.time))
            ),
        )

    def touch(self, resource: Resource, name: str) -> Statement:
        """Set one time of the item `id` to `now` without a new revision (a last use).

        Only where none since `before` is written already, perhaps by another process.
        """
        table = self.tables[resource]
        return self._once(
            ("touch", resource.name, name),
            lambda: (
                sa.update(table)
                .where(*door.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c.id == door.parameter("id", Kind.uuid))
                .where(
                    sa.or_(
                        table.c[name].is_(None),
                        table.c[name] <= door.parameter("before", Kind.time),
                    )
                )
                .values({name: door.parameter("now", Kind.time)})
            ),
        )
