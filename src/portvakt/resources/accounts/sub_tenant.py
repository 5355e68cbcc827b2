"""A person who lives with, or uses something of, a tenant."""

from portvakt.resources import person
from portvakt.schema import fields
from portvakt.schema.fields import Anything, Boolean, Integer, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import ReferredBy, RefersTo
from portvakt.schema.privacy import Person
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within
from portvakt.schema.rules import Requires

_PERMISSIONS = tuple(
    Boolean(name, required=True, nullable=False)
    for name in (
        "allow_errands_access_through_connections",
        "allow_personal_information_access",
        "add_connection_description_on_invoice",
        "allow_notifications",
        "allow_revenue_row_access",
        "allow_brf_access",
        "allow_cancel_contract_access",
        "allow_errands_access",
        "allow_contracts_access",
        "allow_invoice_access",
        "allow_objects_access",
        "allow_my_pages_access",
    )
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/customer/subtenant/",
    description="A person who lives with, or uses something of, a tenant.",
    fields=(
        fields.ID,
        *_PERMISSIONS,
        *person.NAME_FIELDS,
        person.ORG_NO,
        person.SNI_NUMBER,
        person.GLN13_NUMBER,
        person.FMI,
        person.PHONE_NUMBER,
        Text(
            "peppol_id",
            min_length=15,
            max_length=18,
            pattern=r"^(0007|0088):\d{10,13}$",
            personal=True,
        ),
        person.INVOICE_EMAIL,
        person.address("previous_address"),
        person.address("current_registered_address"),
        person.address("future_address"),
        person.BIRTH_DATE,
        person.flag("is_active", default=True),
        person.SSN_IS_COORDINATION_NUMBER,
        person.flag("autogiro_disables_invoice_distribution"),
        person.SHARING,
        person.blocked("block_sms_notifications_for"),
        person.blocked("block_notifications_for"),
        person.PROFILE_PICTURE,
        Integer("status", read_only=True, nullable=False, default=0, options=tuple(range(10))),
        Boolean("mfa_has_hotp", read_only=True),
        person.USERNAME,
        Anything("is_company", read_only=True),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        person.CUSTOM_ID,
    ),
    checks=(
        person.NAMED,
        Requires(("sni_number", "corporate_name")),
        *person.UNIQUE,
    ),
    privacy=Person(sharing=person.SHARING.name),
    rows=(
        Within(
            RefersTo("organization", only=True),
            ReferredBy("accounts.subtenanttenantconnection", "sub_tenant"),
        ),
    ),
    operations=ALL_OPERATIONS,
    actions=person.RIGHTS,
)
