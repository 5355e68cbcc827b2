"""References to content types, which may be named by `app.model` wherever their id is taken."""

from __future__ import annotations

from typing import Any

from portvakt.errors import FaultCode
from portvakt.schema.fields import Reference
from portvakt.schema.registry import content_type_id
from portvakt.schema.values import InvalidValue, nearest


def content_type(name: str, **options: Any) -> Reference:
    """A field that refers to a content type; `options` are those of any field."""
    return Reference(name, target="platform.contenttype", named=content_type_named, **options)


def content_type_named(name: str) -> str:
    """The id of the content type `app.model`, in any case. Raises `InvalidValue` if none is so."""
    # Only here: the names are those of the resources, which are declared with this module.
    from portvakt.resources import load

    known = load().content_types
    pk = content_type_id(name.lower())
    if pk not in known:
        meant = nearest(name.lower(), known.values())
        hint = f" Did you mean `{meant}`?" if meant else ""
        raise InvalidValue(
            FaultCode.not_an_option, f"There is no content type {name[:100]!r}.{hint}"
        )
    return pk
