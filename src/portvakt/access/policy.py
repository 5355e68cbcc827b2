"""What a caller may do with a resource (contract, section 7: 403 where a permission is missing).

A service version's `allowed_access` names, for each resource, some of `read`, `create`, `update`
and `delete`; what it doesn't name isn't allowed. `all` beside them opens rows about other
integrations than the caller (`rights.ALL_ROWS`). People are not bound by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from portvakt.errors import Code, Problem
from portvakt.schema.resource import Resource
from portvakt.schema.scope import Scope


def may(scope: Scope, resource: Resource, right: str) -> bool:
    """Whether the caller has a right to a resource."""
    return scope.rights is None or right in scope.rights.get(resource.name, frozenset())


def require(scope: Scope, resource: Resource, rights: Iterable[str]) -> None:
    """Raise `Problem` (forbidden), which names the missing ones, unless the caller has all."""
    missing = [right for right in rights if not may(scope, resource, right)]
    if missing:
        names = " and ".join(missing)
        raise Problem(Code.forbidden, f"The right to {names} {resource.name} is missing.")
