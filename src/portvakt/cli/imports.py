"""`portvakt import`: items from a file, by the same bulk write and rules as the API's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from portvakt import resources
from portvakt.cli import arguments, direct
from portvakt.errors import PortvaktError, SettingsError
from portvakt.ingest import line_files
from portvakt.ingest.job import Job, run
from portvakt.ingest.line_files import DELIMITERS, FORMATS
from portvakt.ingest.report import Report, written
from portvakt.operations.context import Context
from portvakt.operations.writing.match import allowed_matches
from portvakt.schema.operations import Operation
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource

EPILOG = """Examples:

portvakt import tenants.csv --customer "Example Homes" --dry-run

portvakt import people.csv --resource accounts.tenant --customer "Example Homes" --match custom_id

The first line names the fields; a column `organization.custom_id` names organizations by their
custom_id. `portvakt item fields accounts.tenant` lists the fields.

Exit status: 0, or 1 if a line was refused."""


def import_file(  # noqa: PLR0913, PLR0917 - the options of a command
    file: Annotated[Path, typer.Argument(help="A .csv or .jsonl file, UTF-8.")],
    resource: Annotated[
        str | None,
        typer.Option(help="What a line is, such as accounts.tenant; left out: the file's name."),
    ] = None,
    customer: Annotated[str | None, typer.Option(help="The customer's id or name.")] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Update the item with the same value here, such as custom_id."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every line, and write nothing.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Write the good lines although others are bad.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write every refused line here (.csv or .jsonl).")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="csv or jsonl; left out: the file's name.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What stands between cells; left out: , or ; or a tab.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Create or update the items that a CSV or JSONL file lists: all of them or none."""
    told = Report()
    said: dict[str, Any] = {"file": str(file), "resource": resource, "dry_run": dry_run}
    try:
        line_files.check_encoding(file)
        registry = resources.load()
        chosen = _resource(registry, file, resource)
        said["resource"] = chosen.name
        matched = _match(chosen, match)
        cells = _delimiter(delimiter)
        job = Job(file, _form(file, form), chosen, matched, cells, dry_run, keep_going)
        with written(told, report):
            direct.run(lambda context, _: _import(context, job, customer, told))
    except PortvaktError as error:
        if as_json:
            told.break_off(error)
            some = keep_going and not dry_run and told.changed
            direct.show_json({**said, "written": some, **told.document})
        raise
    kept = not dry_run and (keep_going or not told.refused)
    if as_json:
        direct.show_json({**said, "written": kept, **told.document})
    else:
        _show(job, told, report, kept=kept)
    if told.refused:
        raise typer.Exit(1)


async def _import(context: Context, job: Job, customer: str | None, told: Report) -> None:
    inside = await arguments.inside(replace(context, through="import"), job.resource, customer)
    await run(inside, job, told)


def _resource(registry: Registry, file: Path, name: str | None) -> Resource:
    if name is None:
        return arguments.of_file(registry, file.stem)
    return arguments.resource(registry, name, Operation.bulk)


def _form(file: Path, named: str | None) -> str:
    form = named or FORMATS.get(file.suffix.lower(), "")
    if form not in FORMATS.values():
        raise SettingsError(f"Is {file} CSV or JSONL? Say it with --format csv or --format jsonl.")
    return form


def _match(resource: Resource, text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(part.strip() for part in text.split(","))
    for allowed in allowed_matches(resource):
        if sorted(names) == sorted(allowed):
            return allowed
    forms = " or ".join(",".join(allowed) for allowed in allowed_matches(resource))
    raise SettingsError(f"--match: {resource.name} can be matched by {forms or 'nothing'}.")


def _delimiter(text: str | None) -> str | None:
    if text is not None and text not in (*DELIMITERS, "|"):
        raise SettingsError("--delimiter: Expected one of , ; | or a tab.")
    return text


def _show(job: Job, told: Report, where: Path | None, *, kept: bool) -> None:
    told.print_faults(where)
    counts = told.document
    numbers = ", ".join(
        f"{counts[name]} {name}" for name in ("created", "updated", "unchanged", "refused")
    )
    others = [f"{counts[name]} {name}" for name in ("blank", "continued") if counts[name]]
    beside = f" Beside them: {', '.join(others)}." if others else ""
    whole = " It is whole, as its last line says." if told.end_told else ""
    lines = f"{counts['lines']} lines of {job.resource.name}"
    typer.echo(f"{job.path.name}: {lines}: {numbers}.{beside}{whole}")
    if not kept:
        why = "This was a dry run" if job.dry_run else "Lines were refused"
        hint = "" if job.dry_run else " Mend them, or write the others with --keep-going."
        typer.echo(f"{why}: nothing was written.{hint}")
