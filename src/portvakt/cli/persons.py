"""`portvakt person`: what a person may ask for, answered from the command line."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from portvakt import private_files
from portvakt.access.credentials import Keys
from portvakt.api import disclosures
from portvakt.cli import arguments, direct
from portvakt.cli.items import Json
from portvakt.errors import SettingsError
from portvakt.operations.consent import decisions
from portvakt.operations.context import Context
from portvakt.operations.persons import disclose
from portvakt.operations.persons import erase as erasing
from portvakt.schema.resource import Resource

Item = dict[str, Any]

app = typer.Typer(
    no_args_is_help=True,
    help="What a person may ask for: to be told what is held, and to be erased.",
    epilog=(
        'Examples: portvakt person export tenant T-1042 --customer "Example Homes" --html x.html; '
        'portvakt person erase tenant T-1042 --customer "Example Homes"'
    ),
)

Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="tenant, sub_tenant or organization_user; or the resource, such as accounts.tenant.",
    ),
]
PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="The id or custom_id.")]
Customer = Annotated[str, typer.Option(help="The customer's id or name.")]


@app.command()
def export(
    kind: Kind,
    which: PersonArgument,
    customer: Customer,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write JSON to this file; left out: print it.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to read to this file.")
    ] = None,
) -> None:
    """Tell everything that is held about a person, and what is decided about them."""
    forms = [(json, disclosures.write_json)] if json or not html else []
    forms += [(html, disclosures.write_page)] if html else []

    async def work(context: Context, _: Keys) -> None:
        inside, resource = await _of(context, kind, customer)
        pk = (await arguments.item(inside, resource, which))["id"]
        for file, write in forms:
            async with disclose.disclose(inside, resource, pk) as found:
                await _write(file, write(found.chunks))

    direct.run(work)
    for file, _ in forms:
        if file is not None:
            typer.echo(f"Written: {file}.")


async def _write(file: Path | None, parts: AsyncIterator[bytes]) -> None:
    """Write a document to a file, which only its owner can read, or to standard output."""
    try:
        with _opened(file) as out:
            async for part in parts:
                out.write(part)
            out.flush()
    except OSError as error:
        raise SettingsError(f"Can't write {file}: {error.strerror}.") from None


@contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.write(b"\n")
        return
    with private_files.rewrite(file) as out:
        yield out


@app.command()
def erase(
    kind: Kind,
    which: PersonArgument,
    customer: Customer,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: it can't be undone.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person for good; answers, decisions and the ledger stay as evidence."""

    async def look(context: Context, _: Keys) -> str:
        inside, resource = await _of(context, kind, customer)
        return str((await arguments.item(inside, resource, which))["id"])

    pk = direct.run(look)
    if not yes:
        typer.confirm(f"Erase the {kind} {pk} for good?", abort=True)

    async def work(context: Context, _: Keys) -> Item:
        inside, resource = await _of(context, kind, customer)
        return await erasing.erase(inside, resource, pk)

    told = direct.run(work)
    if as_json:
        direct.show_json(told)
    elif told["outcome"] == "unchanged":
        typer.echo(f"{pk} was erased already, at {told['erased_at']}. Nothing was left.")
    else:
        typer.echo(f"Erased {pk}.")
        for name, number in told["removed"].items():
            typer.echo(f"Deleted with it: {number} of {name}.")


async def _of(context: Context, kind: str, customer: str) -> tuple[Context, Resource]:
    """The surroundings of work on a customer's data, and the resource of a kind of person.

    The kind may be said by the resource's name.

    Raises `SettingsError`.
    """
    kinds = decisions.persons(context)
    found = arguments.among(kinds.values(), kind)
    if found is None:
        raise SettingsError(f"There is no kind of person {kind!r}: {', '.join(kinds)}.")
    return await direct.of_customer(context, customer), found
