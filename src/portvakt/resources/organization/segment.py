"""A segment: some of a customer's real estates, by which work is divided."""

from portvakt.schema import fields
from portvakt.schema.fields import References, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

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
    rows=(
        Within(
            RefersTo("organization", only=True),
            RefersTo("realestates"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
