"""Integrations of every sort that ask, and what persons have said to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, settings

from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.resource import Resource
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    NOTICE,
    ORGANIZATION_USER,
    RESOURCES,
    SUB_TENANT,
    TENANT,
    Customer,
    add,
    moment,
    notice,
    ref,
)

PROTECTED = RESOURCES["accounts.protectedidentity"]
PERSONS = (TENANT, SUB_TENANT, ORGANIZATION_USER)
SHARING = "allows_external_personal_information_sharing"
KINDS = {
    TENANT.name: "tenant",
    SUB_TENANT.name: "sub_tenant",
    ORGANIZATION_USER.name: "organization_user",
}


class Said(NamedTuple):
    """A yes or no (None: the answer before is deleted), the place of its notice, and its end."""

    yes: bool | None
    notice: int | None = None
    expires_at: str | None = None


class Counts(NamedTuple):
    """Which answer counts where only a yes does (`strict`), and elsewhere."""

    strict: bool | None
    lenient: bool | None

    def of(self, terms: ConsentTerms) -> bool | None:
        """Which answer counts for this activation."""
        return self.strict if terms.strict else self.lenient


YES, NO, WITHDRAWN = Said(True), Said(False), Said(None)
NOTHING = Counts(None, None)
HISTORIES: dict[str, tuple[list[Said], Counts]] = {
    "none": ([], NOTHING),
    "yes": ([YES], Counts(True, True)),
    "no": ([NO], Counts(False, False)),
    "yes, no": ([YES, NO], Counts(False, False)),
    "no, yes": ([NO, YES], Counts(True, True)),
    "yes, withdrawn": ([YES, WITHDRAWN], NOTHING),
    "no, yes, withdrawn": ([NO, YES, WITHDRAWN], NOTHING),
    "yes until now": ([Said(True, expires_at=moment())], NOTHING),
    "no until now": ([YES, Said(False, expires_at=moment(-1))], NOTHING),
    "yes for an hour": ([NO, Said(True, expires_at=moment(3600))], Counts(True, True)),
    "yes to what was said before": ([Said(True, notice=0)], Counts(None, True)),
    "no to what was said before": ([Said(False, notice=1)], Counts(None, False)),
    "yes to what changed": ([Said(True, notice=2)], Counts(True, True)),
    "no to what was said after": ([Said(False, notice=3)], Counts(False, False)),
    "yes to the latest until now": ([Said(True, notice=3, expires_at=moment())], NOTHING),
}
"""What was said one after the other, and what counts."""
ASKERS = [ConsentTerms(*each) for each in product((True, False), (True, False), (0, 1, 2, None))]

quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def asking(customer: Customer, terms: ConsentTerms) -> Context:
    """The integration's requests, as if its activation were another."""
    return replace(customer.context, caller=replace(customer.context.caller, consent_terms=terms))


async def with_notices(customer: Customer) -> Customer:
    """The customer with more notices: the third says that something material has changed.

    The integration's fourth doesn't; the material ninth is another integration's.
    """
    mine, others = [ref(pk) for pk in customer.ids[ACTIVATION.name][:2]]
    further = [
        notice(3, integration=mine, material_change=True),
        notice(4, integration=mine),
        notice(9, integration=others, material_change=True),
    ]
    made = [item["id"] for item in await add(customer.own, NOTICE, further)]
    known = {**customer.ids, NOTICE.name: [*customer.ids[NOTICE.name], *made]}
    return replace(customer, ids=known)


async def say(customer: Customer, resource: Resource, pk: str, said: list[Said]) -> None:
    """Let a person answer the integration, and take answers back."""
    answers: list[str] = []
    for yes, place, expires_at in said:
        if yes is None:
            await write.delete(customer.own, ANSWER, answers[-1])
            continue
        body = {
            "answer": yes,
            "integration": ref(customer.a(ACTIVATION)),
            f"answered_by_{KINDS[resource.name]}": ref(pk),
            "notice": None if place is None else ref(customer.a(NOTICE, place)),
            "expires_at": expires_at,
        }
        answers.append((await write.create(customer.own, ANSWER, body))["id"])
