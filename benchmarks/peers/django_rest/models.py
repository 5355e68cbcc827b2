"""The tables, which are Portvakt's: an `id` is unique, so Django may take it for the key."""

from django.db import models


class Customer(models.Model):
    """A property company."""

    id = models.UUIDField(primary_key=True)
    is_active = models.BooleanField()

    class Meta:
        managed = False
        db_table = "platform_customer"


class Activation(models.Model):
    """A service version that a customer has let in."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, models.DO_NOTHING)
    application_id = models.UUIDField()
    service_id = models.UUIDField()
    service_version_id = models.UUIDField()
    activation_content_type = models.ForeignKey(
        "ContentType", models.DO_NOTHING, db_column="activation_content_type"
    )
    activation_object_id = models.UUIDField()
    is_active = models.BooleanField()

    class Meta:
        managed = False
        db_table = "accounts_integrationuseragent"


class ContentType(models.Model):
    """A kind of item."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "platform_contenttype"


class Credential(models.Model):
    """A secret of an activation."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()
    integration = models.ForeignKey(Activation, models.DO_NOTHING, db_column="integration")
    digest = models.TextField()
    key_number = models.IntegerField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "platform_credential"


class _Owned(models.Model):
    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()

    class Meta:
        abstract = True


class Tenant(_Owned):
    """A tenant."""

    class Meta:
        managed = False
        db_table = "accounts_tenant"


class SubTenant(_Owned):
    """A sub-tenant."""

    class Meta:
        managed = False
        db_table = "accounts_subtenant"


class OrganizationUser(_Owned):
    """An organization user."""

    class Meta:
        managed = False
        db_table = "accounts_organizationuser"


class Organization(_Owned):
    """An organization."""

    class Meta:
        managed = False
        db_table = "sales_organization"


class Answer(models.Model):
    """A person's yes or no to one integration. References are plain ids: they travel as such."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()
    answer = models.BooleanField()
    answered_by_organization_user = models.UUIDField(null=True)
    answered_by_tenant = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    organization = models.UUIDField(null=True)
    integration = models.UUIDField()
    custom_id = models.TextField(null=True)
    custom_id_folded = models.TextField(null=True)
    answered_by_sub_tenant = models.UUIDField(null=True)
    updated_at = models.DateTimeField()
    revision = models.IntegerField(default=1)

    class Meta:
        managed = False
        db_table = "integrations_answeredintegrationpersonalinformationaccess"
