"""Every generated file of the project, as text. Pure; `portvakt generate` writes them."""

from __future__ import annotations

from portvakt.api.openapi import document, render
from portvakt.api.reference_page import page, problems_page, settings_page
from portvakt.schema.registry import Registry


def files(registry: Registry) -> dict[str, str]:
    """The path of each generated file, from the project's root, and its text."""
    found = {
        "docs/reference/problems.md": problems_page(),
        "docs/reference/settings.md": settings_page(),
    }
    for label in sorted({resource.application for resource in registry.offered}):
        found[f"docs/reference/{label}.md"] = page(registry, label)
        found[f"docs/reference/openapi/{label}.json"] = render(document(registry, label))
    return found
