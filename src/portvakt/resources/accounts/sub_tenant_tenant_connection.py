"""What a sub-tenant is to a tenant."""

from portvakt.schema import fields
from portvakt.schema.fields import Integer, Reference
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/customer/subtenanttenantconnection/",
    description="What a sub-tenant is to a tenant.",
    fields=(
        fields.ID,
        Reference("sub_tenant", target="accounts.subtenant", required=True, nullable=False),
        Reference("tenant", target="accounts.tenant", required=True, nullable=False),
        Integer("stakeholder_type", required=True, nullable=False, options=tuple(range(4))),
        Integer("category", options=tuple(range(10))),
        Reference("parent_sub_tenant", target="accounts.subtenant"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rows=(
        Within(
            RefersTo("tenant"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
