"""One handler for all actions: reads what was given, and has it performed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar

from starlette.types import ASGIApp

from portvakt.access import policy
from portvakt.api import parameters
from portvakt.api.handlers import Call, not_modified
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations import idempotency
from portvakt.operations.writing import idempotent_writes
from portvakt.schema.actions import Action
from portvakt.schema.validation import Body, Hints, parse_fields
from portvakt.storage.sql.rows import render_item

T = TypeVar("T")
ActionInput = dict[str, Any]
Perform = Callable[[Call, ActionInput], Awaitable[Any]]
"""What does an action, and gives its result."""
Write = Callable[[Action, Call, ActionInput, Any], ASGIApp]
"""What makes an answer of the result."""
ActionTable = Mapping[Action, tuple[Perform, Write]]
"""Each action with what does it, and how its answer is written."""


async def run(action: Action, perform: Perform, write: Write, call: Call) -> ASGIApp:
    """Perform an action and answer what it gives. Raises `Problem`, `RecheckFailed`."""
    given = _asking(action, call, parameters.parse_given(call.pairs, action.asked))
    parameters.refuse(_parameter_faults(action, given))
    if not action.public:
        policy.require(call.context.caller, call.resource, [])
    if action.callers:
        policy.require_caller(call.context.caller, action.callers, f"{action.title.lower()} here")
    if action.method == "GET":
        if known := not_modified(call):
            return known
    else:
        call.preconditions.check_nothing()
    if action.body and not action.each:
        given |= parse(action, await call.body())
    return write(action, call, given, await _perform(action, perform, call, given))


def _asking(action: Action, call: Call, given: ActionInput) -> ActionInput:
    """The values, where an integration that names none means itself."""
    name, caller = action.asking, call.context.caller.activation
    if name is not None and caller and given.get(name) is None:
        return {**given, name: caller}
    return given


async def _perform(action: Action, perform: Perform, call: Call, given: ActionInput) -> Any:
    """What an action gives; or gave, where it was done before."""
    if action.public and call.context.idempotent is not None:
        raise _not_once()
    try:
        return await perform(call, given)
    except idempotency.Replayed as replayed:
        return await _replay(call, action, replayed.done)


def _not_once() -> Problem:
    detail = "Nobody has logged in yet whose key it could be. Log in again without it."
    fault = Fault(FaultCode.not_available, idempotency.HEADER, detail, place="header")
    return Problem(Code.invalid_headers, f"{idempotency.HEADER} is not available here.", [fault])


async def _replay(call: Call, action: Action, done: idempotency.WriteResult) -> ActionInput:
    """What an action that was done before answers now. Raises `Problem` (shown_once)."""
    (left,) = done.items
    if action.shows_secret:
        raise Problem(
            Code.shown_once,
            f"This was done before: {call.resource.title} {left.id} was made, and its secret is "
            "not kept. If it did not arrive, revoke the credential and issue another one.",
            headers=[idempotency.REPLAYED, ("Location", f"{call.resource.path}{left.id}/")],
        )
    found = await idempotent_writes.item(call.context, call.resource, done)
    shown = found if found.keys() == {"id"} else render_item(call.resource, found)
    return {**shown, **done.told}


def _parameter_faults(action: Action, given: ActionInput) -> Iterator[Fault]:
    """What is wrong with parameters that can be read: what is missing, and by the rules."""
    for field in action.asked:
        needed = field.required or field.name == action.asking
        if needed and given[field.name] is None:
            yield parameters.fault(field.name, FaultCode.missing, "This parameter is required.")
    for rule in () if action.body else action.rules:
        for found in rule.faults(given):
            yield parameters.fault(found.where[1:], found.code, found.detail, found.fields)


async def parse_each(action: Action, call: Call, make: Callable[[ActionInput], T]) -> list[T]:
    """What is made of the clean values of each object of the body's array.

    Raises `Problem` (invalid).
    """
    fields = {field.name: field for field in action.body}
    hints = Hints()
    faults: list[Fault] = []
    made: list[T] = []
    number = 0
    async for part in call.body.items():
        for entry in part:
            parsed = parse_fields(fields, entry, hints)
            parsed.given = _asking(action, call, parsed.given)
            faults += [found.under(f"/{number}") for found in _faults(action, parsed)]
            number += 1
            if not faults:
                made.append(make({name: parsed.given.get(name) for name in fields}))
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Problem(Code.invalid, f"{count} in the body.", faults)
    return made


def _faults(action: Action, body: Body) -> Iterator[Fault]:
    yield from body.faults
    if any(found.where == "" for found in body.faults):
        return
    for field in action.body:
        needed = field.required or field.name == action.asking
        if needed and body.given.get(field.name) is None and field.name not in body.invalid:
            yield Fault(FaultCode.required, f"/{field.name}", "This field is required.")
    for rule in action.rules:
        if body.invalid.isdisjoint(rule.fields):
            yield from rule.faults(body.given)


def parse(action: Action, body: Any) -> ActionInput:
    """The clean values of an action's body, null where left out. Raises `Problem` (invalid)."""
    parsed = parse_fields({field.name: field for field in action.body}, body)
    faults = list(parsed.faults)
    if isinstance(body, dict):
        faults += [
            Fault(FaultCode.required, f"/{field.name}", "This field is required.")
            for field in action.body
            if field.required and field.name not in body
        ]
    if faults:
        number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Problem(Code.invalid, f"{number} in the body.", faults)
    return {field.name: parsed.given.get(field.name, field.default) for field in action.body}
