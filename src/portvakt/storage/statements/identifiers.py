"""Exact comparisons of identifiers that have several spellings (`schema.identifiers`).

A field is compared with all spellings of what is asked for, by itself: nothing else is stored that
would have to be hidden or erased with it. Only the domain of an e-mail address has no end of
spellings: there the part before the @ is taken from the text, the rest from the folded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from portvakt.schema.fields import Text
from portvakt.schema.identifiers import MAILBOX, numbers_in, spellings
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.tables import FOLDED


def identifier(resource: Resource, name: str) -> str | None:
    """What a field is an identifier of, whose exact comparisons are these."""
    field = resource.columns[name]
    return field.identifier if isinstance(field, Text) else None


def comparison(view: View, field: str, kind: str, name: str) -> Expression:
    """That a field's text is a spelling of what the list parameter `name` holds."""
    return view.dialect.one_of(_compared(view, field, kind), Kind.text, name)


def _compared(view: View, field: str, kind: str) -> Expression:
    column = view.column(field)
    if kind != MAILBOX:
        return column
    folded, place = view.column(field + FOLDED), view.dialect.position
    one = sa.literal_column("1", sa.Integer())
    local = sa.func.substr(column, one, place(column, "@"), type_=column.type)
    domain = sa.func.substr(folded, place(folded, "@") + one, type_=column.type)
    return local.concat(domain)


def bound(dialect: Dialect, kind: str, operand: str | Iterable[str]) -> Any:
    """The value of the parameter of `comparison` for a filter's operand."""
    texts = (operand,) if isinstance(operand, str) else operand
    spelt = dict.fromkeys(one for text in texts for one in spellings(kind, text))
    return dialect.bind_list(Kind.text, [*spelt])


def of_word(view: View, word: str, name: str) -> Iterator[Expression]:
    """That a number which a word of a search may spell stands in one of the fields for such."""
    for kind in numbers_in(word):
        for field in view.resource.texts:
            if isinstance(field, Text) and field.identifier == kind:
                yield comparison(view, field.name, kind, f"{name}_{kind}")


def bound_word(dialect: Dialect, word: str, name: str) -> dict[str, Any]:
    """The values of the parameters of `of_word`."""
    return {
        f"{name}_{kind}": dialect.bind_list(Kind.text, spelt)
        for kind, spelt in numbers_in(word).items()
    }


def word_shape(word: str) -> tuple[str, ...]:
    """What the text of `of_word` depends on."""
    return tuple(numbers_in(word))
