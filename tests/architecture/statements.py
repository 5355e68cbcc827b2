"""Every kind of statement on rows, made for a resource and a caller."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import get_type_hints

from portvakt.resources import load
from portvakt.schema.caller import RowAccess
from portvakt.schema.query import Filter, Order, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import Statements, statements_of

GROUPS: dict[str, type] = get_type_hints(Statements)
"""The classes that give statements, by the name of their attribute."""


def methods() -> dict[str, ast.FunctionDef]:
    """The methods of all groups by their dotted names, such as `rows.get`."""
    return {
        f"{group}.{node.name}": node
        for group, made in GROUPS.items()
        for node in ast.walk(ast.parse(inspect.getsource(made)))
        if isinstance(node, ast.FunctionDef)
    }


def kinds() -> list[str]:
    """The public methods that give a statement."""
    return [
        name
        for name, method in methods().items()
        if "._" not in name and method.returns and ast.unparse(method.returns) == "Statement"
    ]


QUERY = Query(
    filters=(Filter("id", "in", True, ()), Filter("created_at", "", False, "")),
    order=(Order("created_at", True), Order("id")),
    search=("word",),
)

Make = Callable[[Statements, Resource, RowAccess], Statement]

PROVABLE: dict[str, Make] = {
    "rows.get": lambda s, r, access: s.rows.get(r, access),
    "rows.listing": lambda s, r, access: s.rows.listing(r, QUERY, access),
    "rows.count": lambda s, r, access: s.rows.count(r, QUERY, access),
    "rows.statistics": lambda s, r, access: s.rows.statistics(r, QUERY, access),
    "rows.select_by_key": lambda s, r, access: s.rows.select_by_key(r, ("id",), access),
    "rows.select_for_update": lambda s, r, access: s.rows.select_for_update(r, access),
    "rows.existing": lambda s, r, access: s.rows.existing(r, access),
    "rows.visible_ids": lambda s, r, access: s.rows.visible_ids(r, access),
    "rows.revised": lambda s, r, access: s.rows.revised(r, access),
    "decisions.accessible": lambda s, r, access: s.decisions.accessible(r, access),
    "writes.update": lambda s, r, access: s.writes.update(r, access),
    "writes.update_many": lambda s, r, access: s.writes.update_many(r, access),
    "writes.delete": lambda s, r, access: s.writes.delete(r, access),
}
"""The statements that can prove the caller's credential in passing."""

GUARDED: dict[str, Make] = {
    **PROVABLE,
    "decisions.of_persons": lambda s, r, access: s.decisions.of_persons(r, access),
    "writes.touch": lambda s, r, _: s.writes.touch(r, "created_at"),
    "writes.delete_before": lambda s, r, _: s.writes.delete_before(r, "created_at"),
    "writes.set_aside": lambda s, r, _: s.writes.set_aside(r, "updated_at"),
    "rows.ancestors": lambda s, r, _: s.rows.ancestors(r, "id"),
}
OUR_OWN_WORK = {"writes.touch", "writes.delete_before", "writes.set_aside", "rows.ancestors"}
"""Those that no caller's bounds are for: the rows were found by others, or aren't shown."""
INSERTS: dict[str, Make] = {
    "writes.insert": lambda s, r, _: s.writes.insert(r),
    "writes.insert_many": lambda s, r, _: s.writes.insert_many(r),
}
VERSIONS: dict[str, Make] = {
    "versions.insert": lambda s, r, _: s.versions.insert(r),
    "versions.insert_many": lambda s, r, _: s.versions.insert_many(r),
    "versions.insert_deletion": lambda s, r, access: s.versions.insert_deletion(r, access),
}
LINKS = {"writes.insert_links", "writes.delete_links"}
PAST = {"versions.ever", "versions.forget"}
ABOUT_NO_RESOURCE = {
    "credentials.recheck",
    "credentials.claims",
    "credentials.tokens",
    "credentials.lock_customer",
}
DECISIONS = {"decisions.decide", "decisions.decide_many", "decisions.withdraw"}
PAST_DECISIONS = {
    "past_decisions.insert",
    "past_decisions.insert_many",
    "past_decisions.insert_withdrawal",
    "past_decisions.decided_then",
    "past_decisions.lock_pairs",
    "past_decisions.last_change",
}
CALLERS = RowAccess(of_application=True)
"""What an integration has to a resource, but for the proof."""

OWN = [resource for resource in load().resources.values() if not resource.platform]


@cache
def made(dialect: str) -> Statements:
    """The statements for one database; a process builds each once, as a server does."""
    return statements_of(Tables(load()), DIALECTS[dialect])


def bound(statement: Statement) -> set[str]:
    """The names of a statement's parameters."""
    return {name for name, _, _ in statement.parameters}


def outermost(text: str) -> str:
    """What stands in no parentheses."""
    depth, found = 0, []
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        found.append(letter if depth == 0 else "")
    return "".join(found)
