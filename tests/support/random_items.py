"""A customer's items with random references: who belongs to whom is different for each seed.

Texts and numbers are those of the sample data; what is random is what leads from item to item.
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid4

from portvakt.resources import load
from portvakt.sandbox.data import KINDS, sample_data
from portvakt.schema.fields import Reference, References
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from tests.support.naive_reach import ACTIVATIONS, ANSWERS, CONNECTIONS, PEOPLE

Item = dict[str, Any]

REGISTRY = load()
SAMPLE = sample_data(REGISTRY).customers[0]
LEVELS = ("sales.organization", "organization.company", "objects.realestate", "accounts.tenant")

FEW = {"sales.organization": 4, "organization.company": 3, "objects.realestate": 5}
MANY = {ANSWERS: 40, CONNECTIONS: 90}
USUAL = 12
"""How many items of each resource."""


class Maker:
    """Makes the items of one customer, each from those that are there already.

    `times`: so many times as many as usual.
    """

    def __init__(self, random: Random, applications: tuple[str, str], times: int = 1) -> None:
        self.times = times
        self.random = random
        self.applications = applications
        self.items: dict[str, list[Item]] = {}

    def make(self) -> dict[str, list[Item]]:
        """All items, in an order in which they can be inserted."""
        for name in KINDS.values():
            self.items[name] = []
            resource = REGISTRY.resources[name]
            for place in range(self.times * {**FEW, **MANY}.get(name, USUAL)):
                item = self._item(resource, place)
                if item is not None:
                    self.items[name].append(item)
        return self.items

    def _item(self, resource: Resource, place: int) -> Item | None:
        item = dict(SAMPLE.items[resource.name][0])
        item["id"] = str(UUID(int=self.random.getrandbits(128), version=4))
        item["custom_id"] = f"{resource.model} {place}"
        for field in resource.fields:
            if isinstance(field, Reference):
                item[field.name] = self._one(field)
            elif isinstance(field, References):
                item[field.name] = self._some(field.target)
        for unique in resource.unique:
            last = resource.by_name[unique.fields[-1]]
            if not isinstance(last, Reference):
                item[last.name] = None if last.nullable else f"{last.name} {place}"
        own = {ANSWERS: self._answer, CONNECTIONS: self._connection, ACTIVATIONS: self._activation}
        if resource.name == "accounts.protectedidentity":
            return self._protected(item, place)
        return own[resource.name](item) if resource.name in own else item

    def _one(self, field: Reference) -> str | None:
        there = self.items.get(field.target, [])
        if not there or (field.nullable and self.random.random() < 0.25):
            return None
        return str(self.random.choice(there)["id"])

    def _some(self, target: str) -> list[str]:
        there = [item["id"] for item in self.items[target]]
        return sorted(self.random.sample(there, self.random.randint(0, 2)))

    def _object(self, kinds: tuple[str, ...]) -> tuple[str, str]:
        """A content type, and the id of an item of that kind."""
        name = self.random.choice(kinds)
        return content_type_id(name), self.random.choice(self.items[name])["id"]

    def _answer(self, item: Item) -> Item:
        chosen = self.random.choice(list(PEOPLE))
        there = self.items[PEOPLE[chosen]]
        return {**item, **dict.fromkeys(PEOPLE), chosen: self.random.choice(there)["id"]}

    def _protected(self, item: Item, place: int) -> Item | None:
        field, kind = (("tenant", "accounts.tenant"), ("sub_tenant", "accounts.subtenant"))[
            place % 2
        ]
        return {**item, "tenant": None, "sub_tenant": None, field: self.items[kind][place]["id"]}

    def _activation(self, item: Item) -> Item:
        kind, pk = self._object(LEVELS)
        if self.random.random() < 0.1:
            return {**item, "activation_content_type": None, "activation_object_id": None}
        return {**item, "activation_content_type": kind, "activation_object_id": pk}

    def _connection(self, item: Item) -> Item:
        held = tuple(name for name, items in self.items.items() if items)
        kind, pk = self._object(held)
        if self.random.random() < 0.1:
            kind, pk = content_type_id("objects.apartment"), str(uuid4())
        external = f"external {self.random.randrange(10**9)}"
        application = self.random.choice(self.applications)
        return {
            **item,
            "application_id": application,
            "content_type": kind,
            "object_id": pk,
            "external_id": external,
            "hidden": self.random.random() < 0.2,
        }
