"""`portvakt application`: what vendors offer to customers, the containers of services."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import arguments, direct, items
from portvakt.cli.items import IdAlone, Json, ListParameters, Values
from portvakt.operations.context import Context
from portvakt.operations.writing import write

Item = dict[str, Any]

APPLICATION = "platform.application"

applications = typer.Typer(
    no_args_is_help=True,
    help="What a vendor offers: the containers of services.",
    epilog='Example: portvakt application create "Example Books" visibility=public',
)

Application = Annotated[str, typer.Argument(metavar="APPLICATION", help="Its id or name.")]


@applications.command("create")
def create_application(
    name: Annotated[str, typer.Argument(help="The application's name.")],
    values: Values = None,
    customers: Annotated[
        list[str] | None,
        typer.Option("--for", help="A customer that may activate it while it is private."),
    ] = None,
    as_json: Json = False,
    id_alone: IdAlone = False,
) -> None:
    """Register an application. It is a draft until visibility is private or public."""

    async def work(context: Context, _: Keys) -> Item:
        of = context.store.registry.resources[APPLICATION]
        known = context.store.registry.resources["platform.customer"]
        body: Item = {"name": name}
        if customers:
            named = [await arguments.item(context, known, one) for one in customers]
            body |= {"visibility": "private", "customers": [{"id": one["id"]} for one in named]}
        return await write.create(
            context, of, body | await arguments.body(context, of, values or [])
        )

    made = direct.run(work)
    direct.show_written(made, "Created the application", as_json=as_json, id_alone=id_alone)


@applications.command("list")
def list_applications(parameters: ListParameters = None, as_json: Json = False) -> None:
    """List the applications."""
    items.show_list(APPLICATION, parameters or [], None, as_json=as_json)


@applications.command("show")
def show_application(application: Application, as_json: Json = False) -> None:
    """Show an application."""
    items.show_one(APPLICATION, application, None, as_json=as_json)


@applications.command("update")
def update_application(
    application: Application, values: Values = None, as_json: Json = False
) -> None:
    """Change an application, such as visibility=public."""
    items.change(APPLICATION, application, values or [], None, as_json=as_json)
