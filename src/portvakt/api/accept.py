"""What a client accepts, by the headers that say so (RFC 9110, 12.5)."""

from __future__ import annotations


def weights(header: str) -> dict[str, float]:
    """What such a header says of each media type or content coding; what can't be read is 0."""
    found = {}
    for part in header.lower().split(","):
        kind, *parameters = (text.strip() for text in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        found[kind] = float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
    return found
