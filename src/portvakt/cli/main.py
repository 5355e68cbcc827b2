"""The commands of `portvakt`. Each says what it does in `--help`, and what to do when it can't."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from portvakt import __version__
from portvakt.cli import (
    activations,
    administrators,
    applications,
    credentials,
    customers,
    items,
    ledger,
    operators,
    persons,
    receipts,
    services,
    versions,
)
from portvakt.cli import imports as importing
from portvakt.errors import DatabaseUnavailable, PortvaktError, Problem, SettingsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Portvakt decides which integration may see which person's personal information.",
)
app.add_typer(operators.operators, name="operator")
app.add_typer(customers.customers, name="customer")
app.add_typer(administrators.app, name="administrator")
app.add_typer(applications.applications, name="application")
app.add_typer(services.services, name="service")
app.add_typer(versions.versions, name="version")
app.add_typer(activations.app, name="activation")
app.add_typer(credentials.app, name="credential")
app.add_typer(persons.app, name="person")
app.add_typer(receipts.app, name="receipt")
app.add_typer(ledger.app, name="ledger")
app.add_typer(items.app, name="item")
app.command("import", epilog=importing.EPILOG)(importing.import_file)


def main() -> None:
    """Run the command line; a known error becomes one clear message and exit status 1."""
    try:
        app()
    except DatabaseUnavailable as error:
        sentence = error.cause.sentence
        sys.exit(f"portvakt: {sentence[0].lower()}{sentence[1:-1]}: {error}")
    except Problem as problem:
        faults = [f"  {fault.where or '/'}: {fault.detail}" for fault in problem.faults]
        sys.exit("\n".join([f"portvakt: {problem.detail}", *faults]))
    except PortvaktError as error:
        sys.exit(f"portvakt: {error}")


@app.callback(invoke_without_command=True)
def common(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Options before the command."""
    if version:
        typer.echo(f"portvakt {__version__}")
        raise typer.Exit


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    database: Annotated[
        str,
        typer.Option(help="sqlite:///relative.db, sqlite:////absolute.db or postgresql://..."),
    ] = "sqlite:///var/sandbox.db",
    credentials: Annotated[
        Path | None, typer.Option(help="Also write base URL, headers and ids to this JSON file.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Begin with fresh sample data.")] = False,
) -> None:
    """Start a server with sample data, ready to be tried. Ctrl-C ends it; the data stays."""
    from portvakt.sandbox import start as command

    command.run(port=port, database=database, credentials=credentials, reset=reset)


@app.command()
def serve() -> None:
    """Start the server with the settings of the environment (see `portvakt settings`)."""
    from portvakt.server import processes
    from portvakt.settings import read_settings

    processes.serve(read_settings())


@app.command()
def migrate(
    search_indexes: Annotated[
        bool,
        typer.Option(
            "--search-indexes",
            help="Also make the indexes that find parts of texts, which all customers share.",
        ),
    ] = False,
    citus: Annotated[
        bool,
        typer.Option("--citus", help="Also distribute the tables over the nodes of Citus."),
    ] = False,
) -> None:
    """Bring the database's tables up to date with this version."""
    from portvakt import resources
    from portvakt.app import clock
    from portvakt.settings import read_settings
    from portvakt.storage.migrations.distribution import check, distribute
    from portvakt.storage.migrations.migrate import prepare
    from portvakt.storage.migrations.trigram_indexes import make_indexes

    url, registry = read_settings().database, resources.load()
    if citus:
        asyncio.run(check(url))
    for revision in asyncio.run(prepare(url, registry, clock())):
        typer.echo(f"applied {revision}")
    for line in asyncio.run(distribute(url, registry)) if citus else ():
        typer.echo(line)
    for line in asyncio.run(make_indexes(url, registry)) if search_indexes else ():
        typer.echo(line)
    typer.echo("The database is up to date.")


@app.command()
def settings() -> None:
    """List every setting: its variable, its value now, and what it does."""
    from portvakt.cli.settings import show

    show()


@app.command()
def key() -> None:
    """Make a key for PORTVAKT_CREDENTIAL_KEYS or PORTVAKT_SEALING_KEY."""
    from portvakt.access.credentials import new_key

    typer.echo(new_key())


@app.command()
def openapi(
    application: Annotated[str, typer.Argument(help="Such as: integrations")] = "integrations",
    profile: Annotated[
        Literal["reference", "client"],
        typer.Option(help="All that can be asked for, or what generators of clients can use."),
    ] = "reference",
    version: Annotated[
        Literal["3.1", "3.0"], typer.Option("--openapi", help="The version of OpenAPI.")
    ] = "3.1",
) -> None:
    """Print the OpenAPI document of an application."""
    from portvakt import resources
    from portvakt.api.documents.openapi import Form, document, render
    from portvakt.api.limits import limits
    from portvakt.settings import read_settings

    registry = resources.load()
    known = sorted({resource.application for resource in registry.offered})
    if application not in known:
        raise SettingsError(f"There is no application {application!r}. Known: {', '.join(known)}.")
    form = Form(profile, version, limits(read_settings()))
    typer.echo(render(document(registry, application, form)), nl=False)


generate = typer.Typer(
    help="Write what is made from the declarations (for work on Portvakt itself)."
)
app.add_typer(generate, name="generate")


@generate.callback(invoke_without_command=True)
def generate_files(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is not fresh.")
    ] = False,
) -> None:
    """Write the documents and examples that are made from the declarations."""
    if context.invoked_subcommand is None:
        from portvakt.cli.generate import generate_files

        generate_files(check=check)


@generate.command("step")
def generate_step(
    name: Annotated[str, typer.Argument(help="What it is about, such as: tags")],
) -> None:
    """Draft the step of the schema's history from what the last one makes to what is declared."""
    from portvakt.cli.generate_steps import write_step

    write_step(name)


@generate.command("first-step")
def generate_first_step() -> None:
    """Write the first step anew, which can be done until it is released."""
    from portvakt.cli.generate_steps import write_first_step

    write_first_step()
