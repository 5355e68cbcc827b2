"""The resources that the engine knows by name: those that the platform itself works with.

Of all others it knows what they declare. A test reads the sources: no other module of the engine
names a resource, and none stands here that it doesn't need.
"""

from __future__ import annotations

# Who asks, and by what they are known.
CUSTOMERS = "platform.customer"
APPLICATIONS = "platform.application"
SERVICES = "platform.service"
SERVICE_VERSIONS = "platform.serviceversion"
ACTIVATIONS = "accounts.integrationuseragent"
CREDENTIALS = "platform.credential"
OPERATORS = "platform.operator"
ADMINISTRATORS = "platform.administrator"
TOKENS = "platform.token"
LOGIN_ATTEMPTS = "platform.loginattempt"

# The ledger's two logs: one of each customer's items, and one of the platform's.
EVENT_LOG = "common.eventlog"
PLATFORM_LOG = "platform.ledgerentry"

# Levels of activations: objects to which much belongs, or which lists are asked about.
ORGANIZATIONS = "sales.organization"
COMPANIES = "organization.company"
REAL_ESTATES = "objects.realestate"
SEGMENTS = "organization.segment"
