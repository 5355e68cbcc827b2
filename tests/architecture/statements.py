"""Every kind of statement on rows, made for a resource and a caller."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache

from portvakt.resources import load
from portvakt.schema.caller import RowAccess
from portvakt.schema.query import Filter, Order, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.decisions import DecisionStatements
from portvakt.storage.statements.moves import MovingStatements
from portvakt.storage.statements.past_decisions import PastDecisionStatements
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import Statements
from portvakt.storage.statements.versions import VersionedStatements
from portvakt.storage.statements.writing import WritingStatements


def methods() -> dict[str, ast.FunctionDef]:
    """The methods that give statements, by name."""
    return {
        node.name: node
        for made in (
            Statements,
            WritingStatements,
            MovingStatements,
            DecisionStatements,
            PastDecisionStatements,
            VersionedStatements,
        )
        for node in ast.walk(ast.parse(inspect.getsource(made)))
        if isinstance(node, ast.FunctionDef)
    }


def kinds() -> list[str]:
    """The public methods that give a statement."""
    return [
        name
        for name, method in methods().items()
        if not name.startswith("_")
        and method.returns
        and ast.unparse(method.returns) == "Statement"
    ]


QUERY = Query(
    filters=(Filter("id", "in", True, ()), Filter("created_at", "", False, "")),
    order=(Order("created_at", True), Order("id")),
    search=("word",),
)

Make = Callable[[VersionedStatements, Resource, RowAccess], Statement]

PROVABLE: dict[str, Make] = {
    "get": lambda s, r, access: s.get(r, access),
    "listing": lambda s, r, access: s.listing(r, QUERY, access),
    "count": lambda s, r, access: s.count(r, QUERY, access),
    "statistics": lambda s, r, access: s.statistics(r, QUERY, access),
    "select_by_key": lambda s, r, access: s.select_by_key(r, ("id",), access),
    "select_for_update": lambda s, r, access: s.select_for_update(r, access),
    "existing": lambda s, r, access: s.existing(r, access),
    "visible_ids": lambda s, r, access: s.visible_ids(r, access),
    "revised": lambda s, r, access: s.revised(r, access),
    "accessible": lambda s, r, access: s.accessible(r, access),
    "update": lambda s, r, access: s.update(r, access),
    "update_many": lambda s, r, access: s.update_many(r, access),
    "delete": lambda s, r, access: s.delete(r, access),
}
"""The statements that can prove the caller's credential in passing."""

GUARDED: dict[str, Make] = {
    **PROVABLE,
    "decisions": lambda s, r, access: s.decisions(r, access),
    "touch": lambda s, r, _: s.touch(r, "created_at"),
    "delete_before": lambda s, r, _: s.delete_before(r, "created_at"),
    "set_aside": lambda s, r, _: s.set_aside(r, "updated_at"),
    "ancestors": lambda s, r, _: s.ancestors(r, "id"),
}
OUR_OWN_WORK = {"touch", "delete_before", "set_aside", "ancestors"}
"""Those that no caller's bounds are for: the rows were found by others, or aren't shown."""
INSERTS: dict[str, Make] = {
    "insert": lambda s, r, _: s.insert(r),
    "insert_many": lambda s, r, _: s.insert_many(r),
}
VERSIONS: dict[str, Make] = {
    "insert_version": lambda s, r, _: s.insert_version(r),
    "insert_versions": lambda s, r, _: s.insert_versions(r),
    "insert_deletion": lambda s, r, access: s.insert_deletion(r, access),
}
LINKS = {"insert_links", "delete_links"}
PAST = {"ever", "forget"}
ABOUT_NO_RESOURCE = {"recheck", "claims", "tokens", "lock_customer"}
DECISIONS = {"decide", "decide_many", "withdraw"}
PAST_DECISIONS = {"note_decision", "note_decisions", "note_withdrawal", "decided_then"}
PAST_DECISIONS |= {"lock_pairs", "last_change"}
CALLERS = RowAccess(of_application=True)
"""What an integration has to a resource, but for the proof."""

OWN = [resource for resource in load().resources.values() if not resource.platform]


@cache
def made(dialect: str) -> VersionedStatements:
    """The statements for one database; a process builds each once, as a server does."""
    registry = load()
    return VersionedStatements(registry, Tables(registry), DIALECTS[dialect])


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
