"""Which headers a request has: most that are asked for are not there, and needn't be looked for."""

from __future__ import annotations

from starlette.types import Scope

_NAMES = "portvakt.header_names"


def note(scope: Scope) -> None:
    """Keep the names of a request's headers in its scope, for `has`."""
    scope[_NAMES] = frozenset([name for name, _ in scope["headers"]])


def has(scope: Scope, names: frozenset[bytes]) -> bool:
    """Whether a request has any header of these names, which are lower-case."""
    return not names.isdisjoint(scope[_NAMES])
