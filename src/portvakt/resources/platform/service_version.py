"""A version of a service: what customers activate."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Integer, Reference
from portvakt.schema.resource import Resource, Unique

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/serviceversion/",
    description="A version of a service: what customers activate.",
    fields=(
        fields.ID,
        Reference("service", target="platform.service", required=True, nullable=False),
        Integer("number", required=True, nullable=False, minimum=1),
        Boolean("require_personal_information_access", nullable=False, default=False),
        fields.CREATED_AT,
    ),
    unique=(Unique(("service", "number")),),
    platform=True,
)
