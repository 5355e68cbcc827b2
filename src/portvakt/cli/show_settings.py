"""`portvakt settings`: every setting, its value, and what it does."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from portvakt.settings import PREFIX, Settings, read_settings
from portvakt.storage.database import display_url


def show() -> None:
    """Print the settings of the environment as a table. Secrets stay hidden."""
    settings = read_settings()
    table = Table("variable", "value", "default", "what it does", show_lines=True)
    for name, field in Settings.model_fields.items():
        table.add_row(
            PREFIX + name.upper(),
            _shown(name, getattr(settings, name)),
            _shown(name, field.default),
            field.description or "",
        )
    Console().print(table)


def _shown(name: str, value: object) -> str:
    return display_url(str(value)) if name == "database" else str(value)
