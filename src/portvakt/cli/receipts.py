"""`portvakt receipt`: is a receipt of consent what was signed?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portvakt.cli.ledger import tell_key
from portvakt.errors import SettingsError
from portvakt.ledger import receipt

app = typer.Typer(no_args_is_help=True, help="Receipts of persons' answers.")


@app.callback()
def _group() -> None:
    """Receipts of persons' answers."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The receipt, to the byte as it was handed out.")],
    keys: Annotated[
        list[str] | None, typer.Option("--public-key", help="A key that may have signed.")
    ] = None,
) -> None:
    """Verify a receipt; needs no database, no server and no secret."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"Can't read {file}: {error.strerror}.") from None
    found = receipt.check(text, keys or [])
    event = found["event"][0]
    typer.echo(f"{found['pii_principal_id']}: {event['event_state']} at {event['event_time']}.")
    tell_key(found["key"], believed=bool(keys))
