"""`portvakt credential`: the secrets of integrations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import direct
from portvakt.errors import SettingsError
from portvakt.operations import credentials
from portvakt.operations.context import Context
from portvakt.schema.fields import Time
from portvakt.schema.query import Filter
from portvakt.schema.values import Wrong, is_uuid

Item = dict[str, Any]

app = typer.Typer(no_args_is_help=True, help="The secrets of integrations.")

Customer = Annotated[str, typer.Option(help="The customer's id or name.")]
Integration = Annotated[str, typer.Argument(help="The id of the integration (its activation).")]
Credential = Annotated[str, typer.Argument(help="The credential's id.")]
Expires = Annotated[
    str | None, typer.Option(help="When it ends, such as 2027-01-31T12:00:00Z; left out: never.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

COLUMNS = ("id", "integration", "created_at", "expires_at", "revoked_at", "last_used_at")


@app.command()
def issue(
    integration: Integration, customer: Customer, expires_at: Expires = None, as_json: Json = False
) -> None:
    """Issue a credential and print its secret, this once. Two may be live at once."""

    async def work(context: Context, keys: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        pk, end = _id(integration), _time(expires_at)
        return await credentials.issue(inside, keys, integration=pk, expires_at=end)

    _show_secret(direct.run(work), as_json=as_json)


@app.command("list")
def list_credentials(
    customer: Customer,
    integration: Annotated[str | None, typer.Option(help="Only those of this integration.")] = None,
    as_json: Json = False,
) -> None:
    """List credentials: when each was used last, and when it ends. Secrets are not known."""

    async def work(context: Context, _: Keys) -> list[Item]:
        inside = await direct.of_customer(context, customer)
        named = [Filter("integration", "", False, _id(integration))] if integration else []
        return await direct.everything(inside, "platform.credential", *named)

    direct.show(direct.run(work), COLUMNS, as_json=as_json)


@app.command()
def rotate(
    credential: Credential,
    customer: Customer,
    overlap: Annotated[
        int, typer.Option(min=0, max=30 * 86_400, help="Seconds for which the old one still works.")
    ] = 86_400,
    expires_at: Expires = None,
    as_json: Json = False,
) -> None:
    """Issue a credential in place of another one, and print its secret, this once."""

    async def work(context: Context, keys: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        pk, end = _id(credential), _time(expires_at)
        return await credentials.rotate(inside, keys, pk, overlap=overlap, expires_at=end)

    _show_secret(direct.run(work), as_json=as_json)


@app.command()
def revoke(credential: Credential, customer: Customer, as_json: Json = False) -> None:
    """End a credential now: the next request with it is refused."""

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        return await credentials.revoke(inside, _id(credential))

    item = direct.run(work)
    if as_json:
        direct.show_json(item)
    else:
        typer.echo(f"Revoked {item['id']} at {item['revoked_at']}.")


def _show_secret(item: Item, *, as_json: bool) -> None:
    if as_json:
        direct.show_json(item)
        return
    typer.echo(f"Credential {item['id']} of integration {item['integration']['id']}.")
    typer.echo("The secret is shown this once. Send it as X-PIGELLO-CLIENT-SECRET:")
    typer.echo(item["secret"])


def _id(text: str) -> str:
    """A clean id. Raises `SettingsError`."""
    if not is_uuid(text):
        form = "01a20ac5-c7ff-70a0-9efb-39a790bb2d6a"
        raise SettingsError(f"{text!r} is no id. Ids look like {form}.")
    return text.lower()


def _time(text: str | None) -> str | None:
    """A clean time. Raises `SettingsError`."""
    try:
        return None if text is None else Time("expires_at").parse(text)
    except Wrong as wrong:
        raise SettingsError(f"--expires-at: {wrong.detail}") from None
