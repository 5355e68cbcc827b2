"""What can be done besides the six operations, over HTTP: one handler, told what to perform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp

from portvakt.access import policy
from portvakt.api import query_string
from portvakt.api.handlers import Call, json_answer
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations import credentials, people
from portvakt.schema.actions import Action
from portvakt.schema.validation import parse_fields

Given = dict[str, Any]


async def run(action: Action, call: Call) -> ASGIApp:
    """Perform an action and answer what it gives. Raises `Problem`, `ProofLost`."""
    query_string.parse_none(call.pairs)
    if not action.public:
        policy.require(call.context.scope, call.resource, [])
    given = parse(action, await call.body()) if action.body else {}
    result = await PERFORM[call.resource.name, action.name](call, given)
    created = action.status == HTTPStatus.CREATED
    headers = {"Location": f"{call.resource.path}{result['id']}/"} if created else None
    return json_answer(result, action.status, headers)


def parse(action: Action, body: Any) -> Given:
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


async def _issue(call: Call, given: Given) -> Given:
    return await credentials.issue(call.context, call.keys, **given)


async def _rotate(call: Call, given: Given) -> Given:
    return await credentials.rotate(call.context, call.keys, call.pk, **given)


async def _revoke(call: Call, _: Given) -> Given:
    return await credentials.revoke(call.context, call.pk)


async def _login(call: Call, given: Given) -> Given:
    return await people.login(call.context, call.keys, call.passwords, **given)


async def _set_password(call: Call, given: Given) -> Given:
    return await people.set_password(call.context, call.passwords, call.pk, **given)


async def _revoke_token(call: Call, _: Given) -> Given:
    return await people.revoke_token(call.context, call.pk)


PERFORM: dict[tuple[str, str], Callable[[Call, Given], Awaitable[Given]]] = {
    ("platform.credential", "issue"): _issue,
    ("platform.credential", "rotate"): _rotate,
    ("platform.credential", "revoke"): _revoke,
    ("platform.administrator", "login"): _login,
    ("platform.administrator", "set_password"): _set_password,
    ("platform.token", "revoke"): _revoke_token,
}
"""What performs each action, by the resource's name and the action's."""
