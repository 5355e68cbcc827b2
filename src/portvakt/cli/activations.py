"""`portvakt activation`: which version of a service a customer has let in, and on what."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.access.headers import NAMING, render_headers
from portvakt.cli import arguments, direct, items
from portvakt.cli.items import IdAlone, Json, ListParameters, Values
from portvakt.cli.services import SERVICE
from portvakt.cli.versions import Version, find_version
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.writing import write

Item = dict[str, Any]

ACTIVATION = "accounts.integrationuseragent"
COLUMNS = (
    "id,custom_id,is_active,service_version_id,activation_content_type,activation_object_id"
    ",category"
)

app = typer.Typer(
    no_args_is_help=True,
    help="Versions that customers have let in, each on one object.",
    epilog=(
        'Example: portvakt activation create Sync:1 N --customer "Example Homes"; then '
        'portvakt credential issue ID --customer "Example Homes"'
    ),
)

Customer = Annotated[str, typer.Option(help="The customer's id or name.")]
ActivationArgument = Annotated[
    str, typer.Argument(metavar="ACTIVATION", help="Its id or custom_id.")
]


@app.command("create")
def create(
    version: Version,
    on: Annotated[
        str,
        typer.Argument(metavar="OBJECT", help="What it is activated on: an id, custom_id or name."),
    ],
    customer: Customer,
    values: Values = None,
    as_json: Json = False,
    id_alone: IdAlone = False,
) -> None:
    """Activate a published version on an object, whose kind is the service's level."""

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        body = await _of_version(inside, version)
        level = inside.store.registry.resource_of(body["activation_content_type"]["id"])
        if level is None:
            raise SettingsError("The service's level is of a kind that is not held here.")
        found = await arguments.item(inside, level, on)
        of = inside.store.registry.resources[ACTIVATION]
        body |= {"activation_object_id": found["id"], "clashing_priority": 0}
        return await write.create(inside, of, body | await arguments.body(inside, of, values or []))

    made = direct.run(work)
    direct.show_written(made, "Created the activation", as_json=as_json, id_alone=id_alone)


async def _of_version(context: Context, text: str) -> Item:
    """What an activation takes from its version and service."""
    version = await find_version(context, text)
    services = context.store.registry.resources[SERVICE]
    service = await arguments.item(context, services, version["service"]["id"])
    return {
        "application_id": service["application"]["id"],
        "service_id": service["id"],
        "service_version_id": version["id"],
        "activation_content_type": service["level"],
    }


@app.command("list")
def list_activations(
    customer: Customer, parameters: ListParameters = None, as_json: Json = False
) -> None:
    """List a customer's activations."""
    items.show_list(ACTIVATION, parameters or [], customer, columns=COLUMNS, as_json=as_json)


@app.command("show")
def show(activation: ActivationArgument, customer: Customer, as_json: Json = False) -> None:
    """Show an activation, with the rights that its version gives it."""
    items.show_one(ACTIVATION, activation, customer, as_json=as_json)


@app.command("suspend")
def suspend(activation: ActivationArgument, customer: Customer, as_json: Json = False) -> None:
    """Suspend an activation: from its next request on it is refused. Nothing is lost."""
    _change(activation, customer, {"is_active": False}, "Suspended", as_json=as_json)


@app.command("resume")
def resume(activation: ActivationArgument, customer: Customer, as_json: Json = False) -> None:
    """Let a suspended activation go on, with the credentials that it had."""
    _change(activation, customer, {"is_active": True}, "Resumed", as_json=as_json)


def _change(activation: str, customer: str, body: Item, did: str, *, as_json: bool) -> None:
    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        of = inside.store.registry.resources[ACTIVATION]
        found = await arguments.item(inside, of, activation)
        return await write.update(inside, of, found["id"], body)

    direct.show_written(direct.run(work), did, as_json=as_json)


@app.command("change")
def change_version(
    activation: ActivationArgument, version: Version, customer: Customer, as_json: Json = False
) -> None:
    """Move an activation to another published version of its service; its secrets stay."""

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        of = inside.store.registry.resources[ACTIVATION]
        found = await arguments.item(inside, of, activation)
        body = {"service_version_id": (await find_version(inside, version))["id"]}
        return await write.update(inside, of, found["id"], body)

    direct.show_written(direct.run(work), f"Changed to {version}:", as_json=as_json)


@app.command("headers")
def headers(activation: ActivationArgument, customer: Customer, as_json: Json = False) -> None:
    """Print the six headers that name an activation; the seventh is its secret."""

    async def work(context: Context, _: Keys) -> dict[str, str]:
        inside = await direct.of_customer(context, customer)
        of = inside.store.registry.resources[ACTIVATION]
        return naming_headers(inside, await arguments.item(inside, of, activation))

    found = direct.run(work)
    if as_json:
        direct.show_json(found)
        return
    for name, value in found.items():
        typer.echo(f"{name}: {value}")


def naming_headers(context: Context, activation: Item) -> dict[str, str]:
    """The six headers that name an activation. Raises `SettingsError` for one on no object."""
    level = activation["activation_content_type"]
    if level is None:
        raise SettingsError("The activation is on no object: give it one first.")
    values = {
        "customer": context.caller.customer,
        "application": activation["application_id"],
        "service": activation["service_id"],
        "service_version": activation["service_version_id"],
        "content_type": context.store.registry.content_types[level["id"]],
        "object": activation["activation_object_id"],
    }
    return render_headers(values, NAMING)
