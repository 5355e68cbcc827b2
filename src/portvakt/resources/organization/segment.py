"""A segment: some of a customer's real estates, by which work is divided."""

from portvakt.schema import fields
from portvakt.schema.fields import References, Text
from portvakt.schema.reach import RefersTo
from portvakt.schema.resource import ALL_OPERATIONS, Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/organization/segment/",
    description="Some of a customer's real estates, by which work is divided.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        References("realestates", target="objects.realestate"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    reach=(
        RefersTo("organization", only=True),
        RefersTo("realestates"),
    ),
    operations=ALL_OPERATIONS,
)
