"""The personal information of a tenant or sub-tenant whose identity is protected."""

from portvakt.resources import person
from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Reference
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.privacy import OfPersons
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within
from portvakt.schema.rules import exactly_one_of

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/customer/protectedidentity/",
    description="The personal information of a person whose identity is protected.",
    fields=(
        fields.ID,
        Reference("tenant", target="accounts.tenant"),
        Reference("sub_tenant", target="accounts.subtenant"),
        *person.NAME_FIELDS,
        person.EMAIL,
        person.PHONE_NUMBER,
        person.SSN,
        person.SSN_IS_COORDINATION_NUMBER,
        person.ORG_NO,
        person.BIRTH_DATE,
        person.address("current_registered_address"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        person.CUSTOM_ID,
    ),
    checks=(
        *exactly_one_of("tenant", "sub_tenant"),
        person.NAMED,
        Unique(("tenant",)),
        Unique(("sub_tenant",)),
    ),
    privacy=OfPersons(RefersTo("tenant"), RefersTo("sub_tenant")),
    rows=(
        Within(
            RefersTo("tenant"),
            RefersTo("sub_tenant"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
