"""The formats that a text can be declared to have, beyond a pattern.

Each is a function that returns nothing for a right text and raises `InvalidValue` for a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from portvakt.errors import FaultCode
from portvakt.schema.values import InvalidValue

_RESERVED = "|".join(sorted({name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES}))
_USUAL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    rf"(?!(?:{_RESERVED})\Z)[a-z]+",
    re.ASCII | re.IGNORECASE,
)
"""Most addresses: right whatever the library says of them, which takes thirty times as long."""
_SHORT = 64  # no part of an address can be too long in it


def check_email(text: str) -> None:
    """An e-mail address (RFC 5321, 5322, 6531). Nothing is looked up."""
    if len(text) < _SHORT and _USUAL.fullmatch(text):
        return
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidValue(FaultCode.format, f"Expected an e-mail address: {error}") from None


def check_luhn(text: str) -> None:
    """A Swedish personal, coordination or organization number with its check digit.

    The last ten digits count (ISO/IEC 7812-1, Luhn): a century before them is not part of the
    check (only where there is one a plus may stand, of who is over 100), and a coordination
    number's day, which is raised by 60, is checked as it stands.
    """
    match = re.fullmatch(r"(?:\d\d(\d{6})[-+]?|(\d{6})-?)(\d{4})", text, re.ASCII)
    if match is None or not _luhn_holds((match[1] or match[2]) + match[3]):
        raise InvalidValue(FaultCode.format, "Expected a number with a right check digit (Luhn).")


def _luhn_holds(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def check_gln13(text: str) -> None:
    """A Global Location Number of 13 digits (GS1), also in the form of 14 with a leading zero."""
    match = re.fullmatch(r"0?(\d{13})", text, re.ASCII)
    if match is None or not _gs1_holds(match[1]):
        raise InvalidValue(
            FaultCode.format, "Expected a GLN of 13 digits with a right check digit."
        )


def _gs1_holds(digits: str) -> bool:
    weighted = (int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(reversed(digits)))
    return sum(weighted) % 10 == 0


FORMATS: dict[str, Callable[[str], None]] = {
    "email": check_email,
    "luhn": check_luhn,
    "gln13": check_gln13,
}
"""By the name that the reference gives the format."""
