"""Items about no integration are everybody's: who is bound to its own rows can't write them."""

from __future__ import annotations

from collections.abc import Iterable

from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.changes import Change
from portvakt.operations.context import Context
from portvakt.schema.resource import Resource

_DETAIL = "What is about all integrations is only written with the right `all`."


def refuse_everybodys(context: Context, resource: Resource, changes: Iterable[Change]) -> None:
    """Fault each change of an item that is everybody's, or would be."""
    name = resource.about
    if name is None or not resource.stored[name].nullable or not context.scope.access(resource).own:
        return
    for change in changes:
        items = [change.stored, change.item if name not in change.refused else None]
        if any(item is not None and item.get(name, "") is None for item in items):
            change.faults.append(Fault(FaultCode.out_of_reach, f"/{name}", _DETAIL))


def refuse_delete(context: Context, resource: Resource, stored: dict[str, object]) -> None:
    """Refuse to delete an item that is everybody's. Raises `Problem` (forbidden)."""
    if resource.about and context.scope.access(resource).own and stored[resource.about] is None:
        raise Problem(Code.forbidden, _DETAIL)
