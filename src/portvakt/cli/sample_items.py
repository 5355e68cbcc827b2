"""The items of the sample data, made from words. Pure: the same words give the same items.

Each function yields what a body would give an item, with its `id` and `created_at`; what is left
out has its default. Ids are UUIDs of stable names. Whatever looks random is a digest of a name.

Telephone numbers are from the series that the Swedish authority has set aside for fiction, e-mail
addresses from domains for examples.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from portvakt.cli.sample_words import (
    APPLICATIONS,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    SERVICES,
    CustomerWords,
    ServiceWords,
)
from portvakt.schema.registry import content_type_id
from portvakt.schema.values import render_time

Item = dict[str, Any]

END = datetime(2026, 10, 1, tzinfo=UTC)
"""Every item was created in the year before."""

_NAMESPACE = uuid5(NAMESPACE_DNS, "sample-data.portvakt.example")
_YEAR = 365
_ORGANIZATION_USERS = 12
_TENANTS = 60
_SUB_TENANTS = 30
_ANSWERS = 114
_CHANGED_ANSWERS = 6
_CONNECTED_TENANTS = 44
_FURTHER_CONNECTIONS = 36
_FIRST_MOBILE, _MOBILES = 46_70_174_06_05, 95  # 070-174 06 05 to 99
_FIRST_LANDLINE, _LANDLINES = 46_8_465_004_00, 100  # 08-465 004 00 to 99


def stable_id(*names: object) -> str:
    """The id of what has these names."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, names))))


def platform_items() -> dict[str, list[Item]]:
    """What all customers share, by resource, in the order to insert it."""
    return {
        "platform.application": [
            {**_born(0, 1, "application", key), "name": name} for key, name in APPLICATIONS.items()
        ],
        "platform.service": [_service(words) for words in SERVICES],
        "platform.serviceversion": [
            _version(words, number) for words in SERVICES for number in _numbers(words)
        ],
    }


def customer_items(words: CustomerWords) -> dict[str, list[Item]]:
    """A customer and what belongs to it, by resource, in the order to insert it."""
    made = {
        "platform.customer": [customer_item(words)],
        "sales.organization": list(_organizations(words)),
        "accounts.organizationuser": list(_organization_users(words)),
        "accounts.tenant": list(_tenants(words)),
        "accounts.subtenant": list(_sub_tenants(words)),
        "accounts.integrationuseragent": list(_integrations(words)),
    }
    made["integrations.answeredintegrationpersonalinformationaccess"] = list(_answers(words))
    made["integrations.integrationserviceidconnection"] = list(_connections(words))
    return made


def customer_item(words: CustomerWords) -> Item:
    """The customer itself."""
    return {**_born(0, 1, "customer", words.key), "name": words.name}


# --- what all items have ---------------------------------------------------------------------


def _number(*names: object) -> int:
    """A large number that depends on the names alone."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, names)).encode()).digest()[:8])


def _born(first_day: int, last_day: int, *names: object) -> Item:
    """The id of what has these names, and a time between two days of the year."""
    start = END - timedelta(days=_YEAR - first_day)
    span = (last_day - first_day) * 24 * 60 * 60 * 1_000_000
    moment = start + timedelta(microseconds=_number("born", *names) % span)
    return {"id": stable_id(*names), "created_at": render_time(moment)}


def _organization(words: CustomerWords, index: int) -> str:
    """The id of one of the customer's organizations, taking turns."""
    return stable_id(words.key, "organization", index % len(words.organizations))


def _custom_id(prefix: str, index: int) -> str | None:
    """The id in the customer's own system; two of three have one, the same for both customers."""
    return None if (index + 1) % 3 == 0 else f"{prefix}-{1001 + index}"


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


# --- platform --------------------------------------------------------------------------------


def _numbers(words: ServiceWords) -> range:
    return range(1, len(words.personal) + 1)


def _service(words: ServiceWords) -> Item:
    return {
        **_born(0, 1, "service", words.key),
        "application": stable_id("application", words.application),
        "name": words.name,
        "level": content_type_id("sales.organization"),
    }


def _version(words: ServiceWords, number: int) -> Item:
    return {
        **_born(1, 5, "service", words.key, "version", number),
        "service": stable_id("service", words.key),
        "number": number,
        "require_personal_information_access": words.personal[number - 1],
    }


# --- organizations and persons ---------------------------------------------------------------


def _organizations(words: CustomerWords) -> Iterator[Item]:
    for index, (name, custom_id) in enumerate(words.organizations):
        yield {
            **_born(5, 10, words.key, "organization", index),
            "name": name,
            "organization": _organization(words, 0) if index else None,
            "custom_id": custom_id,
        }


def _organization_users(words: CustomerWords) -> Iterator[Item]:
    for index in range(_ORGANIZATION_USERS):
        first, last = _names(words, 1000 + index)
        yield {
            **_born(10, 60, words.key, "organization_user", index),
            "detail_access": index % 3,
            "first_name": first,
            "last_name": last,
            "email": f"{_address(f'{first} {last}')}@{words.key}.example.com",
            "phone_number": _mobile(index + 80),
            "is_active": index != _ORGANIZATION_USERS - 1,
            "organization": _organization(words, index),
            "custom_id": _custom_id("P", index),
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
            **_born(20, 200, words.key, "tenant", index),
            **named,
            "allows_external_personal_information_sharing": _sharing(index),
            "organization": _organization(words, index),
            "custom_id": _custom_id("H", index),
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
            **_born(60, 250, words.key, "sub_tenant", index),
            "first_name": first,
            "last_name": last if index % 10 else None,
            "phone_number": _mobile(index + 45) if index % 4 else None,
            "allows_external_personal_information_sharing": _sharing(index + 3),
            "organization": _organization(words, index),
            "custom_id": _custom_id("A", index),
        }


# --- integrations, answers and id connections ------------------------------------------------


def _integrations(words: CustomerWords) -> Iterator[Item]:
    for index, service in enumerate(SERVICES):
        newest = len(service.personal)
        yield {
            **_born(30, 60, words.key, "integration", service.key),
            "application_id": stable_id("application", service.application),
            "service_id": stable_id("service", service.key),
            "service_version_id": stable_id("service", service.key, "version", newest),
            "clashing_priority": index + 1,
            "category": service.category,
            "is_active": service.active,
            "activation_content_type": content_type_id("sales.organization"),
            "activation_object_id": _organization(words, index),
            "activation_variables": {"language": "sv", "notify": index % 2 == 0},
            "integration_activation_data": {"account": f"{words.key}-{service.key}"},
            "personal_information_acceptance_mode": service.mode,
            "organization": _organization(words, index),
            "custom_id": f"INT-{index + 1}",
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
        yield _answer(words, index, _said(index)) | _born(255, 340, words.key, "answer", index)
    for index in range(_CHANGED_ANSWERS):
        changed = _born(341, _YEAR, words.key, "changed answer", index)
        yield _answer(words, index, not _said(index)) | changed | {"custom_id": None}


def _said(index: int) -> bool:
    return _number("answer", index) % 3 > 0


def _answer(words: CustomerWords, index: int, said: bool) -> Item:
    field, kind, many = _ANSWERED_BY[index % len(_ANSWERED_BY)]
    turn, place = divmod(index // len(_ANSWERED_BY), many)
    service = SERVICES[(index + index // len(SERVICES) + turn) % len(SERVICES)]
    return {
        "answer": said,
        field: stable_id(words.key, kind, place),
        "integration": stable_id(words.key, "integration", service.key),
        "organization": _organization(words, place),
        "custom_id": _custom_id("SVAR", index),
    }


_FORMS: Sequence[Callable[[int], str]] = (
    lambda index: f"KUND-{20_000 + index * 7}",
    lambda index: f"hyresgäst/{index:05d}",
    lambda index: str(uuid5(_NAMESPACE, f"external {index}")),
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
        **_born(70, _YEAR, words.key, "id_connection", index),
        "application_id": stable_id("application", keys[index // 6 % len(keys)]),
        "hidden": (index + 13) % 16 == 0,
        "organization": _organization(words, index),
        "custom_id": _custom_id("K", index),
    }
