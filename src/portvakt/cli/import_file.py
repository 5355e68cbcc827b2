"""`portvakt import`: items from a file, by the same bulk write and rules as the API's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from portvakt.access.credentials import Keys
from portvakt.cli import asking, direct, line_files
from portvakt.cli.import_report import Report, open_report
from portvakt.cli.importing import Job, run
from portvakt.cli.line_files import DELIMITERS, FORMATS
from portvakt.errors import SettingsError
from portvakt.operations.context import Context
from portvakt.operations.match import allowed_matches
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Operation, Resource

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
    line_files.check_encoding(file)

    async def work(context: Context, _: Keys) -> tuple[Job, Report]:
        registry = context.store.registry
        chosen = _resource(registry, file, resource)
        job = Job(
            file,
            _form(file, form),
            chosen,
            _match(chosen, match),
            _delimiter(delimiter),
            dry_run,
            keep_going,
        )
        inside = await asking.inside(replace(context, through="import"), chosen, customer)
        with open_report(report) as written:
            await run(inside, job, written)
        return job, written

    job, told = direct.run(work)
    _show(job, told, report, as_json=as_json)
    if told.refused:
        raise typer.Exit(1)


def _resource(registry: Registry, file: Path, name: str | None) -> Resource:
    if name is None:
        return asking.of_file(registry, file.stem)
    return asking.resource(registry, name, Operation.bulk)


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


def _show(job: Job, told: Report, where: Path | None, *, as_json: bool) -> None:
    written = not job.dry_run and (job.keep_going or not told.refused)
    if as_json:
        said = {"file": str(job.path), "resource": job.resource.name}
        direct.show_json({**said, "dry_run": job.dry_run, "written": written, **told.document})
        return
    told.print_faults(where)
    counts = told.document
    numbers = ", ".join(
        f"{counts[name]} {name}" for name in ("created", "updated", "unchanged", "refused")
    )
    whole = " It is whole, as its last line says." if told.end_told else ""
    typer.echo(
        f"{job.path.name}: {counts['lines']} lines of {job.resource.name}: {numbers}.{whole}"
    )
    if not written:
        why = "This was a dry run" if job.dry_run else "Lines were refused"
        hint = "" if job.dry_run else " Mend them, or write the others with --keep-going."
        typer.echo(f"{why}: nothing was written.{hint}")
