"""`portvakt generate`: the files of the repository that are made from others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from portvakt import resources
from portvakt.api.documents.examples import FILE
from portvakt.api.documents.openapi import document, render
from portvakt.api.documents.reference_page import page, problems_page, settings_page
from portvakt.cli import decision_index
from portvakt.errors import SettingsError
from portvakt.sandbox.data import sample_data
from portvakt.schema.registry import Registry
from portvakt.schema.validation import merge
from portvakt.storage.sql.rows import render_item

EXAMPLES = f"src/portvakt/api/documents/{FILE}"


def generate_files(*, check: bool) -> None:
    """Write every generated file below the current folder, or say which are not fresh.

    Raises `SettingsError` outside a checkout, and with `check` where a file is not fresh.
    """
    root = checkout()
    registry = resources.load()
    # The documents hold the examples, so these come first.
    stale = [root / EXAMPLES] * (not _holds(root / EXAMPLES, examples(registry), write=not check))
    made = files(registry) | {decision_index.INDEX: decision_index.index(_records(root))}
    stale += [
        root / name for name, text in made.items() if not _holds(root / name, text, write=not check)
    ]
    for path in stale:
        typer.echo(f"{'not fresh' if check else 'written'}: {path.relative_to(root)}")
    if stale and check:
        raise SettingsError("Generated files are not fresh: run `make generate`.")


def _records(root: Path) -> dict[str, str]:
    """The decision records' texts by file name."""
    found = (root / decision_index.FOLDER).glob("[0-9]*.md")
    return {path.name: path.read_text() for path in found}


def checkout() -> Path:
    """The current folder, if it is the root of a checkout. Raises `SettingsError`."""
    root = Path.cwd()
    if not (root / "src" / "portvakt").is_dir():
        raise SettingsError("Run this in a checkout of Portvakt, at its root.")
    return root


def examples(registry: Registry) -> str:
    """An item of each resource of the sample data, as documents show it: the fullest one."""
    data = sample_data(registry)
    held = data.platform | data.customers[0].items
    shown = {}
    for resource in registry.offered:
        items = [
            render_item(resource, merge(resource, item, None))
            for item in held.get(resource.name, ())
        ]
        if items:
            shown[resource.name] = max(items, key=lambda item: len(_filled(item)))
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def _filled(item: Mapping[str, Any]) -> list[Any]:
    return [value for value in item.values() if value not in (None, [], {})]


def _holds(path: Path, text: str, *, write: bool) -> bool:
    """Whether the file holds the text already; written if not, where that is wanted."""
    if path.exists() and path.read_text() == text:
        return True
    if write:
        write_file(path, text)
    return False


def write_file(path: Path, text: str) -> None:
    """Write a file of the repository, and its folder if that isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files(registry: Registry) -> dict[str, str]:
    """The path of each generated file, from the project's root, and its text."""
    found = {
        "docs/reference/problems.md": problems_page(),
        "docs/reference/settings.md": settings_page(),
    }
    for label in sorted({resource.application for resource in registry.offered}):
        found[f"docs/reference/{label}.md"] = page(registry, label)
        found[f"docs/reference/openapi/{label}.json"] = render(document(registry, label))
    return found
