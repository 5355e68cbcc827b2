"""Which searches are asked of an index of trigrams: as the text of the statement."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

import pytest

from portvakt.resources import load
from portvakt.schema.caller import RowAccess
from portvakt.schema.decision import AcceptedAnswers
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.storage.databases.postgresql_marks import PLANNED_ANEW
from portvakt.storage.sql.dialects import POSTGRESQL
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.statements import Statements, statements_of
from portvakt.storage.statements.trigrams import index_name, indexed, sure_part
from tests.support.stores import ANSWER, CONNECTION, TENANT, moment

NAMES = frozenset(index_name(resource) for resource in indexed(load()))
SHORT = ("ab", "a_b", "a-b%", "日本", "")


@cache
def statements(names: Set[str]) -> Statements:
    """The statements for a database with these indexes."""
    return statements_of(Tables(load(), names), POSTGRESQL)


def text_of(resource: Resource, asked: Query, access: RowAccess, names: Set[str] = NAMES) -> str:
    """The text of a list's statement on a database with these indexes."""
    return statements(names).rows.listing(resource, asked, access).text


@pytest.mark.parametrize("resource", [TENANT, CONNECTION, ANSWER], ids=lambda one: one.model)
def test_only_what_an_index_serves_is_asked_of_it(resource: Resource) -> None:
    """Short parts, negated filters and ids have the statement that they have without an index."""
    access = RowAccess()
    for part, served in (("abc", True), ("a\\b1Å9", True), *((part, False) for part in SHORT)):
        for asked in (
            Query(search=(part,)),
            Query(filters=(Filter("custom_id", "iendswith", False, part),)),
        ):
            with_index = text_of(resource, asked, access)
            assert with_index.startswith(PLANNED_ANEW) is served
            assert (with_index == text_of(resource, asked, access, frozenset())) is not served
    for asked in (
        Query(filters=(Filter("custom_id", "contains", True, "abc"),)),
        Query(search=("01934e7a-0000-7000-8000-000000000000",)),
        Query(search=("abc",), as_of=moment()) if resource.versions else Query(),
    ):
        assert text_of(resource, asked, access) == text_of(resource, asked, access, frozenset())


@pytest.mark.parametrize(
    ("part", "sure"),
    [
        ("abcd", "abc"),
        ("19121", "19121"),
        ("\u0308berg", "ber"),
        ("sa O", "sa "),
        ("Straße ", "strasse"),
        ("\u0308", ""),
        ("", ""),
    ],
)
def test_of_a_part_that_is_sought_is_what_its_neighbours_cannot_change(
    part: str, sure: str
) -> None:
    """A mark before or behind it can be composed with its first or last sign, but with no digit."""
    assert sure_part(part) == sure


@pytest.mark.parametrize("accepted", [(), (True,), (None, True, False)])
def test_what_is_hidden_is_asked_of_no_index(accepted: AcceptedAnswers) -> None:
    """Whoever may see only some people's texts can't tell by the time what the others' contain."""
    access = RowAccess(accepted_answers=accepted)
    filtered = Filter("custom_id", "contains", False, "abcd")
    for asked in (Query(search=("abc",)), Query(filters=(filtered,))):
        assert text_of(TENANT, asked, access) == text_of(TENANT, asked, access, frozenset())
        assert text_of(CONNECTION, asked, access).startswith(PLANNED_ANEW)
