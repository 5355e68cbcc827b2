"""What commands understand of what people type: resources, items and values by name."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from portvakt.access.passwords import MAX_LENGTH, MIN_LENGTH
from portvakt.cli import direct
from portvakt.errors import Code, Fault, Problem, SettingsError
from portvakt.ingest import cells, loading
from portvakt.ingest.loading import Line
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.operations import Operation
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.values import is_uuid, nearest

Item = dict[str, Any]


def among(resources: Iterable[Resource], name: str) -> Resource | None:
    """The one of these that is called so, if there is one.

    `accounts.subtenant` may be called `subtenant` or, as a kind of person, `sub_tenant`.
    """
    spelt = name.lower().replace("_", "").replace("-", "")
    offered = [*resources]
    found = [each for each in offered if each.name == spelt] or [
        each for each in offered if each.model == spelt
    ]
    return found[0] if len(found) == 1 else None


def resource(registry: Registry, name: str, operation: Operation | None = None) -> Resource:
    """The resource of this name that operators may use, with this operation.

    It may be called as `among` says. Raises `SettingsError`, with the nearest name.
    """
    offered = {each.name: each for each in registry.open_to(OPERATOR)}
    found = among(offered.values(), name)
    if found is None:
        meant = nearest(name.lower(), [*offered, *(each.model for each in offered.values())])
        hint = f"Did you mean {meant}? " if meant else ""
        raise SettingsError(
            f"There is no resource {name!r}. {hint}`portvakt item resources` lists all."
        )
    if operation is not None and operation not in found.operations:
        known = ", ".join(each.name for each in found.operations)
        raise SettingsError(f"{found.name} can't be used so; it has: {known}.")
    return found


def of_file(registry: Registry, stem: str) -> Resource:
    """The resource whose items a file holds, by its name. Raises `SettingsError`.

    `tenants`, `sub_tenants`, `real-estates 2026-11` and `accounts.tenant` are understood.
    """
    plain = re.sub(r"[^a-z.]", "", stem.lower()).strip(".")
    loadable = [each for each in registry.offered if Operation.bulk in each.operations]
    found = [each for each in loadable if plain in (each.name, *_plurals(each.model))]
    if len(found) == 1:
        return found[0]
    meant = nearest(plain, [plural for each in loadable for plural in _plurals(each.model)])
    hint = f" The name is near to {meant}." if meant else ""
    raise SettingsError(
        f"What {stem!r} holds can't be told from its name.{hint} "
        "Say it with --resource, such as --resource accounts.tenant."
    )


def _plurals(model: str) -> tuple[str, ...]:
    return (model, f"{model}s", f"{model}es", f"{model.removesuffix('y')}ies")


async def inside(context: Context, of: Resource, customer: str | None) -> Context:
    """The surroundings of work on a resource's items. Raises `SettingsError`."""
    if customer is not None:
        return await direct.of_customer(context, customer)
    if not of.platform:
        raise SettingsError(
            f"Whose {of.model}? Say it with --customer and an id or a name. "
            "`portvakt customer list` shows them."
        )
    return context


def names_of(of: Resource) -> list[str]:
    """The fields by which people may name an item: keys, then what mostly is one."""
    likely = [name for name in ("name", "email") if name in of.by_name]
    return list(dict.fromkeys([*loading.keys_of(of), *likely]))


async def item(context: Context, of: Resource, text: str) -> Item:
    """The item that a text names: by its id, or by one of the fields that name it.

    Raises `SettingsError` where there is none, or more than one.
    """
    names = ["id"] if is_uuid(text) else names_of(of)
    value = text.lower() if is_uuid(text) else text
    for name in names:
        asked = Query(filters=(Filter(name, "", False, value),), keyset=Keyset(2))
        found = (await read.page(context, of, asked)).items
        if len(found) == 1:
            return found[0]
        if found:
            raise SettingsError(f"More than one {of.model} has the {name} {text!r}. Use the id.")
    known = " or ".join(["id", *names_of(of)])
    raise SettingsError(
        f"There is no {of.model} with the {known} {text!r}. "
        f"`portvakt item list {of.name}` shows what there is."
    )


async def body(context: Context, of: Resource, pairs: Sequence[str]) -> Item:
    """The body that `name=value` pairs make. Raises `Problem`, `SettingsError`."""
    named = [split(pair) for pair in pairs]
    line = Line(1)
    registry = context.store.registry
    columns = cells.columns(registry, of, [name for name, _ in named])
    for column, (_, text) in zip(columns, named, strict=True):
        cells.fill(line, column, text)
    await loading.look_up(context, [line])
    refuse(line.faults)
    return line.body


def split(pair: str) -> tuple[str, str]:
    """The name and the value of `name=value`. Raises `SettingsError`."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise SettingsError(f"Expected name=value, not {pair!r}.")
    return name, value


def refuse(faults: Sequence[Fault]) -> None:
    """Raise `Problem` if there are faults."""
    if faults:
        number = "1 value is" if len(faults) == 1 else f"{len(faults)} values are"
        raise Problem(Code.invalid, f"{number} wrong; nothing was written.", faults)


def ask_password(*, stdin: bool) -> str:
    """The password, asked for twice or read. Raises `SettingsError` if it is too short or long."""
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise SettingsError(f"The password needs {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return password
