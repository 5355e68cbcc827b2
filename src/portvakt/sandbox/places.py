"""The places of the sample data: real estates and what goes with them, addresses, roles. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from portvakt.sandbox.ids import Item, born, custom_id, organization, stable_id
from portvakt.sandbox.words import REAL_ESTATES, ROLES, SEGMENTS, CustomerWords

_COMPANIES = 2
_ADDRESSES = 8


def items(words: CustomerWords) -> dict[str, list[Item]]:
    """A customer's places, by resource, in the order to insert them."""
    return {
        "organization.company": list(_companies(words)),
        "objects.realestate": list(_real_estates(words)),
        "organization.segment": list(_segments(words)),
        "organization.role": list(_roles(words)),
        "common.address": list(_addresses(words)),
    }


def real_estates(words: CustomerWords, index: int) -> list[str]:
    """Where a tenant rents: mostly in one real estate, some in two, a few in none."""
    many = 1 if (index + 1) % 10 else (index + 1) % 20 // 5
    return sorted(_real_estate(words, index + place) for place in range(many))


def _real_estate(words: CustomerWords, index: int) -> str:
    return stable_id(words.key, "real_estate", index % len(REAL_ESTATES))


def segment(words: CustomerWords, index: int) -> str:
    """The id of one of the segments, taking turns."""
    return stable_id(words.key, "segment", index % len(SEGMENTS))


def role(words: CustomerWords, index: int) -> str:
    """The id of one of the roles, taking turns."""
    return stable_id(words.key, "role", index % len(ROLES))


def address(words: CustomerWords, index: int) -> str:
    """The id of one of the addresses, taking turns."""
    return stable_id(words.key, "address", index % _ADDRESSES)


def _companies(words: CustomerWords) -> Iterator[Item]:
    for index in range(_COMPANIES):
        yield {
            **born(10, 12, words.key, "company", index),
            "name": f"{words.organizations[index][0]} Fastigheter AB",
            "has_brf_company": bool(index),
            "auto_confirm_bookkeeping_after_days": 14 if index else None,
            "bookkeeping_locked_to": "2025-12-31",
            "bookkeeping_month_start": 1,
            "organization": organization(words, index),
            "custom_id": custom_id("B", index),
        }


def _real_estates(words: CustomerWords) -> Iterator[Item]:
    for index, name in enumerate(REAL_ESTATES):
        sold = index == len(REAL_ESTATES) - 1
        yield {
            **born(12, 15, words.key, "real_estate", index),
            "name": f"{name} {words.shift + index + 1}",
            "popular_name": name,
            "company": stable_id(words.key, "company", index % _COMPANIES),
            "purchased_date": f"{1998 + index * 5}-0{index + 1}-15",
            "sold_date": "2026-06-30" if sold else None,
            "non_financial_responsibility_to": "2026-12-31" if sold else None,
            "organization": organization(words, index),
            "custom_id": custom_id("F", index),
        }


def _segments(words: CustomerWords) -> Iterator[Item]:
    """Each real estate belongs to one of them; the last belongs to all."""
    last = len(REAL_ESTATES) - 1
    for index, name in enumerate(SEGMENTS):
        within = {*range(index, len(REAL_ESTATES), len(SEGMENTS)), last}
        yield {
            **born(15, 18, words.key, "segment", index),
            "name": name,
            "realestates": sorted(_real_estate(words, place) for place in within),
            "organization": organization(words, 0),
        }


def _roles(words: CustomerWords) -> Iterator[Item]:
    for index, name in enumerate(ROLES):
        yield {
            **born(8, 10, words.key, "role", index),
            "name": name,
            "organization": organization(words, 0),
        }


def _addresses(words: CustomerWords) -> Iterator[Item]:
    for index in range(_ADDRESSES):
        yield {
            **born(12, 20, words.key, "address", index),
            "street": f"{REAL_ESTATES[index % len(REAL_ESTATES)]}vägen",
            "street_number": f"{index + 1}{'AB'[index % 2]}",
            "postal_code": f"000 {10 + index}",
            "city": "Ingenstad",
            "country": "Sverige",
            "organization": organization(words, index),
        }
