"""A part of a customer's business."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Anything, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import IsObject
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/sales/organization/",
    description="A part of a customer's business; it may belong to another organization.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        Anything("customer_columns", read_only=True),
        Anything("tags", read_only=True),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rows=(
        Within(
            IsObject(parent="organization"),
        ),
    ),
    checks=(Unique(("name",)),),
    operations=ALL_OPERATIONS,
)
