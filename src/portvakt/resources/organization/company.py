"""A company of a customer, with its bookkeeping."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Date, Integer, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import IsObject, RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/organization/company/",
    description="A company of a customer, with its bookkeeping.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        Boolean("has_brf_company"),
        Integer("auto_confirm_bookkeeping_after_days"),
        Date("bookkeeping_locked_to"),
        Integer(
            "bookkeeping_month_start",
            minimum=1,
            maximum=12,
            description="The month with which the bookkeeping year starts.",
        ),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rows=(
        Within(
            IsObject(),
            RefersTo("organization", only=True),
        ),
    ),
    operations=ALL_OPERATIONS,
)
