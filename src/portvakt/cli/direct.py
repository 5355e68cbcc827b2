"""What commands share that work on the database of the settings, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from portvakt import resources
from portvakt.access.credentials import Keys, parse_keys
from portvakt.app import clock, new_id
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.values import is_uuid
from portvakt.settings import read_settings
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations import schema_version
from portvakt.storage.store import Store

T = TypeVar("T")
Item = Mapping[str, Any]


def run(work: Callable[[Context, Keys], Awaitable[T]]) -> T:
    """Do work on the database of the settings as an operator does, on the whole platform.

    Raises `SettingsError`, `DatabaseUnavailable`, `SchemaOutdated`, and what the work raises.
    """
    settings = read_settings()
    keys = parse_keys(settings.credential_keys.get_secret_value())

    async def open_and_work() -> T:
        database = await open_database(settings.database, pool_size=2, create=False)
        try:
            await schema_version.check(database)
            caller = Caller(customer="", kind=OPERATOR)
            store = Store(database, resources.load())
            return await work(Context(store, caller, clock(), new_id, rechecked=False), keys)
        finally:
            await database.close()

    return asyncio.run(open_and_work())


async def of_customer(context: Context, named: str) -> Context:
    """Turn an operator's context into one for a customer's data; `named` is its id or its name.

    Raises `SettingsError` where there is none, or more than one.
    """
    field = "id" if is_uuid(named) else "name"
    value = named.lower() if field == "id" else named
    query = Query(filters=(Filter(field, "", False, value),), keyset=Keyset(2))
    customers = context.store.registry.resources["platform.customer"]
    found = (await read.page(context, customers, query)).items
    if len(found) != 1:
        number = "no customer" if not found else "more than one customer"
        hint = "`portvakt customer list` shows them with their ids."
        raise SettingsError(f"There is {number} {named!r}. {hint}")
    return replace(context, caller=replace(context.caller, customer=found[0]["id"]))


async def everything(context: Context, name: str, *filters: Filter) -> list[dict[str, Any]]:
    """All items of a resource that the filters leave, the oldest first."""
    resource = context.store.registry.resources[name]
    async with read.export(context, resource, Query(filters=filters)) as export:
        return [item async for chunk in export.chunks for item in chunk]


def show(items: Sequence[Item], columns: Iterable[str], *, as_json: bool) -> None:
    """Print items: as a JSON array for programs, or as a table for people."""
    if as_json:
        show_json(items)
        return
    columns = list(columns)
    # Nothing is cut off where lines are short, ids least of all.
    table = Table(*(Column(column, overflow="fold") for column in columns))
    for item in items:
        table.add_row(*(escape(_cell(item[column])) for column in columns))
    print_table(table)


def print_table(table: Table) -> None:
    """Print a table: as wide as the terminal, or as wide as it is where there is none."""
    console = Console()
    width = console.width if console.is_terminal else 1000
    Console(width=width).print(table)


def show_item(item: Item) -> None:
    """Print one item for people, a field a line."""
    table = Table("field", "value")
    for name, value in item.items():
        table.add_row(name, escape(_cell(value)))
    print_table(table)


def show_written(item: Item, did: str, *, as_json: bool, id_alone: bool = False) -> None:
    """Print an item that was just written; for scripts its id alone."""
    if as_json:
        show_json(item)
    else:
        typer.echo(item["id"] if id_alone else f"{did} {item['id']}.")


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and value.keys() == {"id"}:
        return str(value["id"])
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return msgspec.json.encode(value).decode() if isinstance(value, dict | bool) else str(value)


def show_found(
    find: Callable[[Context, str], Awaitable[Item]], text: str, *, as_json: bool
) -> None:
    """Show the item that `find` finds by what was typed."""

    async def work(context: Context, _: Keys) -> Item:
        return await find(context, text)

    found = run(work)
    if as_json:
        show_json(found)
    else:
        show_item(found)
