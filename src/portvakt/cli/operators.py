"""`portvakt operator`: the people who run the installation."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import direct
from portvakt.errors import SettingsError
from portvakt.operations.accounts import logins
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.schema.query import Filter

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Item = dict[str, Any]

operators = typer.Typer(no_args_is_help=True, help="The people who run the installation.")


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
        return {**item, "token": await logins.issue_token(context, keys, item["id"], None)}

    _show_token(direct.run(work), as_json=as_json)


@operators.command("token")
def issue_token(
    email: Annotated[str, typer.Argument(help="The operator's e-mail address.")],
    as_json: Json = False,
) -> None:
    """Print another token for an operator; two may be live at once."""

    async def work(context: Context, keys: Keys) -> Item:
        operator = await _operator(context, email)
        token = await logins.issue_token(context, keys, operator["id"], None)
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
            await logins.revoke_token(context, pk)
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
