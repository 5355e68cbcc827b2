"""What a caller may do with a resource (decision records 17 and 19).

A service version's `allowed_access` names, for each resource, some of `read`, `create`, `update`
and `delete`; what it doesn't name isn't allowed. `all` beside them opens rows about other
integrations than the caller (`rights.ALL_ROWS`). People are not bound by it; but a resource says
which kinds of caller may use it at all (`Resource.callers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portvakt.errors import Code, Problem
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import CallerKind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.rights import ALL_ROWS, CREATE, READ, Guard


def may(caller: Caller, resource: Resource, right: str) -> bool:
    """Whether the caller has a right to a resource."""
    # What the platform itself offers to read, such as content types, belongs to nobody.
    return (resource.platform and right == READ) or right in caller.rights_to(resource)


def may_set(caller: Caller, registry: Registry, guard: Guard) -> bool:
    """Whether the caller can change the fields that a guard stands before."""
    if guard in caller.kind.may_set:
        return True
    answers = registry.answers
    if guard not in caller.kind.may_set_by_rights or answers is None:
        return False
    return may(caller, answers, CREATE) and may(caller, answers, ALL_ROWS)


def require(caller: Caller, resource: Resource, rights: Iterable[str]) -> None:
    """Raise `Problem` (forbidden) unless the caller may use the resource and has all rights.

    It says which kinds of caller may, or names the missing rights.
    """
    require_caller(caller, resource.used_by, f"use {resource.name}")
    rights = [*rights]
    if CREATE in rights and resource.made_by_people and Guard.people not in caller.kind.may_set:
        people = "Only administrators and operators"
        raise Problem(Code.forbidden, f"{people} can create {resource.name}.")
    missing = [right for right in rights if not may(caller, resource, right)]
    if missing:
        names = " and ".join(missing)
        raise Problem(Code.forbidden, f"The right to {names} {resource.name} is missing.")


def require_any(caller: Caller, resource: Resource, rights: Sequence[str]) -> None:
    """Raise `Problem` (forbidden) unless the caller may use the resource and has one right."""
    require(caller, resource, [])
    if not any(may(caller, resource, right) for right in rights):
        names = " or ".join(rights)
        raise Problem(Code.forbidden, f"The right to {names} {resource.name} is missing.")


def require_caller(caller: Caller, callers: Sequence[CallerKind], what: str) -> None:
    """Raise `Problem` (forbidden) unless the caller is of one of these kinds."""
    if caller.kind not in callers:
        named = " and ".join(kind.plural for kind in callers)
        raise Problem(Code.forbidden, f"Only {named} may {what}.")
