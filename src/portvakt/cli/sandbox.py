"""`portvakt sandbox`: the server, seeded with sample data, ready to be tried.

It is the server of `serve` with its rules; only its data, its key and its secrets are made here.
They are kept in a file beside the database's (`var/`), so that the same headers go on working.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import typer
from pydantic import SecretStr

from portvakt import resources
from portvakt.access import credentials as secret_rules
from portvakt.access.authentication import HEADERS
from portvakt.app import clock
from portvakt.cli import sample_data, server
from portvakt.errors import SettingsError
from portvakt.settings import Settings, read_settings
from portvakt.storage import schema_version
from portvakt.storage.database import open_database
from portvakt.storage.store import Store

KEPT = Path("var/sandbox.json")
"""Where the sandbox keeps its key and secrets; only its user may read it."""


class Kept(msgspec.Struct):
    """What is kept from one start to the next: the hashing keys, and secrets by activation."""

    keys: str
    secrets: dict[str, str] = {}


def run(*, port: int, database: str, credentials: Path | None, reset: bool) -> None:
    """Prepare the database, start the server, and print how to call it.

    Raises `SettingsError`, `DatabaseUnavailable`.
    """
    kept = _read_kept()
    settings = read_settings().model_copy(
        update={
            "database": database,
            "port": port,
            "workers": 1,
            "credential_keys": SecretStr(kept.keys),
            "log_level": os.environ.get("PORTVAKT_LOG_LEVEL", "warning"),
            "log_format": os.environ.get("PORTVAKT_LOG_FORMAT", "text"),
        }
    )
    with server.listen(settings) as sock:
        base_url = f"http://{settings.host}:{sock.getsockname()[1]}"
        customers = asyncio.run(_prepare(settings, kept, reset=reset))
        if credentials is not None:
            _write_private(credentials, _dump({"base_url": base_url, "customers": customers}))
        typer.echo(_instructions(base_url, customers[0]))
        server.run(settings, sock)
    typer.echo("Stopped. The data stays; `portvakt sandbox` goes on with it.")


def _read_kept() -> Kept:
    """The key and secrets of earlier starts, or a new key."""
    if not KEPT.exists():
        return Kept(f"1:{secret_rules.new_key()}")
    try:
        return msgspec.json.decode(KEPT.read_bytes(), type=Kept)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{KEPT} is damaged ({error}). Delete it.") from None


def _write_private(path: Path, text: bytes) -> None:
    """Write a file that only its user may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)


def _dump(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
