"""The seven headers, looked up and verified in one statement."""

import base64
import hashlib
import hmac
import os
import uuid

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from django_rest.models import Credential

_NAMES = {
    "integration__customer_id": "X-PIGELLO-CUSTOMER-ID",
    "integration__application_id": "X-PIGELLO-APPLICATION-ID",
    "integration__service_id": "X-PIGELLO-SERVICE-ID",
    "integration__service_version_id": "X-PIGELLO-SERVICE-VERSION-ID",
    "integration__activation_content_type__name": "X-PIGELLO-CLIENT-CT",
    "integration__activation_object_id": "X-PIGELLO-CLIENT-ENTITY",
}
_KEYS = {
    int(number): base64.b64decode(key)
    for number, _, key in (part.partition(":") for part in os.environ["PEER_KEYS"].split(","))
}


class SevenHeaders(BaseAuthentication):
    """`request.user` becomes the credential, with its activation."""

    def authenticate(self, request):
        """The credential of the caller. Raises AuthenticationFailed."""
        try:
            claims = {field: request.headers[name] for field, name in _NAMES.items()}
            secret = request.headers["X-PIGELLO-CLIENT-SECRET"]
            for field, value in claims.items():
                if not field.endswith("name"):
                    uuid.UUID(value)
        except (KeyError, ValueError):
            raise AuthenticationFailed from None
        usable = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        found = Credential.objects.select_related("integration").filter(
            usable,
            **claims,
            customer_id=claims["integration__customer_id"],
            revoked_at=None,
            integration__is_active=True,
            integration__customer__is_active=True,
        )
        for credential in found:
            key = _KEYS.get(credential.key_number, b"")
            digest = hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
            if hmac.compare_digest(digest, credential.digest):
                return credential, None
        raise AuthenticationFailed

    def authenticate_header(self, request):
        """So that a failure is a 401."""
        return "ApiKey"
