"""The rows that the benchmarks work on. Pure: the same numbers give the same rows.

Ids are computed from what they are of, so that nothing has to be looked up. They are UUIDv7 in
form and order, as the server makes them. Rows of all customers are mixed, as time would mix them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ANSWERS = "integrations.answeredintegrationpersonalinformationaccess"
CONNECTIONS = "integrations.integrationserviceidconnection"
TENANTS = "accounts.tenant"
SUB_TENANTS = "accounts.subtenant"
INTEGRATIONS = "accounts.integrationuseragent"
ORGANIZATIONS = "sales.organization"

INTEGRATIONS_EACH = 5
ORGANIZATIONS_EACH = 4

_KINDS = {
    name: number
    for number, name in enumerate(
        (
            "platform.customer",
            "platform.application",
            "platform.service",
            "platform.serviceversion",
            ORGANIZATIONS,
            TENANTS,
            SUB_TENANTS,
            INTEGRATIONS,
            ANSWERS,
            CONNECTIONS,
        )
    )
}
_BEGAN = 0x018CC251F400  # 2024-01-01 in milliseconds, as a UUIDv7 counts them
_SPREAD = 0x9E3779B97F4B  # odd, so that different numbers stay different
_FIRST_NAMES = ("Astrid", "Björn", "Cecilia", "David", "Elsa", "Folke", "Greta", "Håkan")
_LAST_NAMES = ("Ahlgren", "Bergström", "Cederlund", "Dahl", "Ekström", "Fors", "Göransson")
_SECONDS = 10  # between two answers of a customer


@dataclass(frozen=True)
class Size:
    """How much there is, of all customers together."""

    answers: int
    persons: int
    customers: int = 10

    @property
    def answers_each(self) -> int:
        """The answers of each customer."""
        return self.answers // self.customers

    @property
    def tenants_each(self) -> int:
        """The tenants of each customer: three persons of four."""
        return self.persons * 3 // 4 // self.customers

    @property
    def sub_tenants_each(self) -> int:
        """The sub-tenants of each customer."""
        return self.persons // 4 // self.customers


def pk(kind: str, customer: int, number: int) -> str:
    """The id of one item."""
    time = f"{_BEGAN + number:012x}"
    tail = number * _SPREAD & 0xFFFFFFFFFFFF
    return f"{time[:8]}-{time[8:]}-7{_KINDS[kind]:03x}-8{customer:03x}-{tail:012x}"


class Clock:
    """Times as clean text: the `number`th moment since the beginning, ten seconds apart."""

    def __init__(self) -> None:
        self._days: list[str] = []
        self._moments = [
            f"T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.123456Z"
            for second in range(0, 86400, _SECONDS)
        ]

    def __call__(self, number: int) -> str:
        """The time of that number."""
        day, moment = divmod(number, len(self._moments))
        while day >= len(self._days):
            self._days.append((date(2024, 1, 1) + timedelta(len(self._days))).isoformat())
        return self._days[day] + self._moments[moment]


Row = tuple[str | int, ...]
"""The values of the columns that differ from row to row; see `COLUMNS`."""

PERSON_COLUMNS = (
    "customer_id",
    "id",
    "created_at",
    "updated_at",
    "first_name",
    "first_name_folded",
    "last_name",
    "last_name_folded",
    "custom_id",
    "custom_id_folded",
    "organization",
)


def persons(kind: str, size: Size) -> Iterator[Row]:
    """The tenants or sub-tenants of all customers: values of `PERSON_COLUMNS`."""
    clock = Clock()
    each = size.tenants_each if kind == TENANTS else size.sub_tenants_each
    for number in range(each):
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        last = f"{_LAST_NAMES[number % len(_LAST_NAMES)]}-{number}"
        known_as = f"P-{number:07d}"
        for customer in range(size.customers):
            yield (
                pk("platform.customer", 0, customer),
                pk(kind, customer, number),
                clock(number),
                clock(number),
                first,
                first.casefold(),
                last,
                last.casefold(),
                known_as,
                known_as.casefold(),
                pk(ORGANIZATIONS, customer, number % ORGANIZATIONS_EACH),
            )


def answered_by(size: Size, number: int) -> tuple[str, int]:
    """Who gave the `number`th answer: the kind of person and its number."""
    person = number // INTEGRATIONS_EACH % (size.tenants_each + size.sub_tenants_each)
    if person < size.tenants_each:
        return TENANTS, person
    return SUB_TENANTS, person - size.tenants_each


def answer_columns(kind: str) -> tuple[str, ...]:
    """What `answers` gives for answers of this kind of person."""
    by = "answered_by_tenant" if kind == TENANTS else "answered_by_sub_tenant"
    names = ("customer_id", "id", "answer", "created_at", "updated_at", "integration", by)
    return (*names, "organization", "custom_id", "custom_id_folded")


def answers(kind: str, size: Size) -> Iterator[Row]:
    """The answers that persons of this kind gave, of all customers: `answer_columns`."""
    clock = Clock()
    for number in range(size.answers_each):
        by, person = answered_by(size, number)
        if by != kind:
            continue
        moment = clock(number)
        known_as = f"SVAR-{number:08d}"
        for customer in range(size.customers):
            yield (
                pk("platform.customer", 0, customer),
                pk(ANSWERS, customer, number),
                number % 3 % 2,
                moment,
                moment,
                pk(INTEGRATIONS, customer, number % INTEGRATIONS_EACH),
                pk(kind, customer, person),
                pk(ORGANIZATIONS, customer, person % ORGANIZATIONS_EACH),
                known_as,
                known_as.casefold(),
            )
