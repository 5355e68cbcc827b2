"""The functions that do the actions; `portvakt.action_table` says which does which."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from portvakt.api import parameters, reading_parameters
from portvakt.api.actions.running import ActionInput, parse_each
from portvakt.api.handlers import Call
from portvakt.errors import FaultCode
from portvakt.operations import ledger
from portvakt.operations.accounts import credentials, logins
from portvakt.operations.consent import decisions, decisions_as_of, receipts
from portvakt.operations.persons import disclose, erase
from portvakt.operations.reading import category_leader
from portvakt.operations.reading.read import Export
from portvakt.schema.actions import Action
from portvakt.schema.values import are_canonical


async def category_leaders(call: Call, given: ActionInput) -> list[ActionInput]:
    """The integration that decides in each category."""
    return await category_leader.deciding(call.context, call.resource, given["category"])


async def check(call: Call, given: ActionInput) -> ActionInput:
    """What is decided of one integration and one person."""
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


async def check_many(action: Action, call: Call, given: ActionInput) -> list[ActionInput]:
    """What is decided of each pair of an integration and a person."""
    kinds = decisions.persons(call.context)
    pairs: list[decisions.Pair] = []
    usual = True
    async for part in call.body.items():
        usual = usual and _quickly(kinds, part, pairs)
    if usual and pairs:
        whose, _, whom = zip(*pairs, strict=True)
        usual = are_canonical((*whose, *whom))
    return await _decided(call, given, pairs if usual else await _slowly(action, call))


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


async def _slowly(action: Action, call: Call) -> list[decisions.Pair]:
    """Any pairs. Raises `Problem` with every fault of every one."""
    kinds = decisions.persons(call.context)
    return await parse_each(action, call, partial(_pair, kinds))


def _pair(kinds: Iterable[str], given: ActionInput) -> decisions.Pair:
    kind = next(kind for kind in kinds if given[kind] is not None)
    return decisions.Pair(given["integration"], kind, given[kind])


async def accessible(call: Call, given: ActionInput) -> AbstractAsyncContextManager[Export]:
    """The persons of a kind whose personal information an integration may see."""
    kinds = decisions.persons(call.context)
    if given["kind"] not in kinds:
        detail = f"Expected one of {', '.join(kinds)}."
        parameters.refuse([parameters.fault("kind", FaultCode.not_an_option, detail)])
    kind, integration, moment = given["kind"], given["integration"], given[reading_parameters.AS_OF]
    if moment is None:
        return decisions.accessible(call.context, kind, integration)
    return decisions_as_of.accessible(call.context, kind, integration, moment)


async def receipt(call: Call, _: ActionInput) -> bytes:
    """A signed receipt of an answer."""
    return await receipts.issue(call.context, call.resource, call.services.signer, call.pk)


async def checkpoint(call: Call, _: ActionInput) -> bytes:
    """The signed end of a ledger."""
    return await ledger.checkpoint(call.context, call.resource, call.services.signer)


async def whole_ledger(call: Call, _: ActionInput) -> AbstractAsyncContextManager[Export]:
    """A ledger, event by event, and its signed end."""
    return ledger.export(call.context, call.resource, call.services.signer)


async def issue_credential(call: Call, given: ActionInput) -> ActionInput:
    """A new credential of an integration, with its secret."""
    return await credentials.issue(call.context, call.services.keys, **given)


async def rotate_credential(call: Call, given: ActionInput) -> ActionInput:
    """A credential in place of another, with its secret."""
    return await credentials.rotate(call.context, call.services.keys, call.pk, **given)


async def revoke_credential(call: Call, _: ActionInput) -> ActionInput:
    """A credential that has ended."""
    return await credentials.revoke(call.context, call.pk)


async def log_in(call: Call, given: ActionInput) -> ActionInput:
    """A token for an administrator's e-mail and password."""
    return await logins.login(call.context, call.services.keys, call.services.passwords, **given)


async def set_password(call: Call, given: ActionInput) -> ActionInput:
    """The administrator who has a new password."""
    return await logins.set_password(call.context, call.services.passwords, call.pk, **given)


async def revoke_token(call: Call, _: ActionInput) -> ActionInput:
    """A token that has ended."""
    return await logins.revoke_token(call.context, call.pk)


async def erase_person(call: Call, _: ActionInput) -> ActionInput:
    """What is left of a person who is erased."""
    return await erase.erase(call.context, call.resource, call.pk)


async def export_person(call: Call, _: ActionInput) -> AbstractAsyncContextManager[Export]:
    """Everything that is held of a person."""
    return disclose.disclose(call.context, call.resource, call.pk)
