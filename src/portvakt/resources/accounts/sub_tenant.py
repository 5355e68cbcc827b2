"""A person who lives with, or uses something of, a tenant."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Text
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtLeastOneOf

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/customer/subtenant/",
    description="A person who lives with, or uses something of, a tenant.",
    fields=(
        fields.ID,
        Text("first_name", max_length=255, personal=True),
        Text("last_name", max_length=255, personal=True),
        Text("corporate_name", max_length=255, personal=True),
        Text("phone_number", max_length=36, pattern=r"^\+?1?\d{7,15}$", personal=True),
        Boolean("allows_external_personal_information_sharing"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rules=(AtLeastOneOf(("first_name", "last_name", "corporate_name")),),
)
