"""`portvakt credential`: the secrets of integrations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from portvakt.access.authentication import HEADERS
from portvakt.access.credentials import Keys
from portvakt.access.tokens import is_live
from portvakt.cli import arguments, direct
from portvakt.cli.activations import ACTIVATION, Customer, naming_headers
from portvakt.errors import SettingsError
from portvakt.operations.accounts import credentials
from portvakt.operations.context import Context
from portvakt.schema.fields import Time
from portvakt.schema.query import Filter
from portvakt.schema.values import InvalidValue, is_uuid

Item = dict[str, Any]

app = typer.Typer(no_args_is_help=True, help="The secrets of integrations.")

Integration = Annotated[
    str, typer.Argument(help="The integration (its activation): its id or custom_id.")
]
Credential = Annotated[
    str, typer.Argument(help="Its id; or its integration's custom_id, if that has only one live.")
]
Expires = Annotated[
    str | None, typer.Option(help="When it ends, such as 2027-01-31T12:00:00Z; left out: never.")
]
Headers = Annotated[
    bool, typer.Option("--headers", help="Print the seven headers, as curl -H @FILE reads them.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

COLUMNS = ("id", "integration", "created_at", "expires_at", "revoked_at", "last_used_at")


@app.command()
def issue(
    integration: Integration,
    customer: Customer,
    expires_at: Expires = None,
    headers: Headers = False,
    as_json: Json = False,
) -> None:
    """Issue a credential and print its secret, this once. Two may be live at once."""

    async def work(context: Context, keys: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        end = _time(expires_at)
        agents = context.store.registry.resources[ACTIVATION]
        pk = (await arguments.item(inside, agents, integration))["id"]
        made = await credentials.issue(inside, keys, integration=pk, expires_at=end)
        return await _with_headers(inside, made) if headers else made

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
        if integration is None:
            return await direct.everything(inside, "platform.credential")
        agents = context.store.registry.resources[ACTIVATION]
        pk = (await arguments.item(inside, agents, integration))["id"]
        named = Filter("integration", "", False, pk)
        return await direct.everything(inside, "platform.credential", named)

    direct.show(direct.run(work), COLUMNS, as_json=as_json)


@app.command()
def rotate(
    credential: Credential,
    customer: Customer,
    overlap: Annotated[
        int, typer.Option(min=0, max=30 * 86_400, help="Seconds for which the old one still works.")
    ] = 86_400,
    expires_at: Expires = None,
    headers: Headers = False,
    as_json: Json = False,
) -> None:
    """Issue a credential in place of another one, and print its secret, this once."""

    async def work(context: Context, keys: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        pk, end = await _find(inside, credential), _time(expires_at)
        made = await credentials.rotate(inside, keys, pk, overlap=overlap, expires_at=end)
        return await _with_headers(inside, made) if headers else made

    _show_secret(direct.run(work), as_json=as_json)


@app.command()
def revoke(credential: Credential, customer: Customer, as_json: Json = False) -> None:
    """End a credential now: the next request with it is refused."""

    async def work(context: Context, _: Keys) -> Item:
        inside = await direct.of_customer(context, customer)
        return await credentials.revoke(inside, await _find(inside, credential))

    item = direct.run(work)
    if as_json:
        direct.show_json(item)
    else:
        typer.echo(f"Revoked {item['id']} at {item['revoked_at']}.")


async def _with_headers(context: Context, made: Item) -> Item:
    """The new credential, with the seven headers of its activation."""
    agents = context.store.registry.resources[ACTIVATION]
    activation = await arguments.item(context, agents, made["integration"]["id"])
    headers = {**naming_headers(context, activation), HEADERS["secret"]: made["secret"]}
    return {**made, "headers": headers}


def _show_secret(item: Item, *, as_json: bool) -> None:
    if as_json:
        direct.show_json(item)
        return
    if "headers" in item:
        typer.echo("\n".join(f"{name}: {value}" for name, value in item["headers"].items()))
        return
    typer.echo(f"Credential {item['id']} of integration {item['integration']['id']}.")
    typer.echo("The secret is shown this once. Send it as X-PIGELLO-CLIENT-SECRET:")
    typer.echo(item["secret"])


async def _find(context: Context, text: str) -> str:
    """The id of a credential; of the one that is live, if an integration is named.

    Raises `SettingsError`.
    """
    if is_uuid(text):
        return text.lower()
    agents = context.store.registry.resources[ACTIVATION]
    pk = (await arguments.item(context, agents, text))["id"]
    named = Filter("integration", "", False, pk)
    found = await direct.everything(context, "platform.credential", named)
    live = [item["id"] for item in found if is_live(item, context.now)]
    if len(live) != 1:
        number = f"{len(live)} live credentials: name one by its id" if live else "no live one"
        hint = f"`portvakt credential list --integration {text} ...` shows them."
        raise SettingsError(f"The integration {text!r} has {number}. {hint}")
    return str(live[0])


def _time(text: str | None) -> str | None:
    """A clean time. Raises `SettingsError`."""
    try:
        return None if text is None else Time("expires_at").parse(text)
    except InvalidValue as wrong:
        raise SettingsError(f"--expires-at: {wrong.detail}") from None
