"""The registry: all declared resources as one checked value."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from uuid import NAMESPACE_DNS, uuid5

from portvakt.errors import DeclarationError
from portvakt.schema.caller_kinds import CallerKind
from portvakt.schema.declaration_checks import check
from portvakt.schema.fields import Reference, References
from portvakt.schema.paths import ReferredBy
from portvakt.schema.resource import Application, Resource


@lru_cache(1024)  # bounded: callers name content types too
def content_type_id(name: str) -> str:
    """The id of the content type `app.model`: the same in every installation.

    It is the UUIDv5 of the name in the DNS namespace (decision record 6).
    """
    return str(uuid5(NAMESPACE_DNS, name))


class Registry:
    """The applications and resources of one program. Raises `DeclarationError` on a wrong one.

    `known_content_types` are further names `app.model` that references may point at although we
    do not hold such items.
    """

    def __init__(
        self,
        applications: Iterable[Application],
        resources: Iterable[Resource],
        known_content_types: Iterable[str] = (),
    ) -> None:
        self.applications = {application.label: application for application in applications}
        self.resources: dict[str, Resource] = {}
        for resource in resources:
            self._add(resource)
        for resource in self.resources.values():
            self._check_targets(resource)
        self.content_types = {
            content_type_id(name): name for name in sorted({*self.resources, *known_content_types})
        }

    def _add(self, resource: Resource) -> None:
        check(resource)
        if resource.name in self.resources:
            first = self.resources[resource.name].file
            raise DeclarationError(f"{resource.file}: {resource.name} is declared in {first} too.")
        taken = {other.path: other.file for other in self.resources.values()}
        if resource.path in taken:
            raise DeclarationError(f"{resource.file}: its path is that of {taken[resource.path]}.")
        if resource.application not in self.applications:
            folder = resource.file.rpartition("/")[0]
            raise DeclarationError(f"{resource.file}: {folder}/__init__.py has no APPLICATION.")
        self.resources[resource.name] = resource

    def _check_targets(self, resource: Resource) -> None:
        for reference in resource.pointing:
            target = self.resources.get(reference.target)
            where = f"{resource.file}: the reference `{reference.name}`"
            if target is None:
                raise DeclarationError(
                    f"{where} points at {reference.target}, which is not declared."
                )
            back = ReferredBy(resource.name, reference.name)
            if reference.personal and not target.platform and back not in target.persons:
                raise DeclarationError(
                    f"{where} is personal: {target.file} must name it in its `privacy`."
                )
            if resource.platform and not target.platform:
                raise DeclarationError(f"{where} leads from the platform into a customer's data.")

    def target(self, reference: Reference | References) -> Resource:
        """The resource that a reference field points at."""
        return self.resources[reference.target]

    @cached_property
    def answers(self) -> Resource | None:
        """The resource whose items are persons' answers to integrations."""
        return next((one for one in self.resources.values() if one.answers), None)

    @cached_property
    def offered(self) -> tuple[Resource, ...]:
        """The resources that the API offers, in the order of their names."""
        return tuple(
            resource for _, resource in sorted(self.resources.items()) if resource.operations
        )

    def open_to(self, kind: CallerKind) -> tuple[Resource, ...]:
        """The offered resources that callers of this kind may use."""
        return tuple(resource for resource in self.offered if resource.open_to(kind))

    @cached_property
    def mappings(self) -> tuple[Resource, ...]:
        """The resources that map our ids to those that an application keeps for itself."""
        return tuple(one for one in self.resources.values() if one.mapping and one.of_application)

    def of_application(self, label: str) -> tuple[Resource, ...]:
        """The offered resources of one application, in the order of their names."""
        return tuple(resource for resource in self.offered if resource.application == label)

    def resource_of(self, content_type: str) -> Resource | None:
        """The resource whose content type has this id, where we hold it."""
        return self.resources.get(self.content_types.get(content_type, ""))
