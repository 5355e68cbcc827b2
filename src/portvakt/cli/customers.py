"""`portvakt customer`: the property companies, each with its first administrator."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.cli import direct
from portvakt.cli.arguments import ask_password
from portvakt.operations.accounts import logins
from portvakt.operations.context import Context
from portvakt.operations.writing import write

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Item = dict[str, Any]
customers = typer.Typer(no_args_is_help=True, help="The property companies and their people.")


@customers.command("list")
def list_customers(as_json: Json = False) -> None:
    """List the customers."""

    async def work(context: Context, _: Keys) -> list[Item]:
        return await direct.everything(context, "platform.customer")

    direct.show(direct.run(work), ("id", "name", "is_active", "created_at"), as_json=as_json)


@customers.command("create")
def create_customer(
    name: Annotated[str, typer.Argument(help="The customer's name.")],
    administrator_email: Annotated[
        str, typer.Option(help="The e-mail address with which its administrator logs in.")
    ],
    administrator_name: Annotated[
        str, typer.Option(help="The administrator's first name; left out: the e-mail address.")
    ] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create a customer with an administrator, who can log in at once."""
    password = ask_password(stdin=password_stdin)

    async def work(context: Context, _: Keys) -> Item:
        user = administrator_name or administrator_email
        return await _create(context, name, administrator_email, user, password)

    made = direct.run(work)
    if as_json:
        direct.show_json(made)
        return
    typer.echo(f"Customer {name} ({made['customer']['id']}).")
    typer.echo(f"Administrator {administrator_email} ({made['administrator']['id']}).")


async def _create(context: Context, name: str, email: str, user: str, password: str) -> Item:
    """The customer, an organization user and the administrator; all of them or none."""
    known = context.store.registry.resources
    async with write.together(context) as whole:
        customer = await write.create(whole, known["platform.customer"], {"name": name})
        inside = replace(whole, caller=replace(whole.caller, customer=customer["id"]))
        body: Item = {"first_name": user, "email": email, "detail_access": 2}
        person = await write.create(inside, known["accounts.organizationuser"], body)
        body = {"organization_user": {"id": person["id"]}, "email": email}
        administrator = await write.create(inside, known["platform.administrator"], body)
        await logins.set_password(inside, Passwords(), administrator["id"], password=password)
    return {"customer": customer, "organization_user": person, "administrator": administrator}
