"""Identifiers that are one thing in several spellings (decision record 51).

They are stored as they are sent. What is asked for is spelt out instead: an exact filter finds
whatever stands for the same thing. Nothing here depends on today's date.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from portvakt.schema.values import InvalidValue, fold, parse_text

PERSONAL_NUMBER = "personal_number"
ORGANIZATION_NUMBER = "organization_number"
TELEPHONE = "telephone"
MAILBOX = "mailbox"

COUNTRY = "46"
"""The country of telephone numbers that name none: Sweden."""

_PERSONAL = re.compile(r"(1[89]|20)?([0-9]{6})([-+]?)([0-9]{4})")
_ORGANIZATION = re.compile(r"(?:16|18|19|20)?([0-9]{6})-?([0-9]{4})|SE([0-9]{6})([0-9]{4})01", re.I)
_NUMBER = re.compile(r"(\+|00|0)?([1-9][0-9]{6,14})")
_BETWEEN = re.compile(r"[\s()/.\u2010-\u2015\u2212-]")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_LONGEST = 15  # digits, with the country's (ITU-T E.164)
_NATIONAL = re.compile(f"{COUNTRY}[1-9][0-9]{{6,12}}")
_BARE = re.compile(f"{COUNTRY}[1-9][0-9]{{7,12}}")  # a shorter one may be of the area 046

_LABEL = 63
"""The most characters of a label of a domain (RFC 1035, 2.3.4). Punycode takes ages for more."""

_CENTURIES = {"": ("18", "19", "20"), "-": ("19", "20"), "+": ("18", "19")}
"""Which centuries a personal number without one may mean: with a plus, who is over 100."""


def personal_numbers(text: str) -> frozenset[str]:
    """The spellings of a Swedish personal number; none where the text isn't one.

    Without a century it means each that its separator allows.
    """
    match = _PERSONAL.fullmatch(_DASHES.sub("-", "".join(text.split())))
    if match is None:
        return frozenset()
    century, date, separator, number = match.groups()
    found = (century,) if century else _CENTURIES[separator]
    if century:
        short = [one for one, centuries in _CENTURIES.items() if century in centuries]
    else:
        short = ["", separator] if separator else [*_CENTURIES]
    whole = (f"{one}{date}{between}{number}" for one in found for between in ("", "-", "+"))
    return frozenset((*whole, *(f"{date}{between}{number}" for between in short)))


def organization_numbers(text: str) -> frozenset[str]:
    """The spellings of a Swedish organization number; also of its VAT number and of 12 digits."""
    match = _ORGANIZATION.fullmatch(_DASHES.sub("-", "".join(text.split())))
    if match is None:
        return frozenset()
    first, last = match[1] or match[3], match[2] or match[4]
    return frozenset((first + last, f"{first}-{last}"))


def telephones(text: str) -> frozenset[str]:
    """The spellings of a telephone number; none of one that may be of any country."""
    match = _NUMBER.fullmatch(_trunkless(_BETWEEN.sub("", text)))
    if match is None:
        return frozenset()
    sign, digits = match.groups()
    if sign == "0":
        digits = COUNTRY + digits
    elif sign is None and not _BARE.fullmatch(digits):
        return frozenset()
    if len(digits) > _LONGEST:
        return frozenset()
    signs = ("+", "00", "") if _BARE.fullmatch(digits) else ("+", "00")
    found = {sign + digits for sign in signs}
    if _NATIONAL.fullmatch(digits):
        found |= {sign + digits.replace(COUNTRY, f"{COUNTRY}0", 1) for sign in signs}
        found.add(digits.replace(COUNTRY, "0", 1))
    return frozenset(found)


def _trunkless(number: str) -> str:
    """A number without the zero that some write after the country."""
    return re.sub(rf"^(\+|00|){COUNTRY}0(?=[1-9][0-9]{{6}})", rf"\g<1>{COUNTRY}", number)


def mailboxes(text: str) -> frozenset[str]:
    """The normal forms of an e-mail address: its domain folded, and in both alphabets."""
    local, at, domain = text.rpartition("@")
    if not at:
        return frozenset()
    labels = [_label(one) for one in fold(domain).split(".")]
    return frozenset(f"{local}@{'.'.join(form)}" for form in (labels, map(_ascii, labels)))


def normal_mailbox(text: str) -> str:
    """An e-mail address with its domain folded: the part before the @ stays as it is."""
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{fold(domain)}"


def _label(label: str) -> str:
    """A folded label in its own alphabet; as it is where it hides none, or what is no text."""
    if not label.startswith("xn--") or len(label) > _LABEL:
        return label
    try:
        return fold(parse_text(label[4:].encode().decode("punycode")))
    except (UnicodeError, InvalidValue):
        return label


def _ascii(label: str) -> str:
    if label.isascii() or len(label) > _LABEL:
        return label
    return f"xn--{label.encode('punycode').decode()}"


SPELLINGS: dict[str, Callable[[str], frozenset[str]]] = {
    PERSONAL_NUMBER: personal_numbers,
    ORGANIZATION_NUMBER: organization_numbers,
    TELEPHONE: telephones,
    MAILBOX: mailboxes,
}
"""By what a field is declared to hold: what a text means. An unknown text means itself."""

NUMBERS = (PERSONAL_NUMBER, ORGANIZATION_NUMBER, TELEPHONE)
"""Those that a word of `_search` may be a spelling of; of an address, folded texts tell."""


def spellings(kind: str, text: str) -> list[str]:
    """What to compare with where exactly `text` is asked for."""
    return sorted(SPELLINGS[kind](text) or {text})


def numbers_in(text: str) -> dict[str, list[str]]:
    """What a word of a search may be a spelling of, by kind."""
    found = {kind: sorted(SPELLINGS[kind](text)) for kind in NUMBERS}
    return {kind: spelt for kind, spelt in found.items() if spelt}


def search_words(text: str) -> tuple[str, ...]:
    """The folded words of a search, each once; a number with spaces in it is one.

    Raises `InvalidValue`.
    """
    folded = fold(parse_text(text))
    if " " in folded and numbers_in(folded):
        return ("".join(folded.split()),)
    return tuple(dict.fromkeys(folded.split()))
