"""The items of the sample data, made from words. Pure: the same words give the same items.

Each function yields what a body would give an item, with its `id` and `created_at`; what is left
out has its default. Ids are UUIDs of stable names. Whatever looks random is a digest of a name.

Telephone numbers are from the series that the Swedish authority has set aside for fiction, e-mail
addresses from domains for examples.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid5

from portvakt.sandbox import integrations, places
from portvakt.sandbox.ids import (
    NAMESPACE,
    YEAR,
    Item,
    born,
    custom_id,
    number,
    organization,
    stable_id,
)
from portvakt.sandbox.words import (
    APPLICATIONS,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    PERMISSIONS,
    SERVICES,
    CustomerWords,
)
from portvakt.schema.registry import content_type_id

_ORGANIZATION_USERS = 12
_TENANTS = 60
_SUB_TENANTS = 30
_ANSWERS = 114
_CHANGED_ANSWERS = 6
_CONNECTED_TENANTS = 44
_FURTHER_CONNECTIONS = 36
_FIRST_MOBILE, _MOBILES = 46_70_174_06_05, 95  # 070-174 06 05 to 99
_FIRST_LANDLINE, _LANDLINES = 46_8_465_004_00, 100  # 08-465 004 00 to 99


def customer_items(words: CustomerWords) -> dict[str, list[Item]]:
    """A customer and what belongs to it, by resource, in the order to insert it."""
    made = {
        "platform.customer": [customer_item(words)],
        "sales.organization": list(_organizations(words)),
        **places.items(words),
        "accounts.organizationuser": list(_organization_users(words)),
        "platform.administrator": [_administrator(words)],
        "accounts.organizationusersegment": list(_memberships(words)),
        "accounts.tenant": list(_tenants(words)),
        "accounts.subtenant": list(_sub_tenants(words)),
        "accounts.subtenanttenantconnection": list(_households(words)),
        "accounts.protectedidentity": list(_protected_identities(words)),
        "accounts.integrationuseragent": list(integrations.activations(words)),
    }
    made["integrations.notice"] = list(_notices(words))
    made["integrations.answeredintegrationpersonalinformationaccess"] = list(_answers(words))
    made["integrations.integrationserviceidconnection"] = list(_connections(words))
    return made


def customer_item(words: CustomerWords) -> Item:
    """The customer itself."""
    return {**born(0, 1, "customer", words.key), "name": words.name}


def _administrator(words: CustomerWords) -> Item:
    return {
        **born(60, 61, words.key, "administrator"),
        "organization_user": stable_id(words.key, "organization_user", 0),
        "email": f"administrator@{words.key}.example.com",
    }


# --- persons ---------------------------------------------------------------------------------


def _mobile(index: int) -> str:
    return f"+{_FIRST_MOBILE + index % _MOBILES}"


def _names(words: CustomerWords, index: int) -> tuple[str, str]:
    """A first and a last name; no two persons of a customer have the same."""
    place = words.shift + index
    return FIRST_NAMES[place * 5 % len(FIRST_NAMES)], LAST_NAMES[place % len(LAST_NAMES)]


def _address(name: str) -> str:
    """A name as it stands in an e-mail address: `Märta Åberg` becomes `marta.aberg`."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z]+", ".", plain).strip(".")


# --- organizations and persons ---------------------------------------------------------------


def _organizations(words: CustomerWords) -> Iterator[Item]:
    for index, (name, known_as) in enumerate(words.organizations):
        yield {
            **born(5, 10, words.key, "organization", index),
            "name": name,
            "organization": organization(words, 0) if index else None,
            "custom_id": known_as,
        }


def _organization_users(words: CustomerWords) -> Iterator[Item]:
    for index in range(_ORGANIZATION_USERS):
        first, last = _names(words, 1000 + index)
        yield {
            **born(10, 60, words.key, "organization_user", index),
            "detail_access": index % 3,
            "first_name": first,
            "last_name": last,
            "email": f"{_address(f'{first} {last}')}@{words.key}.example.com",
            "phone_number": _mobile(index + 80),
            "is_active": index != _ORGANIZATION_USERS - 1,
            "role": places.role(words, index) if index % 4 else None,
            "organization": organization(words, index),
            "custom_id": custom_id("P", index),
        }


def _memberships(words: CustomerWords) -> Iterator[Item]:
    """Most organization users work in one segment, some in none."""
    for index in range(0, _ORGANIZATION_USERS, 2):
        yield {
            **born(60, 80, words.key, "membership", index),
            "segment": places.segment(words, index // 2),
            "user": stable_id(words.key, "organization_user", index),
            "role": places.role(words, index // 2) if index % 4 else None,
        }


def _sharing(index: int) -> bool | None:
    """Most persons have said nothing of sharing in general, some yes, and a few no."""
    if (index + 8) % 15 == 0:
        return False
    return True if index % 4 == 0 else None


def _tenants(words: CustomerWords) -> Iterator[Item]:
    for index in range(_TENANTS):
        company = index - (_TENANTS - len(COMPANIES))
        named = _person(words, index) if company < 0 else _company(company)
        yield {
            **born(20, 200, words.key, "tenant", index),
            **named,
            "allows_external_personal_information_sharing": _sharing(index),
            "realestates": places.real_estates(words, index),
            "current_registered_address": places.address(words, index) if index % 5 else None,
            "organization": organization(words, index),
            "custom_id": custom_id("H", index),
        }


def _person(words: CustomerWords, index: int) -> Item:
    """Most have an address, some a number only, and a few neither."""
    first, last = _names(words, index)
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{_address(f'{first} {last}')}@example.se" if index % 6 else None,
        "phone_number": _mobile(index) if index % 9 else None,
    }


def _company(index: int) -> Item:
    name = COMPANIES[index]
    return {
        "corporate_name": name,
        "email": f"info@{_address(name).replace('.', '-')}.example.com",
        "phone_number": f"+{_FIRST_LANDLINE + index % _LANDLINES}",
    }


def _sub_tenants(words: CustomerWords) -> Iterator[Item]:
    for index in range(_SUB_TENANTS):
        first, last = _names(words, 100 + index)
        yield {
            **born(60, 250, words.key, "sub_tenant", index),
            **{name: number("may", name, index) % 3 > 0 for name in PERMISSIONS},
            "first_name": first,
            "last_name": last if index % 10 else None,
            "phone_number": _mobile(index + 45) if index % 4 else None,
            "allows_external_personal_information_sharing": _sharing(index + 3),
            "organization": organization(words, index),
            "custom_id": custom_id("A", index),
        }


def _households(words: CustomerWords) -> Iterator[Item]:
    """Each sub-tenant belongs to a tenant."""
    for index in range(_SUB_TENANTS):
        yield {
            **born(251, 254, words.key, "household", index),
            "sub_tenant": stable_id(words.key, "sub_tenant", index),
            "tenant": stable_id(words.key, "tenant", index * 7 % _TENANTS),
            "stakeholder_type": index % 4,
            "category": index % 10 if index % 3 else None,
            "organization": organization(words, index),
        }


def _protected_identities(words: CustomerWords) -> Iterator[Item]:
    """One of a tenant and one of a sub-tenant."""
    for index, (kind, offset) in enumerate((("tenant", 0), ("sub_tenant", 100))):
        first, last = _names(words, offset + index)
        yield {
            **born(251, 254, words.key, "protected_identity", index),
            kind: stable_id(words.key, kind, index),
            "first_name": first,
            "last_name": last,
        }


# --- answers and id connections -------------------------------------------------------------


_NOTICES = (
    ("sv", "Vi visar dina uppgifter för den tjänst som du väljer. Du kan ångra dig när du vill."),
    ("en", "We show your details to the service that you choose. You may withdraw at any time."),
)
"""What persons are told, by language."""


def _notices(words: CustomerWords) -> Iterator[Item]:
    """What persons are told of all integrations; then of one, which wrote its own."""
    for index, (language, text) in enumerate(_NOTICES):
        yield {
            **born(200, 254, words.key, "notice", language),
            "version": 1,
            "language": language,
            "text": text,
            "custom_id": custom_id("INFO", index),
        }
    yield {
        **born(255, 300, words.key, "notice", SERVICES[0].key),
        "integration": stable_id(words.key, "integration", SERVICES[0].key),
        "version": 2,
        "language": "sv",
        "text": _NOTICES[0][1] + " Vi sparar dem i två år.",
    }


_ANSWERED_BY: Sequence[tuple[str, str, int]] = (
    ("answered_by_tenant", "tenant", _TENANTS),
    ("answered_by_sub_tenant", "sub_tenant", _SUB_TENANTS),
    ("answered_by_tenant", "tenant", _TENANTS),
    ("answered_by_organization_user", "organization_user", _ORGANIZATION_USERS),
)


def _answers(words: CustomerWords) -> Iterator[Item]:
    """Yes twice as often as no. The last few answer once more, the other way round."""
    for index in range(_ANSWERS):
        yield _answer(words, index, _said(index)) | born(255, 340, words.key, "answer", index)
    for index in range(_CHANGED_ANSWERS):
        changed = born(341, YEAR, words.key, "changed answer", index)
        yield _answer(words, index, not _said(index)) | changed | {"custom_id": None}


def _said(index: int) -> bool:
    return number("answer", index) % 3 > 0


def _answer(words: CustomerWords, index: int, said: bool) -> Item:
    field, kind, many = _ANSWERED_BY[index % len(_ANSWERED_BY)]
    turn, place = divmod(index // len(_ANSWERED_BY), many)
    service = SERVICES[(index + index // len(SERVICES) + turn) % len(SERVICES)]
    return {
        "answer": said,
        field: stable_id(words.key, kind, place),
        "integration": stable_id(words.key, "integration", service.key),
        "organization": organization(words, place),
        "custom_id": custom_id("SVAR", index),
        **_evidence(words, index),
    }


def _evidence(words: CustomerWords, index: int) -> Item:
    """Every fifth answer tells how it was given."""
    if index % 5:
        return {}
    return {
        "notice": stable_id(words.key, "notice", "sv"),
        "method": ("portal", "paper")[index % 2],
    }


_FORMS: Sequence[Callable[[int], str]] = (
    lambda index: f"KUND-{20_000 + index * 7}",
    lambda index: f"hyresgäst/{index:05d}",
    lambda index: str(uuid5(NAMESPACE, f"external {index}")),
    lambda index: f"{9_000_000 + index * 131}",
)
"""How the external systems' ids look."""

_FURTHER = {
    "accounting.verification": "VER 2026-{:06d}",
    "accounting.invoice": "F{:08d}",
    "contracts.apartmentcontract": "avtal:{:04d}/01",
}
"""Content types whose items another system holds, and the form of their external ids."""


def _connections(words: CustomerWords) -> Iterator[Item]:
    """Of tenants, where two neighbours share one external id now and then; then of other items."""
    for index in range(_CONNECTED_TENANTS):
        household = index - 1 if (index + 6) % 11 == 0 else index
        yield {
            **_connection(words, index),
            "content_type": content_type_id("accounts.tenant"),
            "object_id": stable_id(words.key, "tenant", index),
            "external_id": _FORMS[household % len(_FORMS)](household),
        }
    for index in range(_FURTHER_CONNECTIONS):
        content_type = list(_FURTHER)[index % len(_FURTHER)]
        yield {
            **_connection(words, _CONNECTED_TENANTS + index),
            "content_type": content_type_id(content_type),
            "object_id": stable_id(words.key, content_type, index // 4),
            "external_id": _FURTHER[content_type].format(index + 1),
        }


def _connection(words: CustomerWords, index: int) -> Item:
    """What all connections have. Each application keeps a run of them; a few are hidden."""
    keys = list(APPLICATIONS)
    return {
        **born(70, YEAR, words.key, "id_connection", index),
        "application_id": stable_id("application", keys[index // 6 % len(keys)]),
        "hidden": (index + 13) % 16 == 0,
        "organization": organization(words, index),
        "custom_id": custom_id("K", index),
    }
