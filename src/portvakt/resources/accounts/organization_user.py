"""A person who works for a customer."""

from portvakt.resources import person
from portvakt.schema import fields
from portvakt.schema.fields import Integer, Objects, Reference, Time
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import ReferredBy, RefersTo
from portvakt.schema.privacy import Person
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/organization/organizationuser/",
    description="A person who works for a customer.",
    fields=(
        fields.ID,
        Integer("detail_access", required=True, nullable=False, options=(0, 1, 2)),
        *person.NAME_FIELDS,
        person.EMAIL,
        person.PHONE_NUMBER,
        person.SSN,
        person.ORG_NO,
        person.FMI,
        person.BIRTH_DATE,
        person.SSN_IS_COORDINATION_NUMBER,
        person.flag("anonymized"),
        person.flag("is_active", default=True),
        person.flag("prefer_invoice_view_only"),
        person.ANONYMIZATION_NAME,
        Time("active_to"),
        Reference("role", target="organization.role"),
        Objects(
            "external_clients",
            nullable=False,
            default=[],
            digested=True,
            description="The external clients that the user works for, which we don't hold.",
        ),
        *person.DISTRIBUTION_INSTRUCTIONS,
        person.PROFILE_PICTURE,
        fields.CREATED_AT,
        fields.ORGANIZATION,
        person.CUSTOM_ID,
    ),
    checks=(person.NAMED,),
    privacy=Person(anonymized="anonymized"),
    rows=(
        Within(
            RefersTo("organization", only=True),
            ReferredBy("accounts.organizationusersegment", "user"),
        ),
    ),
    operations=ALL_OPERATIONS,
    actions=person.RIGHTS,
)
