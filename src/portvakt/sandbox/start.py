"""`portvakt sandbox`: the server, seeded with sample data, ready to be tried.

It is the server of `serve` with its rules; only its data, its key and its secrets are made here.
They are kept in a file beside the database's (`var/`), so that the same headers go on working.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import typer
from pydantic import SecretStr

from portvakt import private_files, resources
from portvakt.access import credentials as secret_rules
from portvakt.access.authentication import HEADERS
from portvakt.app import clock, new_id
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.sandbox import callers
from portvakt.sandbox.callers import StoredSecrets
from portvakt.sandbox.data import SampleCustomer, sample_data, seed
from portvakt.schema.caller import Caller
from portvakt.schema.operations import Operation
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.server import processes
from portvakt.settings import Settings, read_settings
from portvakt.storage.databases.interface import display_url
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.migrate import drop_everything, prepare
from portvakt.storage.migrations.schema_version import is_empty
from portvakt.storage.store import Store

SHOWN = "integrations.answeredintegrationpersonalinformationaccess"
"""The resource whose operations the printed lines call."""

KEPT = Path("var/sandbox.json")
"""Where the sandbox keeps its key and secrets; only its user may read it."""


CURL_HEADERS = KEPT.with_suffix(".headers")
"""The seven headers of the first customer, one a line: `curl -H @var/sandbox.headers ...`."""

OPERATOR_HEADERS = KEPT.with_name("operator.headers")
"""The file of the operator's headers for the first customer's data."""

ENVIRONMENT = KEPT.with_suffix(".env")
"""What a shell needs to call the sandbox (`$PORTVAKT`) and for commands to work on its data."""


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
            "sealing_key": SecretStr(kept.sealing),
            "cors_origins": os.environ.get("PORTVAKT_CORS_ORIGINS", "*"),
            "log_level": os.environ.get("PORTVAKT_LOG_LEVEL", "warning"),
            "log_format": os.environ.get("PORTVAKT_LOG_FORMAT", "text"),
        }
    )
    with processes.listen(settings) as sock:
        base_url = f"http://{settings.host}:{sock.getsockname()[1]}"
        typer.echo(f"Preparing {display_url(database)}: tables, two invented customers ...")
        customers, lines = asyncio.run(_prepare(settings, kept, base_url, reset=reset))
        if credentials is not None:
            told = {"base_url": base_url, "operator": kept.operator, "customers": customers}
            _write_private(credentials, _dump(told))
        _write_private(CURL_HEADERS, _header_lines(customers[0]["headers"]).encode())
        as_operator = {
            "Authorization": f"Bearer {kept.operator}",
            HEADERS["customer"]: customers[0]["headers"][HEADERS["customer"]],
        }
        _write_private(OPERATOR_HEADERS, _header_lines(as_operator).encode())
        _write_private(ENVIRONMENT, _exports(settings, base_url).encode())
        typer.echo(_instructions(base_url, kept.operator, customers[0]["headers"], lines))
        processes.run(settings, sock)
    typer.echo("Stopped. The data stays; `portvakt sandbox` goes on with it.")


async def _prepare(
    settings: Settings, kept: StoredSecrets, base_url: str, *, reset: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Migrate and seed; what the credentials file says of each customer, and the curl lines."""
    registry = resources.load()
    samples = sample_data(registry).customers
    await _refuse_others(settings.database, samples)
    await prepare(settings.database, registry, clock())
    if reset:
        await drop_everything(settings.database, registry)
        await prepare(settings.database, registry, clock())
    database = await open_database(settings.database, pool_size=2)
    try:
        store = Store(database, registry)
        await seed(store, clock())
        customers = [await callers.customer(store, sample, kept) for sample in samples]
        kept.operator = await callers.operators_token(store, kept)
        _write_private(KEPT, _dump(kept))
        lines = await _lines(store, samples[0], base_url, customers[0]["headers"])
    finally:
        await database.close()
    return customers, lines


async def _refuse_others(url: str, samples: Sequence[SampleCustomer]) -> None:
    """Raise `SettingsError` if the database holds anybody but the sandbox's own customers."""
    database = await open_database(url, pool_size=1)
    try:
        if await is_empty(database):
            return
        store = Store(database, resources.load())
        context = Context(store, _scope(samples[0]), clock(), new_id, rechecked=False)
        others = Filter("id", "in", True, tuple(sample.id for sample in samples))
        customers = store.registry.resources["platform.customer"]
        asked = Query(filters=(others,), keyset=Keyset(1), slim=True)
        found = await read.page(context, customers, asked)
    finally:
        await database.close()
    if found.items:
        raise SettingsError(
            f"{display_url(url)} holds customers that are not the sandbox's. "
            "Name another database with --database."
        )


def _scope(sample: SampleCustomer) -> Caller:
    return callers.caller_of(sample, sample.first_integration)


async def _lines(
    store: Store, sample: SampleCustomer, base_url: str, headers: Mapping[str, str]
) -> list[str]:
    """One curl line for each operation, on items that are there now."""
    resource = store.registry.resources[SHOWN]
    context = Context(store, _scope(sample), clock(), new_id, rechecked=False)
    listing = await read.page(context, resource, Query(keyset=Keyset(3)))
    ids = [item["id"] for item in listing.items] + ["ID"] * 3
    body = {
        "answer": True,
        "integration": {"id": sample.ids("integration")[0]},
        "answered_by_tenant": {"id": sample.ids("tenant")[0]},
    }
    asked = {
        Operation.bulk: ("", [body, {"id": ids[0], "custom_id": "changed-in-bulk"}]),
        Operation.list: ("?_order_by=-created_at&_page=1&_page_size=5", None),
        Operation.create: ("", body),
        Operation.get: (ids[0], None),
        Operation.update: (ids[1], {"answer": False}),
        Operation.delete: (ids[2], None),
    }
    return [
        _line(base_url, resource, operation, headers, *what) for operation, what in asked.items()
    ]


def _line(
    base_url: str,
    resource: Resource,
    operation: Operation,
    headers: Mapping[str, str],
    tail: str,
    body: Any,
) -> str:
    """One line to paste into a shell, with a comment that says what it does."""
    path = resource.paths[operation]
    url = path.format(pk=tail) if "{pk}" in path else path + tail
    words = ["curl", "-i", "-X", operation.method, base_url + url]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", msgspec.json.encode(body).decode()]
    return f"# {operation.title}\n{shlex.join(words)}"


def _instructions(
    base_url: str, token: str, headers: Mapping[str, str], lines: Sequence[str]
) -> str:
    """What the sandbox prints at its start."""
    shown = _header_lines(headers, "  ").rstrip()
    return (
        f"Portvakt sandbox at {base_url}\n"
        f"OpenAPI document: {base_url}/openapi/integrations.json\n\n"
        f"The seven headers of one integration (curl reads them by -H @{CURL_HEADERS}):\n"
        f"{shown}\n\n"
        "The operator's token, for what is below /platform/:\n"
        f"  Authorization: Bearer {token}\n\n"
        f"After `. {ENVIRONMENT}` other commands work on the same data, and $PORTVAKT is\n"
        f"{base_url}, as the documents write it.\n\n"
        "One line for each operation:\n\n" + "\n\n".join(lines) + "\n\n"
        "Ctrl-C ends the server; the data stays."
    )


def _header_lines(headers: Mapping[str, str], indent: str = "") -> str:
    """The headers, one a line."""
    return "".join(f"{indent}{name}: {value}\n" for name, value in headers.items())


def _exports(settings: Settings, base_url: str) -> str:
    """The server's address and the settings that other commands need, as a shell reads them."""
    given = {
        "PORTVAKT": base_url,
        "PORTVAKT_DATABASE": settings.database,
        "PORTVAKT_CREDENTIAL_KEYS": settings.credential_keys.get_secret_value(),
        "PORTVAKT_SEALING_KEY": settings.sealing_key.get_secret_value(),
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in given.items())


def _read_kept() -> StoredSecrets:
    """The key and secrets of earlier starts, or a new key."""
    if not KEPT.exists():
        return StoredSecrets(f"1:{secret_rules.new_key()}")
    try:
        return msgspec.json.decode(KEPT.read_bytes(), type=StoredSecrets)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{KEPT} is damaged ({error}). Delete it.") from None


def _write_private(path: Path, text: bytes) -> None:
    """Write a file that only its user may read."""
    private_files.make_folder(path.parent)
    with private_files.rewrite(path) as file:
        file.write(text)


def _dump(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
