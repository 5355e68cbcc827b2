"""The resources: one file each, data only.

To add one, add its file; nothing lists them. Each application is a folder whose `__init__.py`
holds `APPLICATION`; each file in it holds `RESOURCE`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from portvakt.errors import DeclarationError
from portvakt.resources.known_content_types import KNOWN_CONTENT_TYPES
from portvakt.schema.registry import Registry


@cache
def load() -> Registry:
    """All declared resources, checked. Raises `DeclarationError` that names the wrong file."""
    folders = [module for module in _modules(__name__) if hasattr(module, "__path__")]
    resources = [module for folder in folders for module in _modules(folder.__name__)]
    return Registry(
        [_held(folder, "APPLICATION") for folder in folders],
        [_held(module, "RESOURCE") for module in resources],
        KNOWN_CONTENT_TYPES,
    )


def _modules(package: str) -> Iterator[ModuleType]:
    for found in iter_modules(import_module(package).__path__, package + "."):
        yield import_module(found.name)


def _held(module: ModuleType, name: str) -> Any:
    if not hasattr(module, name):
        raise DeclarationError(f"{module.__name__.replace('.', '/')}: it declares no {name}.")
    return getattr(module, name)
