"""What an organization user does for a customer."""

from portvakt.schema import fields
from portvakt.schema.fields import Text
from portvakt.schema.reach import RefersTo
from portvakt.schema.resource import ALL_OPERATIONS, Resource, Unique

RESOURCE = Resource(
    declared_in=__name__,
    path="/organization/role/",
    description="What an organization user does for a customer.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    unique=(Unique(("name",)),),
    reach=(RefersTo("organization", only=True),),
    operations=ALL_OPERATIONS,
)
