"""How many rows a page reads, as its statement says it to the database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portvakt.schema.fields import INT32
from portvakt.schema.query import Keyset, Page, Query
from portvakt.storage.statements.conditions import shape
from portvakt.storage.statements.ordering import enough

SIZES = st.integers(0, 10_000)


@given(st.builds(Page, st.integers(1, 2**40), SIZES))
def test_enough_is_never_less_than_a_page_reaches(page: Page) -> None:
    """It reaches the page's end, or past all that a database can skip, and is one of few."""
    most = enough(Query(page=page))
    assert most >= min(page.number * page.size, INT32[1])
    assert most in {0, *(8**power for power in range(12))}


@given(st.builds(Keyset, st.integers(1, 10_000), st.none()))
def test_enough_has_room_for_the_row_that_tells_of_more(keyset: Keyset) -> None:
    """One row more than a page by a cursor shows is read, and not eight times as many."""
    assert keyset.limit + 1 <= enough(Query(keyset=keyset)) < 8 * (keyset.limit + 1)


def test_a_whole_list_has_no_end() -> None:
    """Without a page there is nothing to say."""
    assert enough(Query()) == 0


def test_a_page_of_nothing_is_no_whole_list() -> None:
    """They have statements of their own, though both say nothing of how many rows there are."""
    assert shape(Query(page=Page(1, 0))) != shape(Query())
