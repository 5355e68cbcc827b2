"""`portvakt administrator`: the people who act for a whole customer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.cli import arguments, direct, items
from portvakt.cli.activations import Customer
from portvakt.cli.arguments import ask_password
from portvakt.cli.items import Json, ListParameters
from portvakt.operations.accounts import logins
from portvakt.operations.context import Context
from portvakt.operations.writing import write

Item = dict[str, Any]

ADMINISTRATOR = "platform.administrator"
USER = "accounts.organizationuser"

app = typer.Typer(
    no_args_is_help=True,
    help="The people who act for a whole customer; they log in with a password.",
    epilog='Example: portvakt administrator create anna@example.com --customer "Example Homes"',
)

Email = Annotated[str, typer.Argument(help="The e-mail address with which they log in.")]
AdministratorArgument = Annotated[
    str, typer.Argument(metavar="ADMINISTRATOR", help="Its id or e-mail address.")
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("create")
def create(
    email: Email,
    customer: Customer,
    user: Annotated[
        str | None,
        typer.Option(help="The organization user they are, by id or custom_id; else one is made."),
    ] = None,
    first_name: Annotated[
        str, typer.Option(help="The name of an organization user that is made.")
    ] = "",
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Create an administrator, who can log in at once."""
    password = ask_password(stdin=password_stdin)

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        async with write.together(inside) as all_or_none:
            made = await _create(all_or_none, email, user, first_name or email)
            pk = made["id"]
            return await logins.set_password(all_or_none, Passwords(), pk, password=password)

    direct.show_written(direct.run(work), f"Created the administrator {email}:", as_json=as_json)


async def _create(context: Context, email: str, user: str | None, first_name: str) -> Item:
    """The administrator, and an organization user unless there is one."""
    known = context.store.registry.resources
    if user is None:
        body: Item = {"first_name": first_name, "email": email, "detail_access": 2}
        person = await write.create(context, known[USER], body)
    else:
        person = await arguments.item(context, known[USER], user)
    body = {"organization_user": {"id": person["id"]}, "email": email}
    return await write.create(context, known[ADMINISTRATOR], body)


@app.command("list")
def list_administrators(
    customer: Customer, parameters: ListParameters = None, as_json: Json = False
) -> None:
    """List a customer's administrators."""
    items.show_list(ADMINISTRATOR, parameters or [], customer, as_json=as_json)


@app.command("password")
def set_password(
    administrator: AdministratorArgument,
    customer: Customer,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Set a new password; whatever tokens the administrator has end now."""
    password = ask_password(stdin=password_stdin)

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        of = inside.store.registry.resources[ADMINISTRATOR]
        found = await arguments.item(inside, of, administrator)
        return await logins.set_password(inside, Passwords(), found["id"], password=password)

    direct.show_written(direct.run(work), "Set the password of", as_json=as_json)
