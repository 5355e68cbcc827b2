"""Each field of people and places is declared as the reference documents it.

The tables below are written from the reference, not from the declarations. What the reference
doesn't show, because the page is cut or doesn't exist, stands below `# ours`.
"""

from __future__ import annotations

import pytest

from portvakt.resources import load
from portvakt.schema.fields import INT32, Field, Integer, Number, Reference, References, Text
from portvakt.schema.operators import Kind

NAMES = dict.fromkeys(("first_name", "last_name", "corporate_name"), "text null <=255")
EVERYWHERE = {
    "id": "uuid read-only",
    "created_at": "time read-only",
    "custom_id": "text null <=128",
    "organization": "reference null sales.organization",
}
PHONE = r"text null <=36 ^\+?1?\d{7,15}$"
SSN = "text null 12..13 luhn"
ORG_NO = "text null 10..11 luhn"
GLN13 = "text null 13..14 gln13"
EMAIL = "text null <=254 email"
ADDRESS = "reference null common.address"
USERNAME = r"text read-only null 8..150 ^[\w.@+-]+\Z"
STATUS = "integer read-only 0 1 2 3 4 5 6 7 8 9"
INSTRUCTIONS = {
    f"{what}_distribution_instruction": "objects null"
    for what in ("debt", "reminder", "invoice", "send_out")
}
FLAG = "boolean"
REQUIRED = "boolean required"
MIRRORED = "boolean read-only"

FIELDS = {
    "accounts.integrationuseragent": {
        "application_id": "uuid required",
        "service_id": "uuid required",
        "service_version_id": "uuid required",
        "clashing_priority": "integer required",
        "category": "text null",
        "is_active": FLAG,
        "activation_content_type": "reference null platform.contenttype",
        "activation_object_id": "uuid null",
        "activation_variables": "object null",
        "integration_activation_data": "object null",
        "access_requires_specific_object_connection": FLAG,
        "personal_information_acceptance_mode": "integer null 0 1 2",
        "subscribes_to_events": "objects read-only",
        "allowed_access": "object read-only",
        "requires_sole_category_ownership": MIRRORED,
        "require_personal_information_access": MIRRORED,
        "allow_token_generation_for_tenants": MIRRORED,
        "allow_token_generation_for_sub_tenants": MIRRORED,
        "has_tenant_http_invokable_method": MIRRORED,
        "has_sub_tenant_http_invokable_method": MIRRORED,
        "registered_ip_addresses": "texts read-only null",
    },
    "accounts.organizationuser": {
        **NAMES,
        **INSTRUCTIONS,
        "detail_access": "integer required 0 1 2",
        "email": EMAIL,
        "phone_number": PHONE,
        "ssn": SSN,
        "org_no": ORG_NO,
        "fmi": "text null 17..20",
        "birth_date": "date null",
        "ssn_is_coordination_number": FLAG,
        "anonymized": FLAG,
        "is_active": FLAG,
        "prefer_invoice_view_only": FLAG,
        "anonymization_name": "text null <=255",
        "active_to": "time null",
        "role": "reference null organization.role",
        "external_clients": "objects",
        "profile_picture": "object null",
    },
    "accounts.tenant": {
        **NAMES,
        **INSTRUCTIONS,
        "popular_name": "text null <=255",
        "anonymization_name": "text null <=255",
        "custom_dimension_category_value": "text null <=255",
        "ssn": SSN,
        "gln13_number": GLN13,
        "birth_date": "date null",
        "ssn_is_coordination_number": FLAG,
        "anonymized": FLAG,
        "autogiro_disables_invoice_distribution": FLAG,
        "allows_external_personal_information_sharing": "boolean null",
        "realestates": "references objects.realestate",
        "current_registered_address": ADDRESS,
        "future_address": ADDRESS,
        "active_to": "time null",
        "invoice_email": EMAIL,
        "sni_number": "text null <=6",
        "block_notifications_for": "objects",
        "block_email_notifications_for": "objects",
        "profile_picture": "object null",
        # ours, likely by analogy
        "email": EMAIL,
        "phone_number": PHONE,
        "org_no": ORG_NO,
        "is_active": FLAG,
        "username": USERNAME,
        "status": STATUS,
    },
    "accounts.subtenant": {
        **NAMES,
        "allow_errands_access_through_connections": REQUIRED,
        "allow_personal_information_access": REQUIRED,
        "add_connection_description_on_invoice": REQUIRED,
        "allow_notifications": REQUIRED,
        "allow_revenue_row_access": REQUIRED,
        "allow_brf_access": REQUIRED,
        "allow_cancel_contract_access": REQUIRED,
        "allow_errands_access": REQUIRED,
        "allow_contracts_access": REQUIRED,
        "allow_invoice_access": REQUIRED,
        "allow_objects_access": REQUIRED,
        "allow_my_pages_access": REQUIRED,
        "org_no": ORG_NO,
        "sni_number": "text null <=6",  # of its options the reference shows only a few
        "gln13_number": GLN13,
        "fmi": "text null 17..20",
        "phone_number": PHONE,
        "peppol_id": r"text null 15..18 ^(0007|0088):\d{10,13}$",
        "invoice_email": EMAIL,
        "previous_address": ADDRESS,
        "current_registered_address": ADDRESS,
        "future_address": ADDRESS,
        "birth_date": "date null",
        "is_active": FLAG,
        "ssn_is_coordination_number": FLAG,
        "autogiro_disables_invoice_distribution": FLAG,
        "allows_external_personal_information_sharing": "boolean null",
        "block_sms_notifications_for": "objects",
        "block_notifications_for": "objects",
        "profile_picture": "object null",
        "status": STATUS,
        "mfa_has_hotp": "boolean read-only null",
        "username": USERNAME,
        "is_company": "anything read-only null",
    },
    "accounts.subtenanttenantconnection": {
        "sub_tenant": "reference required accounts.subtenant",
        "tenant": "reference required accounts.tenant",
        "stakeholder_type": "integer required 0 1 2 3",
        "category": "integer null 0 1 2 3 4 5 6 7 8 9",
        "parent_sub_tenant": "reference null accounts.subtenant",
    },
    "accounts.organizationusersegment": {
        "segment": "reference required organization.segment",
        "user": "reference required accounts.organizationuser",
        "role": "reference null organization.role",
    },
    "accounts.protectedidentity": {
        **NAMES,
        "tenant": "reference null accounts.tenant",
        "sub_tenant": "reference null accounts.subtenant",
        "email": EMAIL,
        "phone_number": PHONE,
        "ssn": SSN,
        "ssn_is_coordination_number": FLAG,
        "org_no": ORG_NO,
        "birth_date": "date null",
        "current_registered_address": ADDRESS,
    },
    "sales.organization": {
        "name": "text required <=255",
        "customer_columns": "anything read-only null",
        "tags": "anything read-only null",
    },
    "objects.realestate": {
        "name": "text required <=255",
        "popular_name": "text null <=255",
        "community": "object null",  # a reference to what we don't hold
        "type_code": "integer null",  # of its options the reference shows only the first
        "ownership_type": "integer null",
        "sold_date": "date null",
        "purchased_date": "date null",
        "financial_responsibility_to": "date null",
        "non_financial_responsibility_to": "date null",
        # ours
        "company": "reference null organization.company",
    },
    "organization.company": {
        "has_brf_company": "boolean null",
        "auto_confirm_bookkeeping_after_days": "integer null",
        "bookkeeping_locked_to": "date null",
        "bookkeeping_month_start": "integer null 1..12",
        # ours
        "name": "text required <=255",
    },
    "common.address": {
        "street": r"text required <=255 ^[A-Za-zÀ-ÖØ-öø-ÿ \d\(\)\.\-:’']+$",  # noqa: RUF001
        "postal_code": r"text required <=16 ^[A-Za-z0-9 \-]{3,10}$",
        "city": "text required <=255",
        "country": "text required <=255",
        "street_number": r"text null <=255 ^\d+(-\d+)*[A-Za-zÅÄÖåäö]*$",  # allows the same
        "care_of": "text null <=255",
        "attention": "text null <=255",
        "longitude": "number null -180..180",
        "latitude": "number null -90..90",
    },
    "common.eventlog": {
        "object_id": "uuid read-only",
        "content_type": "reference read-only platform.contenttype",
        "event_identifier": "text read-only <=255",
        "event_context": "object read-only",
        "triggered_by_tenant": "reference read-only null accounts.tenant",
        "triggered_by_sub_tenant": "reference read-only null accounts.subtenant",
        "triggered_by_organization_user": "reference read-only null accounts.organizationuser",
        "triggered_by_integration": "reference read-only null accounts.integrationuseragent",
    },
    # ours: the reference names them and has no page
    "organization.segment": {
        "name": "text required <=255",
        "realestates": "references objects.realestate",
    },
    "organization.role": {"name": "text required <=255"},
}


def said(field: Field) -> str:
    """A declared field in the words of the tables."""
    words = [field.kind.value]
    words += ["required"] * field.required + ["read-only"] * field.read_only
    words += ["null"] * field.nullable
    if isinstance(field, Reference | References):
        words.append(field.target)
    elif isinstance(field, Text):
        if field.max_length is not None:
            low, high = field.min_length, field.max_length
            words.append(f"{low}..{high}" if low else f"<={high}")
        words += [limit for limit in (field.format, field.pattern) if limit]
        words += field.options
    elif isinstance(field, Integer) and field.options:
        words += map(str, field.options)
    elif isinstance(field, Integer | Number) and (field.minimum, field.maximum) != INT32:
        words.append(f"{field.minimum}..{field.maximum}")
    return " ".join(words)


RESOURCES = load().resources


@pytest.mark.parametrize("name", FIELDS)
def test_the_fields_are_the_references(name: str) -> None:
    """Names, kinds, limits, patterns, options; what is required, read-only, and may be null."""
    declared = {field.name: said(field) for field in RESOURCES[name].visible}
    assert declared == FIELDS[name] | EVERYWHERE


def test_every_resource_of_people_and_places_has_a_table() -> None:
    """None of these applications offers a resource that is not compared."""
    applications = {name.partition(".")[0] for name in FIELDS}
    offered = {name for name, one in RESOURCES.items() if one.operations}
    assert {name for name in offered if name.partition(".")[0] in applications} == set(FIELDS)


def test_personal_fields_are_those_of_persons() -> None:
    """Whatever names, numbers, reaches or places a person is personal; rights and flags aren't."""
    plain = {Kind.uuid, Kind.integer, Kind.references}
    for name in ("accounts.tenant", "accounts.subtenant", "accounts.organizationuser"):
        personal = {field.name for field in RESOURCES[name].visible if field.personal}
        assert {*NAMES, "phone_number", "org_no", "birth_date", "profile_picture"} <= personal
        assert not [f for f in RESOURCES[name].visible if f.personal and f.kind in plain]


UNIQUE = {
    "sales.organization": [("name",)],
    "accounts.protectedidentity": [("tenant",), ("sub_tenant",)],
    "accounts.tenant": [("username",)],
    "accounts.subtenant": [("username",)],
    # ours
    "organization.role": [("name",)],
    "common.eventlog": [("position",), ("object_id", "content_type", "event_revision")],
}


def test_the_unique_keys_are_the_references() -> None:
    """A scalar or a reference that "Must be unique" is one within its customer."""
    declared = {
        name: [key.fields for key in RESOURCES[name].unique]
        for name in FIELDS
        if RESOURCES[name].unique
    }
    assert declared == UNIQUE
