"""Finding parts of texts by an index of trigrams, where the database has one (decision record 42).

Of each row the index holds the three-letter parts of all its folded texts at once. It serves a
condition that every row meets which is looked for, and some others too: so that condition is added
to the exact one and never takes its place. What is found is the same with and without an index.

Only PostgreSQL has such indexes, and only where its extensions are there (`trigram_indexes`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import reduce

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.values import fold
from portvakt.storage.databases.postgresql_marks import PLANNED_ANEW, TRIGRAM_PREFIX
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import POSTGRESQL_CORE, TYPES, Dialect, Expression
from portvakt.storage.sql.tables import CUSTOMER, FOLDED, constraint_name, table_name

_PARAMETER = "_part"
_JAMO = tuple(map(chr, range(0x1160, 0x1200)))  # Hangul's vowels and final consonants
_WORD = re.compile(r"[^\W_]{3}")


def indexed(registry: Registry) -> Iterator[Resource]:
    """The resources that have such an index: customers' items that have texts, but no logs.

    To a log much is added, and it is read on, not searched.
    """
    for resource in registry.resources.values():
        if resource.texts and not (resource.platform or resource.append_only):
            yield resource


def index_name(resource: Resource) -> str:
    """The name of its index; another one when other texts are declared."""
    digest = hashlib.sha256(_expression(resource).encode()).hexdigest()[:8]
    return constraint_name(TRIGRAM_PREFIX.rstrip("_"), resource, digest)


def create_index(resource: Resource) -> str:
    """The statement that makes it, while others go on writing."""
    return (
        f"CREATE INDEX CONCURRENTLY {index_name(resource)} ON {table_name(resource)}"
        f" USING gin ({CUSTOMER}, ({_expression(resource)}) gin_trgm_ops)"
    )


def _expression(resource: Resource) -> str:
    texts = _texts(resource, lambda name: sa.column(name, TYPES[Kind.text]))
    return str(texts.compile(dialect=POSTGRESQL_CORE))


def _texts(resource: Resource, column: Callable[[str], Expression]) -> Expression:
    """All folded texts of a row as one, with spaces between; written as the index has it."""
    names = [field.name + FOLDED for field in resource.texts]
    if len(names) == 1:
        return column(names[0])
    empty, space = (sa.literal_column(text, TYPES[Kind.text]) for text in ("''", "' '"))
    parts: Iterable[Expression] = (sa.func.coalesce(column(name), empty) for name in names)
    return reduce(lambda before, part: before.concat(space).concat(part), parts)


def sure_part(text: str) -> str:
    """The folded text that stands in each folded text of which the original contains `text`.

    What the original has before and behind it can change its first and last signs: of a decomposed
    `ö` it may hold the `o` or the dots alone. So that is taken which neither can reach.
    """
    firm = [place for place, sign in enumerate(text) if _begins(sign)]
    if not firm:
        return ""
    end = len(text) if text[-1].isdecimal() else firm[-1]  # no mark makes another digit of one
    return fold(text[firm[0] : end])


def _begins(sign: str) -> bool:
    """Whether a sign is composed with none before it: no mark, no later part of a syllable."""
    return not unicodedata.category(sign).startswith("M") and sign not in _JAMO


def is_served(part: str) -> bool:
    """Whether an index finds a folded text: it has three letters or digits in a row."""
    return _WORD.search(part) is not None


def candidates(view: View, name: str, *, served: bool) -> Iterator[Expression]:
    """The condition that all rows meet of which a text contains a folded part, if that is `served`.

    The part is bound by `bound`, under the same name. Where a mask stands before an item's texts
    there is none: how long the search takes would tell what the hidden texts contain.
    """
    if not (served and view.tables.trigrams and view.resource.texts):
        return
    as_stored = view.resource.name not in view.tables.replaced
    if as_stored and view.mask is None and index_name(view.resource) in view.tables.trigrams:
        pattern = sa.bindparam(name + _PARAMETER, type_=sa.Text())
        yield _texts(view.resource, view.table.c.__getitem__).like(pattern)


def bound(dialect: Dialect, part: str, name: str) -> dict[str, str]:
    """The value of the parameter of `candidates`."""
    return {name + _PARAMETER: dialect.bind_pattern("%", part, "%")}


def marked(text: str, names: Iterable[str]) -> str:
    """A statement's text, told to be planned anew if one of its parameters is a part."""
    return PLANNED_ANEW + text if any(name.endswith(_PARAMETER) for name in names) else text
