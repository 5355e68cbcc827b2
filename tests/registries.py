"""The declared resources as if the API offered all of them."""

from __future__ import annotations

from dataclasses import replace

from portvakt.resources import load
from portvakt.schema.registry import Registry
from portvakt.schema.resource import ALL_OPERATIONS

DECLARED = load()

OFFERING_ALL = Registry(
    DECLARED.applications.values(),
    [
        one
        if one.application == "platform" or one.append_only
        else replace(one, operations=ALL_OPERATIONS)
        for one in DECLARED.resources.values()
    ],
    DECLARED.content_types.values(),
)
"""Every resource of a customer with all operations: what is declared can be described and done."""
