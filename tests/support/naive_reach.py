"""What an activation reaches, in plain Python over clean items: slow, and simple to believe.

Written from decision records (16, 17, 22, 33) and not from the SQL, so that both can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portvakt.resources import load

Item = dict[str, Any]
Items = Mapping[str, Sequence[Item]]
"""All of a customer's clean items, by the name of their resource."""

REGISTRY = load()
ANSWERS = "integrations.answeredintegrationpersonalinformationaccess"
CONNECTIONS = "integrations.integrationserviceidconnection"
ACTIVATIONS = "accounts.integrationuseragent"
NOTICES = "integrations.notice"
PEOPLE = {
    "answered_by_tenant": "accounts.tenant",
    "answered_by_sub_tenant": "accounts.subtenant",
    "answered_by_organization_user": "accounts.organizationuser",
}
"""Who may have given an answer, by the field that says so."""


class Caller:
    """What bounds an activation besides its object.

    `application`: whose connections it sees; `own`: the activation, if it sees only answers about
    itself; `connected`: whether it sees only what its application has connected.
    """

    def __init__(
        self, items: Items, application: str, own: str | None = None, *, connected: bool = False
    ) -> None:
        self.application = application
        self.own = own
        self.connected = {
            (REGISTRY.content_types[item["content_type"]], item["object_id"])
            for item in items[CONNECTIONS]
            if item["application_id"] == application
        }
        self.needs_connection = connected

    def may_see(self, name: str, item: Item) -> bool:
        """Whether it sees an item that belongs to its object."""
        if name == CONNECTIONS:
            return bool(item["application_id"] == self.application)
        about = {ACTIVATIONS: "id", ANSWERS: "integration", NOTICES: "integration"}.get(name)
        if self.own is not None and about and item[about] not in (None, self.own):
            return False
        free = not self.needs_connection or name in (ACTIVATIONS, NOTICES)
        return free or self.has_connected(name, item)

    def has_connected(self, name: str, item: Item) -> bool:
        """Whether its application has connected the item, or of an answer the person."""
        if name != ANSWERS:
            return (name, item["id"]) in self.connected
        return any((kind, item[field]) in self.connected for field, kind in PEOPLE.items())


class Naive:
    """Says what belongs to one object, from the items alone."""

    def __init__(self, items: Items, level: str, pk: str) -> None:
        self.items = {name: {item["id"]: item for item in given} for name, given in items.items()}
        self.level = level
        self.objects = {pk}
        if level == "sales.organization":
            self.objects = {o for o in self.items[level] if pk in self._with_parents(o)}

    def _with_parents(self, organization: str | None) -> set[str]:
        found: set[str] = set()
        while organization is not None:
            found.add(organization)
            organization = self.items["sales.organization"][organization]["organization"]
        return found

    def reached(self, name: str) -> set[str]:
        """The ids of the items of a resource that belong to the object."""
        return {pk for pk in self.items.get(name, {}) if self.belongs(name, pk)}

    def belongs(self, name: str, pk: str | None) -> bool:
        """Whether an item does."""
        item = self.items.get(name, {}).get(pk or "")
        if item is None:
            return False
        if name == self.level:
            return pk in self.objects
        if self.level == "sales.organization" and name in OF_AN_ORGANIZATION:
            return item["organization"] in self.objects
        rule = RULES.get(name)
        return rule is not None and rule(self, item)

    def any_of(self, name: str, field: str, pk: str) -> list[Item]:
        """The items that refer to an item by a field."""
        return [item for item in self.items.get(name, {}).values() if item[field] == pk]

    def by_object(self, item: Item, kind: str, pk: str) -> bool:
        """Whether the object of a generic reference belongs, or is none that is held."""
        name = REGISTRY.content_types[item[kind]]
        # A connection of a connection is one of an item of which nobody knows where it belongs.
        held = name in REGISTRY.resources and not REGISTRY.resources[name].platform
        return not held or name == CONNECTIONS or self.belongs(name, item[pk])

    def seen(self, name: str, caller: Caller) -> set[str]:
        """The ids of the items of a resource that an activation on the object sees."""
        return {pk for pk in self.reached(name) if caller.may_see(name, self.items[name][pk])}


OF_AN_ORGANIZATION = {
    "accounts.tenant",
    "accounts.subtenant",
    "accounts.organizationuser",
    "organization.company",
    "organization.segment",
    "organization.role",
    "objects.realestate",
    "common.address",
}
"""What has an organization of its own, by which alone it belongs to one."""

RULES: dict[str, Callable[[Naive, Item], bool]] = {
    "objects.realestate": lambda n, i: n.belongs("organization.company", i["company"]),
    "accounts.tenant": lambda n, i: any(
        n.belongs("objects.realestate", pk) for pk in i["realestates"]
    ),
    "accounts.subtenanttenantconnection": lambda n, i: n.belongs("accounts.tenant", i["tenant"]),
    "accounts.subtenant": lambda n, i: any(
        n.belongs("accounts.tenant", household["tenant"])
        for household in n.any_of("accounts.subtenanttenantconnection", "sub_tenant", i["id"])
    ),
    "organization.segment": lambda n, i: any(
        n.belongs("objects.realestate", pk) for pk in i["realestates"]
    ),
    "accounts.organizationusersegment": lambda n, i: n.belongs(
        "organization.segment", i["segment"]
    ),
    "accounts.organizationuser": lambda n, i: any(
        n.belongs("organization.segment", membership["segment"])
        for membership in n.any_of("accounts.organizationusersegment", "user", i["id"])
    ),
    "accounts.protectedidentity": lambda n, i: (
        n.belongs("accounts.tenant", i["tenant"])
        or n.belongs("accounts.subtenant", i["sub_tenant"])
    ),
    "common.address": lambda n, i: any(
        n.belongs(name, person["id"])
        for name in ("accounts.tenant", "accounts.subtenant")
        for field in ("current_registered_address", "future_address")
        for person in n.any_of(name, field, i["id"])
        if person["allows_external_personal_information_sharing"] is not False
    ),
    ANSWERS: lambda n, i: (
        n.belongs("accounts.tenant", i["answered_by_tenant"])
        or n.belongs("accounts.subtenant", i["answered_by_sub_tenant"])
        or n.belongs("accounts.organizationuser", i["answered_by_organization_user"])
    ),
    ACTIVATIONS: lambda n, i: (
        i["activation_content_type"] is not None
        and n.by_object(i, "activation_content_type", "activation_object_id")
    ),
    CONNECTIONS: lambda n, i: n.by_object(i, "content_type", "object_id"),
    NOTICES: lambda n, i: i["integration"] is None or n.belongs(ACTIVATIONS, i["integration"]),
}
