"""Query strings parsed for tests: to a query, or to what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from portvakt.api.parameters import split
from portvakt.api.query_string import (
    parse_list,
)
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.resources import load
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource

ANSWERS = load().resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = load().resources["integrations.integrationserviceidconnection"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER = "d4ea9ac7-5f47-4fd2-93fb-1d0d8e5a2d1c"
LONGEST = 60_000

RESOURCES = [pytest.param(one, id=one.model) for one in load().offered]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def asked(query: str, resource: Resource = ANSWERS) -> Query:
    """What a query string asks for."""
    return parse_list(split(query.encode(), LONGEST), resource)


def refused(query: str, resource: Resource = ANSWERS) -> list[Fault]:
    """The faults of a query string."""
    with pytest.raises(Problem) as raised:
        asked(query, resource)
    assert raised.value.code is Code.invalid_parameters
    return list(raised.value.faults)


def fault(query: str, resource: Resource = ANSWERS) -> tuple[str, FaultCode]:
    """Where and what the only fault of a query string is."""
    (found,) = refused(query, resource)
    assert found.place == "parameter"
    return found.where, found.code


def only(query: str, resource: Resource = ANSWERS) -> Filter:
    """The only filter of a query string."""
    (found,) = asked(query, resource).filters
    return found
