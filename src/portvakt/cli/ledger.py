"""`portvakt ledger`: the evidence of every write, to keep, to hand out and to verify."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import direct
from portvakt.errors import SettingsError
from portvakt.ledger import chain, verify
from portvakt.ledger.chain import Signer, read_signer
from portvakt.operations.context import Context
from portvakt.settings import read_settings
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The evidence of every write.")

Customer = Annotated[str, typer.Option(help="The customer's id or name.")]
Platform = Annotated[bool, typer.Option("--platform", help="What belongs to the platform itself.")]


@app.command()
def export(customer: Customer = "", platform: Platform = False) -> None:
    """Write a customer's ledger to standard output: one event a line, the signed head last."""

    async def work(context: Context, connection: Connection, whose: str) -> None:
        lines = verify.export(context.store, connection, _signer(), whose, context.now)
        async for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    _run(customer, platform=platform, work=work)


@app.command()
def checkpoint(customer: Customer = "", platform: Platform = False) -> None:
    """Print the signed head of a customer's ledger, to be kept elsewhere."""

    async def work(context: Context, connection: Connection, whose: str) -> bytes:
        signer = _signer()
        head = await verify.stored_head(context.store, connection, signer, whose, context.now)
        return chain.canonical(head or {})

    typer.echo(_run(customer, platform=platform, work=work))


@app.command("verify")
def verify_ledger(
    file: Annotated[
        Path | None, typer.Argument(help="An export; left out: the database itself.")
    ] = None,
    kept: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="A checkpoint that was kept.")
    ] = None,
    keys: Annotated[
        list[str] | None, typer.Option("--public-key", help="A key that may have signed.")
    ] = None,
    customer: Customer = "",
    platform: Platform = False,
) -> None:
    """Verify an export, which needs no database, or the ledger in the database.

    Without a checkpoint that was kept elsewhere nobody can tell whether the last events were cut
    off by someone who has the key.
    """
    checkpoints = [verify.read_checkpoint(_read(path)) for path in kept or ()]
    if file is None:
        _verify_database(customer, checkpoints, keys or [], platform=platform)
        return
    try:
        with file.open("rb") as lines:
            head = verify.check_export(lines, checkpoints, keys or [])
    except OSError as error:
        raise SettingsError(f"Can't read {file}: {error.strerror}.") from None
    _tell(head["customer"], head["position"])
    tell_key(head["key"], f" at {head['at']}", believed=bool(keys or checkpoints))


def tell_key(key: str, when: str = "", *, believed: bool) -> None:
    """Say by which key something was signed, and if that has still to be looked at."""
    typer.echo(f"Signed{when} by the key {key}.")
    if not believed:
        typer.echo(
            "Anybody can sign with a key of their own: compare it with the one that you know, "
            "or name that by --public-key.",
            err=True,
        )


def _verify_database(
    customer: str, checkpoints: list[dict[str, Any]], keys: list[str], *, platform: bool
) -> None:
    async def one(context: Context, connection: Connection, whose: str) -> None:
        signer = read_signer(read_settings().sealing_key.get_secret_value())
        known = [head for head in checkpoints if head["customer"] == whose]
        found = await verify.check_database(context.store, connection, whose, signer, known, keys)
        _tell(whose, found.position)

    async def everyone(context: Context, _: Keys) -> None:
        async with context.store.database.snapshot() as connection:
            for whose in await context.store.seals.customers(connection):
                await one(context, connection, whose)

    if customer or platform:
        _run(customer, platform=platform, work=one)
    else:
        direct.run(everyone)


def _tell(whose: str, position: int) -> None:
    name = "the platform" if whose == PLATFORM else whose
    typer.echo(f"{name}: {position} events, whole and in order.")


def _run(
    customer: str,
    *,
    platform: bool,
    work: Callable[[Context, Connection, str], Awaitable[T]],
) -> T:
    """Do work on the chain of a customer or the platform, seen from one moment."""
    if bool(customer) == platform:
        raise SettingsError("Name a customer with --customer, or say --platform.")

    async def inside(context: Context, _: Keys) -> T:
        whose = PLATFORM
        if customer:
            whose = (await direct.of_customer(context, customer)).caller.customer
        async with context.store.database.snapshot() as connection:
            return await work(context, connection, whose)

    return direct.run(inside)


def _signer() -> Signer:
    signer = read_signer(read_settings().sealing_key.get_secret_value())
    if signer is None:
        raise SettingsError(
            "PORTVAKT_SEALING_KEY is not set: nothing can be signed without it. "
            "Make one with `portvakt key`, and give it to the server too."
        )
    return signer


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"Can't read {path}: {error.strerror}.") from None
