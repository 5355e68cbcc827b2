"""The platform itself: customers, applications and their services. Ours; the Core API has none."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="platform",
    title="Platform",
    version="1.0.0",
    description="What Portvakt itself is made of: customers, applications, content types.",
)
