"""A real estate: what a customer owns or manages, and what everything is scoped by."""

from portvakt.schema import fields
from portvakt.schema.fields import Date, Integer, Object, Reference, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import IsObject, RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within
from portvakt.schema.rules import ProperOrder

RESOURCE = Resource(
    declared_in=__name__,
    path="/objects/structural/realestate/",
    description="A real estate that a customer owns or manages.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        Text("popular_name", max_length=255),
        Reference("company", target="organization.company", description="Whose it is."),
        Object("community", description="The community, which we don't hold."),
        # The reference shows the first ten codes of more: 513, 520, 580, 581, 829, 610, ...
        Integer("type_code", description="The code of its type, as the tax authority gives it."),
        Integer("ownership_type"),
        Date("purchased_date"),
        Date("financial_responsibility_to"),
        Date("sold_date"),
        Date("non_financial_responsibility_to"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    # Nothing is said of the order of the sale and the end of the financial responsibility.
    checks=(
        ProperOrder(("purchased_date", "sold_date", "non_financial_responsibility_to")),
        ProperOrder(
            (
                "purchased_date",
                "financial_responsibility_to",
                "non_financial_responsibility_to",
            )
        ),
    ),
    rows=(
        Within(
            IsObject(),
            RefersTo("organization", only=True),
            RefersTo("company"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
