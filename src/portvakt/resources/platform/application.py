"""An integration vendor's product: the container of its services."""

from portvakt.schema import fields
from portvakt.schema.fields import Text
from portvakt.schema.resource import Resource, Unique

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/application/",
    description="An integration vendor's product: the container of its services.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        fields.CREATED_AT,
    ),
    unique=(Unique(("name",)),),
    platform=True,
)
