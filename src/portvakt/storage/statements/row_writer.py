"""Writes the rows of a resource, one or many, with their versions and the links between items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portvakt.schema.caller import Caller
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.tables import DELETED
from portvakt.storage.statements.statement import execute_each
from portvakt.storage.statements.versions import VersionStatements
from portvakt.storage.statements.writes import WriteStatements

NamedValues = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Inserts and updates rows in one database."""

    dialect: Dialect
    writes: WriteStatements
    versions: VersionStatements

    async def insert(
        self, connection: Connection, resource: Resource, rows: Sequence[NamedValues]
    ) -> None:
        """Insert complete rows (`rows.new_row`) of a resource."""
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.writes.insert_many(resource)
            bound = self.writes.many_values(resource, rows)
            await connection.execute(many.text, many.values(bound))
        else:
            await execute_each(connection, self.writes.insert(resource), rows)
        await self._insert_versions(connection, resource, rows)
        for link in resource.links:
            await self._insert_links(connection, resource, link.name, rows)

    async def update(
        self,
        connection: Connection,
        resource: Resource,
        caller: Caller,
        now: str,
        rows: Sequence[NamedValues],
    ) -> None:
        """Overwrite rows of a resource that the caller may touch, found by their ids."""
        allowed = {**caller.values, "now": now}
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.writes.update_many(resource, caller.access(resource))
            bound = self.writes.many_values(resource, rows)
            await connection.execute(many.text, many.values({**allowed, **bound}))
        elif rows:
            one = self.writes.update(resource, caller.access(resource))
            new = [
                {**allowed, "id": row["id"], **{f"new_{name}": row[name] for name in row}}
                for row in rows
            ]
            await execute_each(connection, one, new)
        await self._insert_versions(connection, resource, rows)
        for link in resource.links if rows else ():
            await self._replace_links(connection, resource, link.name, allowed, rows)

    async def _insert_versions(
        self, connection: Connection, resource: Resource, rows: Sequence[NamedValues]
    ) -> None:
        """Keep the rows as versions, where the resource does."""
        if not resource.versions:
            return
        versions = [{**row, DELETED: False} for row in rows]
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.versions.insert_many(resource)
            bound = self.versions.many_values(resource, versions)
            await connection.execute(many.text, many.values(bound))
        else:
            await execute_each(connection, self.versions.insert(resource), versions)

    async def _insert_links(
        self, connection: Connection, resource: Resource, field: str, rows: Sequence[NamedValues]
    ) -> None:
        one = self.writes.insert_links(resource, field)
        links = [
            {**row, "item": row["id"], "target": target} for row in rows for target in row[field]
        ]
        await execute_each(connection, one, links)

    async def _replace_links(
        self,
        connection: Connection,
        resource: Resource,
        field: str,
        allowed: NamedValues,
        rows: Sequence[NamedValues],
    ) -> None:
        delete = self.writes.delete_links(resource, field)
        ids = self.dialect.bind_list(Kind.uuid, [row["id"] for row in rows])
        await connection.execute(delete.text, delete.values({**allowed, "ids": ids}))
        await self._insert_links(connection, resource, field, rows)
