"""An address."""

from portvakt.resources import person
from portvakt.schema import fields
from portvakt.schema.fields import Number, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import ReferredBy, RefersTo
from portvakt.schema.privacy import OfPersons
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/common/address/",
    description="An address.",
    fields=(
        fields.ID,
        Text(
            "street",
            required=True,
            nullable=False,
            max_length=255,
            pattern=r"^[A-Za-zÀ-ÖØ-öø-ÿ \d\(\)\.\-:’']+$",  # noqa: RUF001 (an apostrophe)
            personal=True,
        ),
        # The reference's `(\d*-\d+)*` allows the same texts, but takes ages to refuse some.
        Text(
            "street_number", max_length=255, pattern=r"^\d+(-\d+)*[A-Za-zÅÄÖåäö]*$", personal=True
        ),
        Text(
            "postal_code",
            required=True,
            nullable=False,
            max_length=16,
            pattern=r"^[A-Za-z0-9 \-]{3,10}$",
            personal=True,
        ),
        Text("city", required=True, nullable=False, max_length=255, personal=True),
        Text("country", required=True, nullable=False, max_length=255, personal=True),
        Text("care_of", max_length=255, personal=True),
        Text("attention", max_length=255, personal=True),
        Number("longitude", minimum=-180, maximum=180, personal=True),
        Number("latitude", minimum=-90, maximum=90, personal=True),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        person.CUSTOM_ID,
    ),
    privacy=OfPersons(
        ReferredBy("accounts.tenant", "current_registered_address"),
        ReferredBy("accounts.tenant", "future_address"),
        ReferredBy("accounts.subtenant", "current_registered_address"),
        ReferredBy("accounts.subtenant", "future_address"),
        ReferredBy("accounts.subtenant", "previous_address"),
        ReferredBy("accounts.protectedidentity", "current_registered_address"),
    ),
    rows=(
        Within(
            RefersTo("organization", only=True),
            ReferredBy("accounts.tenant", "current_registered_address"),
            ReferredBy("accounts.tenant", "future_address"),
            ReferredBy("accounts.subtenant", "current_registered_address"),
            ReferredBy("accounts.subtenant", "future_address"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
