"""`portvakt settings`: every setting, its value, and what it does."""

from __future__ import annotations

import textwrap

import typer

from portvakt.settings import PREFIX, Settings, read_settings
from portvakt.storage.databases.interface import display_url


def show() -> None:
    """Print the settings of the environment, names and values whole. Secrets stay hidden.

    Raises `SettingsError`.
    """
    settings = read_settings()
    for name, field in Settings.model_fields.items():
        typer.echo(f"{PREFIX}{name.upper()}={_shown(name, getattr(settings, name))}")
        default = _shown(name, field.default)
        told = f"{field.description} Default: {default}." if default else field.description or ""
        typer.echo(textwrap.indent(textwrap.fill(told, 76, break_on_hyphens=False), "    "))


def _shown(name: str, value: object) -> str:
    return display_url(str(value)) if name in ("database", "replica") and value else str(value)
