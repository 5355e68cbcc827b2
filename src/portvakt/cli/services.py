"""`portvakt service`: what an application can do, at one level."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import arguments, direct, items
from portvakt.cli.applications import APPLICATION, Application
from portvakt.cli.items import IdAlone, Json, ListParameters, Values
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.schema.values import nearest

Item = dict[str, Any]
SERVICE = "platform.service"
services = typer.Typer(
    no_args_is_help=True,
    help="What an application can do, at one level.",
    epilog='Example: portvakt service create "Example Books" Sync --level organization.company',
)
Service = Annotated[str, typer.Argument(metavar="SERVICE", help="Its id, or its name.")]


@services.command("create")
def create_service(
    application: Application,
    name: Annotated[str, typer.Argument(help="The service's name.")],
    level: Annotated[str, typer.Option(help="What it is activated on, such as accounts.tenant.")],
    values: Values = None,
    as_json: Json = False,
    id_alone: IdAlone = False,
) -> None:
    """Add a service to an application."""

    async def work(context: Context, _: Keys) -> Item:
        known = context.store.registry
        parent = await arguments.item(context, known.resources[APPLICATION], application)
        body: Item = {
            "application": {"id": parent["id"]},
            "name": name,
            "level": {"id": _content_type(context, level)},
        }
        of = known.resources[SERVICE]
        return await write.create(
            context, of, body | await arguments.body(context, of, values or [])
        )

    made = direct.run(work)
    direct.show_written(made, "Created the service", as_json=as_json, id_alone=id_alone)


def _content_type(context: Context, name: str) -> str:
    """The id of a content type that can be a level. Raises `SettingsError`."""
    registry = context.store.registry
    agents = registry.resources["accounts.integrationuseragent"]
    levels = [kind for step in agents.reach for kind in getattr(step, "kinds", ())]
    known = {kind: pk for pk, kind in registry.content_types.items() if kind in levels}
    if name not in known:
        meant = nearest(name, known)
        hint = f" Did you mean {meant}?" if meant else ""
        raise SettingsError(f"--level: There is no level {name!r}.{hint} One of {_list(known)}.")
    return known[name]


def _list(names: Any) -> str:
    return ", ".join(sorted(names))


@services.command("list")
def list_services(parameters: ListParameters = None, as_json: Json = False) -> None:
    """List the services."""
    items.show_list(SERVICE, parameters or [], None, as_json=as_json)


@services.command("show")
def show_service(service: Service, as_json: Json = False) -> None:
    """Show a service."""
    direct.show_found(find_service, service, as_json=as_json)


async def find_service(context: Context, text: str) -> Item:
    """The service with this id or name. Raises `SettingsError`."""
    of = context.store.registry.resources[SERVICE]
    return await arguments.item(context, of, text)
