"""What a caller may do with a resource (decision records 17 and 19).

A service version's `allowed_access` names, for each resource, some of `read`, `create`, `update`
and `delete`; what it doesn't name isn't allowed. `all` beside them opens rows about other
integrations than the caller (`rights.ALL_ROWS`). People are not bound by it; but a resource says
which kinds of caller may use it at all (`Resource.callers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portvakt.errors import Code, Problem
from portvakt.schema.caller import Scope
from portvakt.schema.registry import Registry
from portvakt.schema.resource import INTEGRATION, Resource
from portvakt.schema.rights import ALL_ROWS, CREATE, READ, Guard


def may(scope: Scope, resource: Resource, right: str) -> bool:
    """Whether the caller has a right to a resource."""
    if scope.rights is None:
        return True
    # What the platform itself offers to read, such as content types, belongs to nobody.
    return (resource.platform and right == READ) or right in scope.rights.get(
        resource.name, frozenset()
    )


def may_set(scope: Scope, registry: Registry, guard: Guard) -> bool:
    """Whether the caller can change the fields that a guard stands before."""
    if scope.caller != INTEGRATION:
        return True
    answers = registry.deciding
    if guard is Guard.people or answers is None:
        return False
    return may(scope, answers, CREATE) and may(scope, answers, ALL_ROWS)


def require(scope: Scope, resource: Resource, rights: Iterable[str]) -> None:
    """Raise `Problem` (forbidden) unless the caller may use the resource and has all rights.

    It says which kinds of caller may, or names the missing rights.
    """
    require_caller(scope, resource.used_by, f"use {resource.name}")
    rights = [*rights]
    if CREATE in rights and resource.made_by_people and scope.caller == INTEGRATION:
        people = "Only administrators and operators"
        raise Problem(Code.forbidden, f"{people} can create {resource.name}.")
    missing = [right for right in rights if not may(scope, resource, right)]
    if missing:
        names = " and ".join(missing)
        raise Problem(Code.forbidden, f"The right to {names} {resource.name} is missing.")


def require_any(scope: Scope, resource: Resource, rights: Sequence[str]) -> None:
    """Raise `Problem` (forbidden) unless the caller may use the resource and has one right."""
    require(scope, resource, [])
    if not any(may(scope, resource, right) for right in rights):
        names = " or ".join(rights)
        raise Problem(Code.forbidden, f"The right to {names} {resource.name} is missing.")


def require_caller(scope: Scope, callers: Sequence[str], what: str) -> None:
    """Raise `Problem` (forbidden) unless the caller is of one of these kinds."""
    if scope.caller not in callers:
        named = " and ".join(f"{caller}s" for caller in callers)
        raise Problem(Code.forbidden, f"Only {named} may {what}.")
