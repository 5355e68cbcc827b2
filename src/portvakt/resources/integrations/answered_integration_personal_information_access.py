"""One person's yes or no to one integration seeing their personal information."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Reference
from portvakt.schema.reach import Via
from portvakt.schema.resource import ALL_OPERATIONS, Resource
from portvakt.schema.rules import exactly_one_of

RESOURCE = Resource(
    declared_in=__name__,
    path="/integrations/answeredintegrationpersonalinformationaccess/",
    description=(
        "One person's yes or no to one integration seeing their personal information. "
        "The latest write decides for a person and an integration."
    ),
    fields=(
        fields.ID,
        Boolean(
            "answer",
            required=True,
            nullable=False,
            description="Whether the person allows the integration to see their information.",
        ),
        Reference(
            "answered_by_organization_user",
            target="accounts.organizationuser",
            description="The organization user who answered.",
        ),
        Reference(
            "answered_by_tenant",
            target="accounts.tenant",
            description="The tenant who answered.",
        ),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        Reference(
            "integration",
            target="accounts.integrationuseragent",
            required=True,
            nullable=False,
            description="The integration that the answer is about.",
        ),
        fields.CUSTOM_ID,
        Reference(
            "answered_by_sub_tenant",
            target="accounts.subtenant",
            description="The sub-tenant who answered.",
        ),
    ),
    # In this order the sentences name the other fields as the reference does.
    rules=exactly_one_of(
        "answered_by_tenant", "answered_by_organization_user", "answered_by_sub_tenant"
    ),
    reach=(
        Via("answered_by_tenant"),
        Via("answered_by_sub_tenant"),
        Via("answered_by_organization_user"),
    ),
    about="integration",
    versions=True,
    operations=ALL_OPERATIONS,
)
