"""What texts of a format or pattern are accepted: tables of examples.

The personal numbers are those with which documentation and test tools show the form, or computed;
no person has them.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from portvakt.errors import FaultCode
from portvakt.resources import load
from portvakt.resources.person import EMAIL, GLN13_NUMBER, ORG_NO, PHONE_NUMBER, SSN
from portvakt.schema import formats
from portvakt.schema.fields import Text
from portvakt.schema.formats import FORMATS
from portvakt.schema.values import InvalidValue

RESOURCES = load().resources


def field(resource: str, name: str) -> Text:
    """A declared text field."""
    found = RESOURCES[resource].by_name[name]
    assert isinstance(found, Text)
    return found


PEPPOL_ID = field("accounts.subtenant", "peppol_id")
USERNAME = field("accounts.subtenant", "username")
STREET = field("common.address", "street")
STREET_NUMBER = field("common.address", "street_number")
POSTAL_CODE = field("common.address", "postal_code")


def check(kind: str, text: str) -> None:
    """Raise `InvalidValue` for a text that is not of the format."""
    FORMATS[kind](text)


def with_check_digits(head: str) -> Iterable[str]:
    """The ten texts that begin alike and end in each digit."""
    return (f"{head}{digit}" for digit in "0123456789")


# --- Luhn ------------------------------------------------------------------------------------

LUHN = [
    "1212121212",
    "121212-1212",
    "201212121212",
    "20121212-1212",
    "19121212+1212",
    "7010632391",  # coordination numbers: sixty is added to the day
    "701063-2391",
    "19701063-2391",
    "640883-3231",
    "5560160680",  # organization numbers
    "556016-0680",
    "16556016-0680",
]
NOT_LUHN = [
    "",
    "0",
    "121212+1212",  # a plus stands after a century alone: `org_no` has none
    "556036+0793",
    "121212-121",
    "121212-12123",
    "121212 1212",
    "121212--1212",
    "12121212-12",
    "1-2121212-12",
    "A21212-1212",
    " 121212-1212",
    "121212-1212\n",
    "1121212-1212",
    "١٢١٢١٢-١٢١٢",
]


@pytest.mark.parametrize("text", LUHN)
def test_a_right_check_digit_is_accepted(text: str) -> None:
    """With and without a century and a hyphen; the century is not part of the check."""
    check("luhn", text)


@pytest.mark.parametrize("text", LUHN)
def test_every_other_check_digit_is_refused(text: str) -> None:
    """Of the ten possible last digits only one is right."""
    for other in with_check_digits(text[:-1]):
        if other != text:
            with pytest.raises(InvalidValue, match="check digit"):
                check("luhn", other)


@pytest.mark.parametrize("text", NOT_LUHN)
def test_what_is_no_such_number_is_refused(text: str) -> None:
    """Too few or too many digits, other characters, a hyphen in the wrong place."""
    with pytest.raises(InvalidValue) as caught:
        check("luhn", text)
    assert caught.value.code is FaultCode.format


@pytest.mark.parametrize(
    ("one", "text", "code"),
    [
        (SSN, "20121212-1212", None),
        (SSN, "201212121212", None),
        (SSN, "121212-1212", FaultCode.too_short),
        (SSN, "20121212--1212", FaultCode.too_long),
        (SSN, "20121212-1213", FaultCode.format),
        (ORG_NO, "556016-0680", None),
        (ORG_NO, "5560160680", None),
        (ORG_NO, "165560160680", FaultCode.too_long),
        (GLN13_NUMBER, "7350053850019", None),
        (GLN13_NUMBER, "735005385001", FaultCode.too_short),
        (EMAIL, f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.se", None),
        (EMAIL, f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 59}.se", FaultCode.too_long),
    ],
)
def test_numbers_and_addresses_have_their_lengths(
    one: Text, text: str, code: FaultCode | None
) -> None:
    """A personal number has its century, an organization number has none."""
    if code is None:
        assert one.parse(text) == text
        return
    with pytest.raises(InvalidValue) as caught:
        one.parse(text)
    assert caught.value.code is code


# --- GLN -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["7350053850019", "07350053850019", "4012345000009"])
def test_a_gln_is_accepted_with_its_check_digit_only(text: str) -> None:
    """Thirteen digits, or fourteen of which the first is zero."""
    accepted = []
    for other in with_check_digits(text[:-1]):
        try:
            check("gln13", other)
        except InvalidValue:
            continue
        accepted.append(other)
    assert accepted == [text]


@pytest.mark.parametrize(
    "text",
    ["", "735005385001", "17350053850019", "0073500538500191", "735005385001X", "7350053-850019"],
)
def test_what_is_no_gln_is_refused(text: str) -> None:
    """Other lengths and other characters."""
    with pytest.raises(InvalidValue, match="GLN"):
        check("gln13", text)


# --- e-mail ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a@example.se",
        "first.last+tag@sub.example.com",
        "Åsa.Öberg@example.se",
        "asa@exämple.se",
        "o'neil_99@example.org",
    ],
)
def test_an_address_is_accepted_as_it_stands(text: str) -> None:
    """Nothing is looked up, and nothing is changed."""
    assert EMAIL.parse(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@example.se",
        "a@@example.se",
        "a@b@example.se",
        "a b@example.se",
        "a@example..se",
        ".a@example.se",
        "a@-example.se",
        "a@localhost",
        "a@example.se\n",
        "Åsa <a@example.se>",
        "a@[127.0.0.1]",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """The message says what is wrong with it."""
    with pytest.raises(InvalidValue, match="Expected an e-mail address: ") as caught:
        EMAIL.parse(text)
    assert caught.value.code is FaultCode.format


LABELS = st.text("aZ9-", max_size=6) | st.sampled_from(
    ["local", "TEST", "arpa", "xn--a", "ab--c", "\u017f", "\u212a", "se\n", "a" * 64]
)
ADDRESSES = st.builds(
    "{}@{}".format,
    st.text("aZ9_+-.", max_size=8) | st.text('a\u00e5 !"@\n', max_size=4),
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
)


@settings(max_examples=1000)
@given(text=ADDRESSES | st.from_regex(formats._USUAL))
def test_what_is_usual_is_what_the_library_takes(text: str) -> None:
    """An address is right if, and only if, the library says so; most are not given to it."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(InvalidValue):
            formats.check_email(text)
    else:
        formats.check_email(text)


# --- patterns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "text", "accepted"),
    [
        (PHONE_NUMBER, "0701740605", True),
        (PHONE_NUMBER, "+46701740605", True),
        (PHONE_NUMBER, "1234567", True),
        (PHONE_NUMBER, "+1123456789012345", True),
        (PHONE_NUMBER, "123456", False),
        (PHONE_NUMBER, "070-174 06 05", False),
        (PHONE_NUMBER, "46+701740605", False),
        (PHONE_NUMBER, "0701740605\n", False),
        (PEPPOL_ID, "0007:5560160680", True),
        (PEPPOL_ID, "0088:7350053850019", True),
        (PEPPOL_ID, "0007:556016068", False),
        (PEPPOL_ID, "0009:5560160680", False),
        (PEPPOL_ID, "0007-5560160680", False),
        (PEPPOL_ID, "0088:73500538500191", False),
        (USERNAME, "sagofigur", True),
        (USERNAME, "asa.oberg+1@example.se", True),
        (USERNAME, "åsa.öberg+1@example.se", False),
        (USERNAME, "sago figur", False),
        (USERNAME, "kort", False),
        (STREET, "S:t Göransgatan", True),
        (STREET, "Drottning Kristinas väg 5", True),
        (STREET, "Storgatan, uppgång B", False),
        (STREET, "", False),
        (STREET_NUMBER, "12", True),
        (STREET_NUMBER, "12-14B", True),
        (STREET_NUMBER, "1-2-3", True),
        (STREET_NUMBER, "12-", False),
        (STREET_NUMBER, "B12", False),
        (POSTAL_CODE, "123 45", True),
        (POSTAL_CODE, "SE-12345", True),
        (POSTAL_CODE, "12", False),
    ],
)
def test_a_pattern_is_matched_against_the_whole_text(one: Text, text: str, accepted: bool) -> None:
    """Not against a part of it, and not against all but a last newline."""
    try:
        found = one.parse(text) == text
    except InvalidValue:
        found = False
    assert found is accepted


def test_no_pattern_takes_long_to_refuse() -> None:
    """A text that almost matches is refused at once, not after trying every way to divide it."""
    with pytest.raises(InvalidValue):
        STREET_NUMBER.parse("11-" * 84 + "!")
