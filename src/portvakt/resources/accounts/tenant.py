"""A person or company that rents from a customer."""

from portvakt.resources import person
from portvakt.schema import fields
from portvakt.schema.fields import Integer, References, Text, Time
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import IsObject, RefersTo
from portvakt.schema.privacy import Person
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/customer/tenant/",
    description="A person or company that rents from a customer.",
    fields=(
        fields.ID,
        *person.NAME_FIELDS,
        person.POPULAR_NAME,
        person.EMAIL,
        person.PHONE_NUMBER,
        person.SSN,
        person.ORG_NO,
        person.GLN13_NUMBER,
        person.SNI_NUMBER,
        person.BIRTH_DATE,
        person.SSN_IS_COORDINATION_NUMBER,
        person.flag("anonymized"),
        person.ANONYMIZATION_NAME,
        person.flag("is_active", default=True),
        Time("active_to"),
        person.SHARING,
        References("realestates", target="objects.realestate"),
        person.address("current_registered_address"),
        person.address("future_address"),
        person.INVOICE_EMAIL,
        person.flag("autogiro_disables_invoice_distribution"),
        *person.DISTRIBUTION_INSTRUCTIONS,
        person.blocked("block_notifications_for"),
        person.blocked("block_email_notifications_for"),
        Text("custom_dimension_category_value", max_length=255, digested=True),
        person.PROFILE_PICTURE,
        person.USERNAME,
        Integer("status", read_only=True, nullable=False, default=0, options=tuple(range(10))),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        person.CUSTOM_ID,
    ),
    checks=(
        person.NAMED,
        *person.UNIQUE,
    ),
    privacy=Person(sharing=person.SHARING.name, anonymized="anonymized"),
    rows=(
        Within(
            IsObject(),
            RefersTo("organization", only=True),
            RefersTo("realestates"),
        ),
    ),
    operations=ALL_OPERATIONS,
    actions=person.RIGHTS,
)
