"""`portvakt operator` and `portvakt customer`: who may use the installation."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.access.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from portvakt.cli import direct
from portvakt.errors import SettingsError
from portvakt.operations import people, write
from portvakt.operations.context import Context
from portvakt.schema.query import Filter

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Item = dict[str, Any]

operators = typer.Typer(no_args_is_help=True, help="The people who run the installation.")
customers = typer.Typer(no_args_is_help=True, help="The property companies and their people.")


@operators.command("create")
def create_operator(
    name: Annotated[str, typer.Argument(help="The operator's name.")],
    email: Annotated[str, typer.Argument(help="The operator's e-mail address.")],
    as_json: Json = False,
) -> None:
    """Create an operator and print a token for the API. The token is shown this once."""

    async def work(context: Context, keys: Keys) -> Item:
        resource = context.store.registry.resources["platform.operator"]
        item = await write.create(context, resource, {"name": name, "email": email})
        return {**item, "token": await people.issue_token(context, keys, item["id"], None)}

    _show_token(direct.run(work), as_json=as_json)


@operators.command("token")
def issue_token(
    email: Annotated[str, typer.Argument(help="The operator's e-mail address.")],
    as_json: Json = False,
) -> None:
    """Print another token for an operator; two may be live at once."""

    async def work(context: Context, keys: Keys) -> Item:
        operator = await _operator(context, email)
        token = await people.issue_token(context, keys, operator["id"], None)
        return {**operator, "token": token}

    _show_token(direct.run(work), as_json=as_json)


@operators.command("revoke")
def revoke_tokens(
    email: Annotated[str, typer.Argument(help="The operator's e-mail address.")],
) -> None:
    """End all tokens of an operator now: the next request with one is refused."""

    async def work(context: Context, _: Keys) -> int:
        operator = await _operator(context, email)
        named = Filter("operator", "", False, operator["id"])
        tokens = await direct.everything(context, "platform.token", named)
        live = [token["id"] for token in tokens if token["revoked_at"] is None]
        for pk in live:
            await people.revoke_token(context, pk)
        return len(live)

    typer.echo(f"Revoked {direct.run(work)} of the operator's tokens.")


async def _operator(context: Context, email: str) -> Item:
    """The operator with this e-mail address. Raises `SettingsError`."""
    named = Filter("email", "", False, email)
    found = await direct.everything(context, "platform.operator", named)
    if not found:
        hint = "`portvakt operator list` shows those there are."
        raise SettingsError(f"There is no operator with the e-mail address {email}. {hint}")
    return found[0]


def _show_token(item: Item, *, as_json: bool) -> None:
    if as_json:
        direct.show_json(item)
        return
    typer.echo(f"Operator {item['name']} ({item['id']}).")
    typer.echo("The token is shown this once. Send it as `Authorization: Bearer ...`:")
    typer.echo(item["token"])


@operators.command("list")
def list_operators(as_json: Json = False) -> None:
    """List the operators."""

    async def work(context: Context, _: Keys) -> list[Item]:
        return await direct.everything(context, "platform.operator")

    columns = ("id", "name", "email", "is_active")
    direct.show(direct.run(work), columns, as_json=as_json)


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


def ask_password(*, stdin: bool) -> str:
    """The password, asked for twice or read. Raises `SettingsError` if it is too short or long."""
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise SettingsError(f"The password needs {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return password


async def _create(context: Context, name: str, email: str, user: str, password: str) -> Item:
    """The customer, an organization user and the administrator; all of them or none."""
    known = context.store.registry.resources
    async with write.together(context) as whole:
        customer = await write.create(whole, known["platform.customer"], {"name": name})
        inside = replace(whole, scope=replace(whole.scope, customer=customer["id"]))
        body: Item = {"first_name": user, "email": email, "detail_access": 2}
        person = await write.create(inside, known["accounts.organizationuser"], body)
        body = {"organization_user": {"id": person["id"]}, "email": email}
        administrator = await write.create(inside, known["platform.administrator"], body)
        await people.set_password(inside, Passwords(), administrator["id"], password=password)
    return {"customer": customer, "organization_user": person, "administrator": administrator}
