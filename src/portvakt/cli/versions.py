"""`portvakt version`: what customers activate of a service."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import arguments, direct, items
from portvakt.cli.items import IdAlone, Json, ListParameters, Values
from portvakt.cli.services import Service, find_service
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.schema.query import Filter, Keyset, Order, Query
from portvakt.schema.rights import RIGHTS
from portvakt.schema.values import is_uuid, nearest

Item = dict[str, Any]
VERSION = "platform.serviceversion"
versions = typer.Typer(
    no_args_is_help=True,
    help="Versions of a service: what customers activate.",
    epilog=(
        "Example: portvakt version create Sync --right accounts.tenant=read "
        "require_personal_information_access=true; then portvakt version publish Sync:1"
    ),
)
Version = Annotated[
    str, typer.Argument(metavar="VERSION", help="Its id, or SERVICE:NUMBER such as Sync:1.")
]


@versions.command("create")
def create_version(
    service: Service,
    values: Values = None,
    right: Annotated[
        list[str] | None,
        typer.Option(help="What it may do, such as accounts.tenant=read,update. Repeat it."),
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="Begin with what this version says: an id or SERVICE:NUMBER.")
    ] = None,
    as_json: Json = False,
    id_alone: IdAlone = False,
) -> None:
    """Add a version to a service: a draft, with the next number."""

    async def work(context: Context, _: Keys) -> Item:
        of = context.store.registry.resources[VERSION]
        parent = await find_service(context, service)
        body = _copied(of.writable, await find_version(context, like)) if like else {}
        body |= {"service": {"id": parent["id"]}, "state": "draft"}
        body["number"] = await _next_number(context, parent["id"])
        if right:
            granted = dict(_right(context, text) for text in right)
            body["allowed_access"] = {**body.get("allowed_access", {}), **granted}
        return await write.create(
            context, of, body | await arguments.body(context, of, values or [])
        )

    made = direct.run(work)
    did = f"Created version {made['number']}"
    direct.show_written(made, did, as_json=as_json, id_alone=id_alone)


def _copied(writable: Any, version: Item) -> Item:
    return {field.name: version[field.name] for field in writable}


async def _next_number(context: Context, service: str) -> int:
    of = context.store.registry.resources[VERSION]
    newest = Query(
        filters=(Filter("service", "", False, service),),
        order=(Order("number", descending=True), Order("id")),
        keyset=Keyset(1),
    )
    found = (await read.page(context, of, newest)).items
    return int(found[0]["number"]) + 1 if found else 1


def _right(context: Context, text: str) -> tuple[str, list[str]]:
    """`accounts.tenant=read,update` -> the resource and its rights. Raises `SettingsError`."""
    name, granted = arguments.split(text)
    offered = context.store.registry.offered
    found = arguments.among(offered, name)
    if found is None:
        meant = nearest(name, [each.name for each in offered])
        hint = f" Did you mean {meant}?" if meant else ""
        raise SettingsError(f"--right: There is no resource {name!r}.{hint}")
    parts = [part.strip() for part in granted.split(",") if part.strip()]
    for part in parts:
        if part not in RIGHTS:
            meant = nearest(part, RIGHTS)
            hint = f" Did you mean {meant}?" if meant else ""
            raise SettingsError(f"--right: Expected some of {', '.join(RIGHTS)}.{hint}")
    return found.name, parts


@versions.command("list")
def list_versions(
    parameters: ListParameters = None,
    service: Annotated[str | None, typer.Option(help="Only those of this service.")] = None,
    as_json: Json = False,
) -> None:
    """List the versions."""
    asked = list(parameters or [])
    if service is not None:

        async def work(context: Context, _: Keys) -> str:
            return str((await find_service(context, service))["id"])

        asked.append(f"service={direct.run(work)}")
    columns = "id,service,number,state,description"
    items.show_list(VERSION, asked, None, columns=columns, as_json=as_json)


@versions.command("show")
def show_version(version: Version, as_json: Json = False) -> None:
    """Show a version, with its rights."""
    direct.show_found(find_version, version, as_json=as_json)


@versions.command("publish")
def publish(version: Version, as_json: Json = False) -> None:
    """Publish a draft: customers can activate it, and it never changes again."""
    _set_state(version, "published", as_json=as_json)


@versions.command("deprecate")
def deprecate(version: Version, as_json: Json = False) -> None:
    """Deprecate a version: its activations go on, new ones are refused."""
    _set_state(version, "deprecated", as_json=as_json)


def _set_state(version: str, state: str, *, as_json: bool) -> None:
    async def work(context: Context, _: Keys) -> Item:
        of = context.store.registry.resources[VERSION]
        found = await find_version(context, version)
        return await write.update(context, of, found["id"], {"state": state})

    made = direct.run(work)
    did = f"Version {made['number']} is {state}:"
    direct.show_written(made, did, as_json=as_json)


async def find_version(context: Context, text: str) -> Item:
    """The version with this id, or `SERVICE:NUMBER`. Raises `SettingsError`."""
    of = context.store.registry.resources[VERSION]
    service, colon, number = text.rpartition(":")
    if is_uuid(text) or not colon or not number.isdecimal():
        if not is_uuid(text):
            hint = "`portvakt version list` shows them."
            raise SettingsError(f"Expected a version's id or SERVICE:NUMBER, not {text!r}. {hint}")
        return await arguments.item(context, of, text)
    parent = await find_service(context, service)
    named = (
        Filter("service", "", False, parent["id"]),
        Filter("number", "", False, int(number[:9])),
    )
    found = (await read.page(context, of, Query(filters=named, keyset=Keyset(1)))).items
    if not found:
        hint = f"`portvakt version list --service {parent['id']}` shows those there are."
        raise SettingsError(f"The service {service!r} has no version {number}. {hint}")
    return found[0]
