"""The table of each resource, made from its declaration.

Besides the declared fields a row has `customer_id` (unless the resource is the platform's),
`updated_at`, `revision` and, for each text field, `<field>_folded`: the case-folded text that
case-insensitive filters and search compare with, alike on both databases (decision record 3).
A text of a unique key that may be longer than an index entry has `<field>_digest` for the key.

A resource with `versions` has a second table, to which rows are only added: each version of each
item, and a last one with `deleted` when the item is deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from copy import copy
from functools import lru_cache
from typing import cast

import sqlalchemy as sa

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.known import CUSTOMERS
from portvakt.schema.operators import Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.storage.sql.checks import field_checks, rule_condition
from portvakt.storage.sql.decision_table import add_decision_tables, past_name
from portvakt.storage.sql.dialects import TYPES
from portvakt.storage.sql.idempotency_table import add_key_table
from portvakt.storage.sql.ledger_tables import EVENT, add_ledger_tables
from portvakt.storage.sql.long_texts import DIGEST, digested, key_columns, prefix, prefixed
from portvakt.storage.sql.table_dialects import STRICT, form_checks, partial_index

CUSTOMER = "customer_id"
FOLDED = "_folded"
DELETED = "deleted"
_LONGEST_NAME = 63  # PostgreSQL cuts identifiers off past this many bytes


def of_customer(rows: sa.FromClause) -> Iterator[sa.ColumnElement[bool]]:
    """That the rows are the caller's customer's, whom a parameter names; the platform's are all.

    Every table that a statement looks into says so itself, not by way of another: a database that
    keeps customers apart then knows where all of its rows are before it runs (record 44).
    """
    if CUSTOMER in rows.c:
        yield rows.c[CUSTOMER] == sa.bindparam("caller_customer", type_=TYPES[Kind.uuid])


def table_name(resource: Resource) -> str:
    """The name of the resource's table."""
    return table_named(resource.name)


def table_named(name: str) -> str:
    """The name of the table of the resource `app.model`."""
    return name.replace(".", "_")


def constraint_name(kind: str, resource: Resource, *parts: str) -> str:
    """A constraint's or index's name: stable, readable, and short enough for PostgreSQL."""
    name = "_".join((kind, resource.model, *parts))
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}_{digest}"


def link_columns(resource: Resource) -> dict[str, Kind]:
    """The columns of each table that links items of the resource with many others."""
    columns = {} if resource.platform else {CUSTOMER: Kind.uuid}
    return columns | {"item": Kind.uuid, "target": Kind.uuid}


def columns_of(resource: Resource) -> dict[str, Kind]:
    """The stored columns in order, by name, each with its kind."""
    columns = {} if resource.platform else {CUSTOMER: Kind.uuid}
    for field in resource.fields:
        if field.kind is not Kind.references:
            columns[field.name] = field.kind
    columns |= {field.name + FOLDED: Kind.text for field in resource.texts}
    columns |= {name + DIGEST: Kind.uuid for name in digested(resource)}
    return columns | {"updated_at": Kind.time, "revision": Kind.integer}


def version_columns(resource: Resource) -> dict[str, Kind]:
    """The columns of the table of versions: those of the item's row, and `deleted`."""
    return columns_of(resource) | {DELETED: Kind.boolean}


class Tables:
    """The tables of all resources of a registry, by the resource's name.

    `metadata` describes them wholly, as they are made. The others are for statements, and name
    columns with their types alone: SQLAlchemy makes aliases of such in a third of the time.
    `versions` holds the tables of versions; `links` those of many references. `replaced` names the
    resources with other rows in place of their table's. `trigrams` names the indexes of trigrams
    that the database has (`storage.statements.trigrams`), known once it is open.
    """

    def __init__(self, registry: Registry, trigrams: Set[str] = frozenset()) -> None:
        self.registry = registry
        self.trigrams = trigrams
        self.metadata = sa.MetaData()
        self.replaced: Set[str] = frozenset()
        self.by_resource: dict[str, sa.TableClause] = {
            name: _lean(_table(self.metadata, registry, resource))
            for name, resource in registry.resources.items()
        }
        self.versions: dict[str, sa.TableClause] = {
            name: _lean(_version_table(self.metadata, resource))
            for name, resource in registry.resources.items()
            if resource.versions
        }
        self.links: dict[tuple[str, str], sa.TableClause] = {
            (name, field.name): _lean(_link_table(self.metadata, registry, resource, field))
            for name, resource in registry.resources.items()
            for field in resource.links
        }
        self.trees: dict[str, sa.CTE] = {}  # those of `storage.row_security.reach`, by level
        deciding = registry.answers
        if deciding is not None and deciding.answers is not None:
            add_decision_tables(self.metadata, deciding.answers.table, table_name(deciding))
        add_ledger_tables(self.metadata)
        add_key_table(self.metadata)
        self._by_name = {name: _lean(table) for name, table in self.metadata.tables.items()}

    @property
    def decisions(self) -> sa.TableClause:
        """The table of the answers that decide, which one resource declares."""
        deciding = self.registry.answers
        if deciding is None or deciding.answers is None:
            raise TypeError("No resource declares that its items are answers that decide.")
        return self._by_name[deciding.answers.table]

    @property
    def past_decisions(self) -> sa.TableClause:
        """The table of all their changes."""
        return self._by_name[past_name(self.decisions.name)]

    @property
    def append_only(self) -> tuple[str, ...]:
        """The names of the tables whose rows are only ever added."""
        logs = (one for one in self.registry.resources.values() if one.append_only)
        decisions = () if self.registry.answers is None else (self.past_decisions.name,)
        return (EVENT, *map(table_name, logs), *decisions)

    def __getitem__(self, resource: Resource) -> sa.TableClause:
        return self.by_resource[resource.name]

    def declared(self, table: sa.TableClause) -> sa.Table:
        """A table with its keys and constraints."""
        return self.metadata.tables[table.name]

    def on(self, trigrams: Set[str]) -> Tables:
        """These tables in a database that has these indexes of trigrams."""
        changed = copy(self)
        changed.trigrams = trigrams
        return changed

    def with_rows(self, resource: Resource, rows: sa.FromClause) -> Tables:
        """These tables with other rows, of the same columns, in place of one resource's."""
        changed = copy(self)
        changed.by_resource = {**self.by_resource, resource.name: cast("sa.TableClause", rows)}
        changed.replaced = self.replaced | {resource.name}
        return changed


@lru_cache(8)
def tables_of(registry: Registry) -> Tables:
    """The registry's tables, described once a process, as that takes some 50 ms."""
    return Tables(registry)


def _lean(table: sa.Table) -> sa.TableClause:
    return sa.table(table.name, *(sa.column(column.name, column.type) for column in table.c))


def _table(metadata: sa.MetaData, registry: Registry, resource: Resource) -> sa.Table:
    nullable = {field.name for field in resource.fields if field.nullable}
    columns = [
        sa.Column(name, TYPES[kind], nullable=declared(name) in nullable)
        for name, kind in columns_of(resource).items()
    ]
    return sa.Table(
        table_name(resource),
        metadata,
        *columns,
        sa.PrimaryKeyConstraint(*_keyed(resource, "id"), name=constraint_name("pk", resource)),
        *_unique_constraints(resource),
        *_foreign_keys(registry, resource),
        *_checks(resource),
        *_indexes(resource),
        **STRICT,
    )


def _version_table(metadata: sa.MetaData, resource: Resource) -> sa.Table:
    """All versions of the resource's items; they outlive the items and what those refer to."""
    own = table_name(resource)
    current = metadata.tables[own].columns
    columns = [
        sa.Column(name, TYPES[kind], nullable=name != DELETED and current[name].nullable)
        for name, kind in version_columns(resource).items()
    ]
    return sa.Table(
        f"{own}_past",
        metadata,
        *columns,
        sa.PrimaryKeyConstraint(
            *_keyed(resource, "id", "revision"), name=constraint_name("pk", resource, "version")
        ),
        **STRICT,
    )


def declared(column: str) -> str:
    """The field that a stored column belongs to."""
    return column.removesuffix(FOLDED).removesuffix(DIGEST)


def _link_table(
    metadata: sa.MetaData, registry: Registry, resource: Resource, field: fields.References
) -> sa.Table:
    """Pairs of an item and one of those that its field refers to; gone with the item."""
    target = registry.target(field)
    columns = link_columns(resource)
    own = table_name(resource)
    others = _keyed(target, "id")
    return sa.Table(
        f"{own}_{field.name}",
        metadata,
        *(sa.Column(name, TYPES[kind], nullable=False) for name, kind in columns.items()),
        sa.PrimaryKeyConstraint(*columns, name=constraint_name("pk", resource, field.name)),
        sa.ForeignKeyConstraint(
            _keyed(resource, "item"),
            [f"{own}.{name}" for name in _keyed(resource, "id")],
            name=constraint_name("fk", resource, field.name, "item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [*others[:-1], "target"],
            [f"{table_name(target)}.{name}" for name in others],
            name=constraint_name("fk", resource, field.name, "target"),
        ),
        sa.Index(
            constraint_name("ix", resource, field.name, "target"),
            *_keyed(resource, "target", "item"),
        ),
        **STRICT,
    )


def _keyed(resource: Resource, *names: str) -> tuple[str, ...]:
    return names if resource.platform else (CUSTOMER, *names)


def unique_names(resource: Resource) -> dict[str, tuple[str, ...]]:
    """The unique keys' fields, by the name of their constraint."""
    return {_unique_name(resource, unique): unique.fields for unique in resource.unique}


def _unique_name(resource: Resource, unique: Unique) -> str:
    return constraint_name("uq", resource, *unique.fields)


def _unique_constraints(resource: Resource) -> Iterator[sa.UniqueConstraint | sa.Index]:
    for unique in resource.unique:
        name = _unique_name(resource, unique)
        columns = _keyed(resource, *key_columns(resource, unique.fields))
        if unique.without is None:
            yield sa.UniqueConstraint(*columns, name=name)
        else:
            where = sa.column(unique.without).is_(None)
            yield sa.Index(name, *columns, unique=True, **partial_index(where))


def _foreign_keys(registry: Registry, resource: Resource) -> Iterator[sa.ForeignKeyConstraint]:
    if resource.append_only:
        return
    if not resource.platform:
        yield sa.ForeignKeyConstraint(
            [CUSTOMER],
            [f"{table_named(CUSTOMERS)}.id"],
            name=constraint_name("fk", resource, CUSTOMER),
        )
    for reference in resource.references:
        target = registry.target(reference)
        own = (reference.name,) if target.platform else (CUSTOMER, reference.name)
        others = [f"{table_name(target)}.{name}" for name in _keyed(target, "id")]
        yield sa.ForeignKeyConstraint(
            own, others, name=constraint_name("fk", resource, reference.name)
        )


def _indexes(resource: Resource) -> Iterator[sa.Index]:
    """Lists by age, by each reference, by `custom_id`, by others' ids, and by what ids are of."""
    if resource.platform:
        return
    yield _index(resource, "created_at", "id")
    order = tuple(order.field for order in resource.listing.order)
    for reference in resource.references:
        yield _index(resource, reference.name, *order, partial=reference.nullable)
    custom_id = fields.CUSTOM_ID.name
    if custom_id in resource.by_name:
        yield _index(resource, custom_id, partial=True)
        yield _index(resource, custom_id + FOLDED, partial=True)
    if resource.mapping and resource.of_application:
        external = key_columns(resource, (resource.mapping.external,))
        content_type = resource.mapping.reference.content_type
        yield _index(resource, resource.of_application.field, content_type, *external)
        yield _index(resource, resource.mapping.reference.object_id)
    for name in sorted(prefixed(resource)):
        start = prefix(sa.column(name + FOLDED, TYPES[Kind.text]))
        yield sa.Index(constraint_name("ix", resource, name, "head"), *_keyed(resource), start)


def _index(resource: Resource, *names: str, partial: bool = False) -> sa.Index:
    where = sa.column(names[0]).is_not(None) if partial else None
    return sa.Index(
        constraint_name("ix", resource, *names),
        *_keyed(resource, *names),
        **partial_index(where),
    )


def _checks(resource: Resource) -> Iterator[sa.CheckConstraint]:
    for field in resource.fields:
        yield from _field_checks(resource, field)
    for rule in resource.rules:
        condition = rule_condition(rule)
        name = constraint_name("ck", resource, type(rule).__name__.lower(), *rule.fields)
        yield sa.CheckConstraint(condition, name=name)


def _field_checks(resource: Resource, field: fields.Field) -> Iterator[sa.CheckConstraint]:
    def name(what: str) -> str:
        return constraint_name("ck", resource, field.name, what)

    yield from form_checks(field.kind, field.name, name)
    for what, condition in field_checks(field):
        yield sa.CheckConstraint(condition, name=name(what))
