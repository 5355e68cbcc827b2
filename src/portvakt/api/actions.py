"""What can be done besides the six operations, over HTTP: one handler, told what to perform."""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Container,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import AbstractAsyncContextManager
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import ASGIApp

from portvakt.access import policy
from portvakt.api import disclosures, parameters, reading_parameters
from portvakt.api.handlers import Call, Json, not_modified
from portvakt.api.streaming import LINES, NDJSON, Chunks, ExportAnswer, Form, ended
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations import idempotency, ledger
from portvakt.operations.accounts import credentials, logins
from portvakt.operations.consent import decisions, decisions_as_of, receipts
from portvakt.operations.persons import disclose, erase
from portvakt.operations.reading import category_leader
from portvakt.operations.reading.read import Export
from portvakt.operations.writing import idempotent_writes
from portvakt.schema.actions import END, Action, Answers
from portvakt.schema.known import ACTIVATIONS, ADMINISTRATORS, CREDENTIALS, TOKENS
from portvakt.schema.validation import Body, Hints, parse_fields
from portvakt.schema.values import are_canonical
from portvakt.storage.sql.rows import render_item

T = TypeVar("T")
ActionInput = dict[str, Any]


async def run(action: Action, call: Call) -> ASGIApp:
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
    result = await _perform(action, call, given)
    if action.answers_with in {Answers.lines, Answers.page}:
        is_page = action.answers_with is Answers.page
        form = disclosures.form(call.accept) if is_page else FORMS.get(action.name, LINES)
        form = ended(form) if given.get(END.name) else form
        return ExportAnswer(result, form, call.services.streams)
    if isinstance(result, bytes):
        return Response(result, action.status, media_type="application/json")
    created = action.status == HTTPStatus.CREATED
    headers = {"Location": f"{call.resource.path}{result['id']}/"} if created else None
    return Json(result, action.status, headers)


def _asking(action: Action, call: Call, given: ActionInput) -> ActionInput:
    """The values, where an integration that names none means itself."""
    name, caller = action.asking, call.context.caller.activation
    if name is not None and caller and given.get(name) is None:
        return {**given, name: caller}
    return given


async def _perform(action: Action, call: Call, given: ActionInput) -> Any:
    """What an action gives; or gave, where it was done before."""
    if action.public and call.context.idempotent is not None:
        raise _not_once()
    perform = PERFORM.get((call.resource.name, action.name)) or SHARED[action.name]
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


async def _category(call: Call, given: ActionInput) -> list[ActionInput]:
    return await category_leader.deciding(call.context, call.resource, given["category"])


async def _check(call: Call, given: ActionInput) -> ActionInput:
    (told,) = await _decided(call, given, [_pair(decisions.persons(call.context), given)])
    return told


async def _decided(
    call: Call, given: ActionInput, pairs: Sequence[decisions.Pair]
) -> list[ActionInput]:
    """What is decided of pairs, or was at the moment `_as_of`."""
    moment = given[reading_parameters.AS_OF]
    if moment is None:
        return await decisions.check(call.context, pairs)
    return await decisions_as_of.check(call.context, pairs, moment)


async def _check_many(call: Call, given: ActionInput) -> list[ActionInput]:
    kinds = decisions.persons(call.context)
    pairs: list[decisions.Pair] = []
    usual = True
    async for part in call.body.items():
        usual = usual and _quickly(kinds, part, pairs)
    if usual and pairs:
        whose, _, whom = zip(*pairs, strict=True)
        usual = are_canonical((*whose, *whom))
    return await _decided(call, given, pairs if usual else await _slowly(call))


def _quickly(kinds: Container[str], entries: Iterable[Any], pairs: list[decisions.Pair]) -> bool:
    """Add pairs that are written as usual, `{"integration": {"id": ...}, "tenant": {"id": ...}}`.

    False where one is written otherwise. Their ids are still to be looked at.
    """
    try:
        for entry in entries:
            (first, integration), (kind, person) = entry.items()
            if first != "integration" or kind not in kinds:
                return False
            pairs.append(decisions.Pair(integration["id"], kind, person["id"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


async def _slowly(call: Call) -> list[decisions.Pair]:
    """Any pairs. Raises `Problem` with every fault of every one."""
    action = next(one for one in call.resource.actions if one.name == "check_many")
    kinds = decisions.persons(call.context)
    return await parse_each(action, call, partial(_pair, kinds))


def _pair(kinds: Iterable[str], given: ActionInput) -> decisions.Pair:
    kind = next(kind for kind in kinds if given[kind] is not None)
    return decisions.Pair(given["integration"], kind, given[kind])


async def _accessible(call: Call, given: ActionInput) -> AbstractAsyncContextManager[Export]:
    kinds = decisions.persons(call.context)
    if given["kind"] not in kinds:
        detail = f"Expected one of {', '.join(kinds)}."
        parameters.refuse([parameters.fault("kind", FaultCode.not_an_option, detail)])
    kind, integration, moment = given["kind"], given["integration"], given[reading_parameters.AS_OF]
    if moment is None:
        return decisions.accessible(call.context, kind, integration)
    return decisions_as_of.accessible(call.context, kind, integration, moment)


async def _receipt(call: Call, _: ActionInput) -> bytes:
    return await receipts.issue(call.context, call.resource, call.services.signer, call.pk)


async def _checkpoint(call: Call, _: ActionInput) -> bytes:
    return await ledger.checkpoint(call.context, call.resource, call.services.signer)


async def _ledger(call: Call, _: ActionInput) -> AbstractAsyncContextManager[Export]:
    return ledger.export(call.context, call.resource, call.services.signer)


async def _as_it_is(chunks: Chunks) -> AsyncIterator[bytes]:
    async for entries in chunks:
        yield b"".join(entry["line"] for entry in entries)


FORMS = {"ledger": Form(NDJSON, _as_it_is)}
"""How lines are written that aren't objects to encode, by the action's name."""


async def _issue(call: Call, given: ActionInput) -> ActionInput:
    return await credentials.issue(call.context, call.services.keys, **given)


async def _rotate(call: Call, given: ActionInput) -> ActionInput:
    return await credentials.rotate(call.context, call.services.keys, call.pk, **given)


async def _revoke(call: Call, _: ActionInput) -> ActionInput:
    return await credentials.revoke(call.context, call.pk)


async def _login(call: Call, given: ActionInput) -> ActionInput:
    return await logins.login(call.context, call.services.keys, call.services.passwords, **given)


async def _set_password(call: Call, given: ActionInput) -> ActionInput:
    return await logins.set_password(call.context, call.services.passwords, call.pk, **given)


async def _revoke_token(call: Call, _: ActionInput) -> ActionInput:
    return await logins.revoke_token(call.context, call.pk)


async def _erase(call: Call, _: ActionInput) -> ActionInput:
    return await erase.erase(call.context, call.resource, call.pk)


async def _export(call: Call, _: ActionInput) -> AbstractAsyncContextManager[Export]:
    return disclose.disclose(call.context, call.resource, call.pk)


Perform = Callable[[Call, ActionInput], Awaitable[Any]]
SHARED: dict[str, Perform] = {
    "erase": _erase,
    "export": _export,
    "receipt": _receipt,
    "check": _check,
    "check_many": _check_many,
    "accessible": _accessible,
    "checkpoint": _checkpoint,
    "ledger": _ledger,
}
"""What performs the actions on persons, answers and logs, by the action's name alone."""
PERFORM: dict[tuple[str, str], Perform] = {
    (ACTIVATIONS, "category"): _category,
    (CREDENTIALS, "issue"): _issue,
    (CREDENTIALS, "rotate"): _rotate,
    (CREDENTIALS, "revoke"): _revoke,
    (ADMINISTRATORS, "login"): _login,
    (ADMINISTRATORS, "set_password"): _set_password,
    (TOKENS, "revoke"): _revoke_token,
}
"""What performs the actions on the platform's own resources, by both names."""
