"""Answers as they travel."""

import uuid

from django.utils import timezone
from rest_framework import serializers

from django_rest.models import Activation, Answer, Organization, OrganizationUser, SubTenant, Tenant

_TARGETS = {
    "integration": Activation,
    "organization": Organization,
    "answered_by_tenant": Tenant,
    "answered_by_sub_tenant": SubTenant,
    "answered_by_organization_user": OrganizationUser,
}
_PERSONS = ("answered_by_tenant", "answered_by_sub_tenant", "answered_by_organization_user")


class Reference(serializers.Field):
    """`{"id": "..."}`."""

    def to_representation(self, value):
        """An id as a reference."""
        return {"id": str(value)}

    def to_internal_value(self, data):
        """A reference as an id."""
        try:
            return uuid.UUID(data["id"])
        except (TypeError, KeyError, ValueError):
            raise serializers.ValidationError("Expected an object with an id.") from None


class AnswerList(serializers.ListSerializer):
    """Many answers, created at once."""

    def validate(self, attrs):
        """Look all references up, a statement for each kind."""
        check_references(self.context["request"], attrs)
        return attrs

    def create(self, validated_data):
        """Insert them in one statement."""
        return Answer.objects.bulk_create(
            [self.child.made(item) for item in validated_data], batch_size=1000
        )


class AnswerSerializer(serializers.ModelSerializer):
    """One answer."""

    answered_by_organization_user = Reference(allow_null=True, required=False)
    answered_by_tenant = Reference(allow_null=True, required=False)
    organization = Reference(allow_null=True, required=False)
    integration = Reference()
    answered_by_sub_tenant = Reference(allow_null=True, required=False)
    custom_id = serializers.CharField(max_length=128, allow_null=True, required=False)

    class Meta:
        """The fields, in the interface's order."""

        model = Answer
        list_serializer_class = AnswerList
        fields = (
            "id",
            "answer",
            "answered_by_organization_user",
            "answered_by_tenant",
            "created_at",
            "organization",
            "integration",
            "custom_id",
            "answered_by_sub_tenant",
        )
        read_only_fields = ("id", "created_at")

    def validate(self, attrs):
        """Exactly one person; and that what is referred to exists."""
        if sum(attrs.get(name) is not None for name in _PERSONS) != 1:
            raise serializers.ValidationError("Exactly one person must have answered.")
        if not isinstance(self.parent, AnswerList):
            check_references(self.context["request"], [attrs])
        return attrs

    def create(self, validated_data):
        """Insert it."""
        answer = self.made(validated_data)
        answer.save(force_insert=True)
        return answer

    def made(self, given):
        """A new answer of the caller's customer."""
        now = timezone.now()
        known_as = given.get("custom_id")
        return Answer(
            **given,
            id=uuid.uuid4(),
            customer_id=self.context["request"].user.customer_id,
            created_at=now,
            updated_at=now,
            custom_id_folded=known_as and known_as.casefold(),
        )


def check_references(request, items):
    """Each reference must name an item of the caller's customer."""
    customer = request.user.customer_id
    for name, model in _TARGETS.items():
        wanted = {item[name] for item in items if item.get(name) is not None}
        found = model.objects.filter(customer_id=customer, id__in=wanted).values_list("id")
        if wanted and len(found) != len(wanted):
            raise serializers.ValidationError({name: "There is no such item."})
