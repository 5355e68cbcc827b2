"""Each setting does something."""

from __future__ import annotations

import ast

from portvakt.settings import Settings
from tests.architecture.sources import trees


def test_each_setting_is_read() -> None:
    """By a module that it is handed to; one that nobody reads would promise what isn't done."""
    read = {
        node.attr
        for path, tree in trees().items()
        if path != "settings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    assert {*Settings.model_fields} - read == set()
