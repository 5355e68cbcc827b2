"""`portvakt generate step` and `first-step`: the steps of the schema's history."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import typer

from portvakt import resources
from portvakt.cli.generate import checkout, write_file
from portvakt.errors import SettingsError
from portvakt.storage.migrations.draft import draft
from portvakt.storage.migrations.first_step import NAME, first_step
from portvakt.storage.migrations.schema_version import history
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import tables_of

STEPS = Path("src", "portvakt", "storage", "migrations", "versions")
_RELEASE = re.compile(r"^## \[\d", re.MULTILINE)


def write_step(name: str) -> None:
    """Draft the next step.

    Raises `SettingsError` outside a checkout, for a name that no file can have, and where nothing
    differs.
    """
    folder = checkout() / STEPS
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise SettingsError(f"A step is named by small letters, digits and _, not {name!r}.")
    title = name.replace("_", " ").capitalize()
    text = asyncio.run(draft(tables_of(resources.load()), folder, title))
    if not text:
        raise SettingsError("The steps make what is declared: declare first what is to change.")
    _write(folder / f"{len(history(folder)) + 1:04}_{name}.py", text)
    typer.echo("Read it, and mend it where it says so.")


def write_first_step() -> None:
    """Write the first step anew.

    Raises `SettingsError` outside a checkout, and where the step was released or another follows.
    """
    root = checkout()
    folder = root / STEPS
    if set(history(folder)) - {NAME} or _RELEASE.search((root / "CHANGELOG.md").read_text()):
        raise SettingsError(
            "There are databases that have the first step already: `portvakt generate step NAME`"
            " drafts the next one."
        )
    for dialect in DIALECTS:
        _write(folder / f"{NAME}.{dialect}.sql", first_step(tables_of(resources.load()), dialect))


def _write(path: Path, text: str) -> None:
    write_file(path, text)
    typer.echo(f"written: {path.relative_to(Path.cwd())}")
