"""`portvakt item`: every resource by the same few commands, made from the declarations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import typer

from portvakt import resources
from portvakt.access.credentials import Keys
from portvakt.api import query_string
from portvakt.api.streaming import end_line
from portvakt.cli import arguments, direct
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.schema.actions import END
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.fields import Field
from portvakt.schema.operations import Operation
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import MAX_LIMIT, Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import nearest

Item = dict[str, Any]

LIMIT = 50
"""The most items of a table, if nothing else is said."""

_COLUMNS = 6  # of ids and names, as many as a wide terminal shows
_BULKY = {*JSON, Kind.references}

EPILOG = """Examples:

portvakt item fields accounts.tenant

portvakt item list accounts.tenant --customer "Example Homes" last_name__istartswith=berg

portvakt item create sales.organization --customer "Example Homes" name=North custom_id=N

portvakt item update accounts.tenant H-1001 --customer "Example Homes" organization.custom_id=N"""

app = typer.Typer(
    no_args_is_help=True,
    help="Items of every resource: list, get, create, update, delete.",
    epilog=EPILOG,
)

Name = Annotated[
    str, typer.Argument(metavar="RESOURCE", help="Such as accounts.tenant, or tenant.")
]
ItemArgument = Annotated[
    str, typer.Argument(metavar="ITEM", help="Its id, or its custom_id or the like.")
]
Customer = Annotated[str | None, typer.Option(help="The customer's id or name.")]
Values = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=VALUE]...",
        help="Values of fields; empty is null; organization.custom_id=N names by another key.",
    ),
]
ListParameters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=VALUE]...",
        help="Filters and other parameters of a list, as the API has them.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
IdAlone = Annotated[bool, typer.Option("--id", help="Print the id alone, for scripts.")]
Lines = Annotated[
    bool,
    typer.Option("--jsonl", help="Print one JSON object a line, and a last one with their number."),
]
Columns = Annotated[str | None, typer.Option(help="The table's columns, such as id,name.")]
Limit = Annotated[int | None, typer.Option(min=1, max=MAX_LIMIT, help="The most items.")]


@app.command("resources")
def list_resources(as_json: Json = False) -> None:
    """List the resources: what the items of the other commands are called."""
    known = resources.load().open_to(OPERATOR)
    said = [
        {
            "name": each.name,
            "of": "platform" if each.platform else "customer",
            "operations": [operation.name for operation in each.operations],
            "description": each.description,
        }
        for each in known
    ]
    direct.show(said, ("name", "of", "description"), as_json=as_json)


@app.command("fields")
def list_fields(resource: Name, as_json: Json = False) -> None:
    """List the fields of a resource: what can be said of an item."""
    found = arguments.resource(resources.load(), resource)
    said = [_field(found, field) for field in found.known.values()]
    direct.show(said, ("name", "kind", "is", "description"), as_json=as_json)


def _field(resource: Resource, field: Field) -> Item:
    target = resource.targets.get(field.name)
    kind = field.kind.value + (f" to {target}" if target else "")
    state = "read-only" if field.read_only else "required" if field.required else ""
    options = getattr(field, "options", ())
    allowed = f"One of {', '.join(map(str, options))}." if options else ""
    description = " ".join(part for part in (field.description, allowed) if part)
    return {"name": field.name, "kind": kind, "is": state, "description": description}


@app.command("list")
def list_items(
    resource: Name,
    parameters: ListParameters = None,
    customer: Customer = None,
    limit: Limit = None,
    columns: Columns = None,
    as_json: Json = False,
    as_lines: Lines = False,
) -> None:
    """List items: a table of the first 50, or all of them as JSON."""
    show_list(
        resource,
        parameters or [],
        customer,
        limit=limit,
        columns=columns,
        as_json=as_json,
        as_lines=as_lines,
    )


def show_list(
    name: str,
    parameters: list[str],
    customer: str | None,
    *,
    limit: int | None = None,
    columns: str | None = None,
    as_json: bool = False,
    as_lines: bool = False,
) -> None:
    """Print the items of a resource that the parameters of its list leave."""

    async def work(context: Context, _: Keys) -> None:
        of = arguments.resource(context.store.registry, name, Operation.list)
        inside = await arguments.inside(context, of, customer)
        query = query_string.parse_list(_asked(parameters, as_lines=as_lines), of)
        if limit is not None and not query.bounded:
            query = replace(query, keyset=Keyset(limit))
        if query.statistics:
            direct.show_json(await read.statistics(inside, of, query))
        elif as_json or as_lines or query.jsonl:
            await _stream(inside, of, query)
        else:
            await _table(inside, of, query, columns)

    direct.run(work)


def _asked(parameters: list[str], *, as_lines: bool) -> list[tuple[str, str]]:
    """What was asked of a list. Lines end with one that says so, unless that isn't wanted."""
    pairs = [arguments.split(pair) for pair in parameters]
    names = {name for name, _ in pairs}
    if as_lines and "_jsonl" not in names:
        pairs.append(("_jsonl", "true"))
    if as_lines and END.name not in names:
        pairs.append((END.name, "true"))
    return pairs


async def _stream(context: Context, of: Resource, query: Query) -> None:
    """Print items while they are read: as an array, an item a line, or as lines alone."""
    count = 0
    if not query.jsonl:
        typer.echo("[", nl=False)
    async for item in _found(context, of, query):
        before = "" if query.jsonl or not count else ",\n"
        after = "\n" if query.jsonl else ""
        typer.echo(before + msgspec.json.encode(item).decode() + after, nl=False)
        count += 1
    if not query.jsonl:
        typer.echo("]")
    elif query.end:
        typer.echo(end_line(count), nl=False)


async def _found(context: Context, of: Resource, query: Query) -> AsyncIterator[Item]:
    if query.bounded:
        for item in (await read.page(context, of, query)).items:
            yield item
        return
    async with read.export(context, of, query) as export:
        async for chunk in export.chunks:
            for item in chunk:
                yield {"id": item["id"]} if query.slim else item


async def _table(context: Context, of: Resource, query: Query, columns: str | None) -> None:
    """Print a table, and on standard error whether there is more."""
    if columns is None and (query.slim or query.fields is not None):
        columns = ",".join(n for n in of.known if n == "id" or n in (query.fields or ()))
    shown = _columns(of, columns)
    evidence = query.evidence or not of.by_name.keys() >= {*shown}
    query = replace(query, evidence=evidence, slim=False, fields=None)
    bounded = query if query.bounded else replace(query, keyset=Keyset(LIMIT))
    listing = await read.page(context, of, bounded)
    direct.show(listing.items, shown, as_json=False)
    if listing.last is not None:
        more = "There are more: see them with --limit, filters, or --json."
        typer.echo(more, err=True)


def _columns(of: Resource, named: str | None) -> tuple[str, ...]:
    """The columns that were asked for, or the id and the fields that come first."""
    if named is None:
        plain = [field.name for field in of.visible if field.kind not in _BULKY]
        rest = [name for name in plain if name not in ("id", "created_at", "custom_id")]
        own = ["custom_id"] if "custom_id" in plain else []
        return ("id", *own, *rest[: _COLUMNS - 1])
    chosen = tuple(part.strip() for part in named.split(","))
    for name in chosen:
        if name not in of.known:
            meant = nearest(name, of.known)
            hint = f" Did you mean {meant}?" if meant else f" `portvakt item fields {of.name}`."
            raise SettingsError(f"--columns: There is no field {name!r}.{hint}")
    return chosen


@app.command("get")
def get(
    resource: Name, item: ItemArgument, customer: Customer = None, as_json: Json = False
) -> None:
    """Show one item with all its fields."""
    show_one(resource, item, customer, as_json=as_json)


def show_one(name: str, item: str, customer: str | None, *, as_json: bool) -> None:
    """Print one item of a resource."""

    async def work(context: Context, _: Keys) -> Item:
        of = arguments.resource(context.store.registry, name, Operation.get)
        return await arguments.item(await arguments.inside(context, of, customer), of, item)

    found = direct.run(work)
    if as_json:
        direct.show_json(found)
    else:
        direct.show_item(found)


@app.command("create")
def create(
    resource: Name,
    values: Values = None,
    customer: Customer = None,
    as_json: Json = False,
    id_alone: IdAlone = False,
) -> None:
    """Create an item and print its id."""

    async def work(context: Context, _: Keys) -> Item:
        of = arguments.resource(context.store.registry, resource, Operation.create)
        inside = await arguments.inside(context, of, customer)
        return await write.create(inside, of, await arguments.body(inside, of, values or []))

    made = direct.run(work)
    direct.show_written(made, f"Created {resource}", as_json=as_json, id_alone=id_alone)


@app.command("update")
def update(
    resource: Name,
    item: ItemArgument,
    values: Values = None,
    customer: Customer = None,
    as_json: Json = False,
) -> None:
    """Change fields of an item; the others stay as they are."""
    change(resource, item, values or [], customer, as_json=as_json)


def change(name: str, item: str, values: list[str], customer: str | None, *, as_json: bool) -> None:
    """Change fields of one item of a resource, and say so."""

    async def work(context: Context, _: Keys) -> Item:
        of = arguments.resource(context.store.registry, name, Operation.update)
        inside = await arguments.inside(context, of, customer)
        found = await arguments.item(inside, of, item)
        return await write.update(inside, of, found["id"], await arguments.body(inside, of, values))

    direct.show_written(direct.run(work), f"Updated {name}", as_json=as_json)


@app.command("delete")
def delete(
    resource: Name,
    item: ItemArgument,
    customer: Customer = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete an item for good; one that others refer to is refused."""
    if not yes:
        typer.confirm(f"Delete {resource} {item}?", abort=True, err=True)

    async def work(context: Context, _: Keys) -> str:
        of = arguments.resource(context.store.registry, resource, Operation.delete)
        inside = await arguments.inside(context, of, customer)
        found = await arguments.item(inside, of, item)
        await write.delete(inside, of, found["id"])
        return str(found["id"])

    typer.echo(f"Deleted {resource} {direct.run(work)}.")
