"""The Sales application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="sales",
    title="Sales",
    version="2.0.0",
    description="The 'Sales' application of the Core API",
)
