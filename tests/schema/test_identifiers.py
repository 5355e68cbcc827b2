"""Which texts stand for the same thing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portvakt.schema.identifiers import (
    NUMBERS,
    SPELLINGS,
    mailboxes,
    normal_mailbox,
    numbers_in,
    spellings,
)
from portvakt.schema.values import parse_text
from tests.support.naive import identities

DIGITS = st.text("0123456789", min_size=4, max_size=4)
WRITTEN = st.from_regex(r"(\+|00|0|SE|18|19|20|16)?[0-9]{5,12}[-+ ]?[0-9]{2,4}", fullmatch=True)


@pytest.mark.parametrize("kind", NUMBERS)
@given(text=WRITTEN | st.text())
def test_a_spelling_means_the_same(kind: str, text: str) -> None:
    """Each spelling of a text may mean what the text may mean; what is none means itself."""
    spelt = spellings(kind, text)
    assert spelt
    if not SPELLINGS[kind](text):
        assert spelt == [text]
    assert all(identities(kind, one) & identities(kind, text) for one in spelt)


@given(WRITTEN)
def test_a_whole_number_has_one_meaning(text: str) -> None:
    """Of two whole numbers each finds the other, or none does."""
    for kind in NUMBERS:
        for one in SPELLINGS[kind](text):
            whole = len(one.replace("-", "").replace("+", "")) >= 11
            if whole and kind != "telephone":
                assert one in SPELLINGS[kind](one)


@given(st.emails(), st.sampled_from(["xn--ker-tla2g", "\xe5ker\xf6", "A\u030aKER\xd6"]))
def test_a_domain_is_the_same_in_both_alphabets(address: str, label: str) -> None:
    """And whatever the case; what stands before the @ is compared as it is."""
    local = address.rpartition("@")[0]
    forms = mailboxes(f"{local}@{label}.example.se")
    assert forms == mailboxes(f"{local}@\xe5ker\xf6.EXAMPLE.se")
    assert normal_mailbox(f"{local}@{label}.example.se") in forms
    assert forms.isdisjoint(mailboxes(f"{local}x@\xe5ker\xf6.example.se"))


@given(st.text("-0123456789abcdefghijklmnopqrstuvwxyz", max_size=12))
@example("ib9b")
def test_what_a_domain_spells_can_be_asked_for(label: str) -> None:
    """A label that hides half a surrogate pair, or no text at all, stands for itself."""
    for form in mailboxes(f"a@xn--{label}.se"):
        assert parse_text(form) == form


def test_what_is_too_long_for_a_label_has_one_form() -> None:
    """No domain has a label of over 63 characters: making its other form would take ages."""
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 64)))
    assert mailboxes(f"a@{letters}") == {f"a@{letters}"}
    assert len(mailboxes(f"a@{letters[:-50]}")) == 2
    encoded = f"xn--{'b0' * 30}"
    assert mailboxes(f"a@{encoded}") == {f"a@{encoded}"}


def test_few_words_are_numbers() -> None:
    """What is searched for is mostly none."""
    for text in ("Åsa", "12", "1985", "2026-01-31", "a@example.se", "", "123 45", "12A"):
        assert numbers_in(text) == {}
