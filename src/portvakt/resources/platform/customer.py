"""A property company whose data Portvakt holds."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/customer/",
    description="A property company whose data Portvakt holds.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        Boolean("is_active", nullable=False, default=True),
        fields.CREATED_AT,
    ),
    operations=ALL_OPERATIONS,
    platform=True,
)
