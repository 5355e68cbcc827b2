"""A person who works for a customer."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Integer, Text
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtLeastOneOf

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/organization/organizationuser/",
    description="A person who works for a customer.",
    fields=(
        fields.ID,
        Integer("detail_access", required=True, nullable=False, options=(0, 1, 2)),
        Text("first_name", max_length=255, personal=True),
        Text("last_name", max_length=255, personal=True),
        Text("corporate_name", max_length=255, personal=True),
        Text("email", max_length=254, personal=True),
        Text("phone_number", max_length=36, pattern=r"^\+?1?\d{7,15}$", personal=True),
        Boolean("is_active", nullable=False, default=True),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rules=(AtLeastOneOf(("first_name", "last_name", "corporate_name")),),
)
