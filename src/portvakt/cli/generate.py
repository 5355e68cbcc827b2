"""`portvakt generate`: the files of the repository that are made from the declarations."""

from __future__ import annotations

from pathlib import Path

import typer

from portvakt import resources
from portvakt.api.generated import files
from portvakt.errors import SettingsError


def generate_files(*, check: bool) -> None:
    """Write every generated file below the current folder, or say which are not fresh.

    Raises `SettingsError` outside a checkout, and with `check` where a file is not fresh.
    """
    root = Path.cwd()
    if not (root / "src" / "portvakt").is_dir():
        raise SettingsError("Run this in a checkout of Portvakt, at its root.")
    stale = [
        root / name
        for name, text in files(resources.load()).items()
        if not _holds(root / name, text, write=not check)
    ]
    for path in stale:
        typer.echo(f"{'not fresh' if check else 'written'}: {path.relative_to(root)}")
    if stale and check:
        raise SettingsError("Generated files are not fresh: run `make generate`.")


def _holds(path: Path, text: str, *, write: bool) -> bool:
    """Whether the file holds the text already; written if not, where that is wanted."""
    if path.exists() and path.read_text() == text:
        return True
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return False
