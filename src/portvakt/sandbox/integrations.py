"""The integrations of the sample data: applications, services, versions, activations. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from portvakt.sandbox.ids import Item, born, organization, stable_id
from portvakt.sandbox.words import (
    APPLICATIONS,
    FURTHER_ACTIVATIONS,
    FURTHER_SERVICES,
    READABLE,
    SERVICES,
    CustomerWords,
    ServiceWords,
)
from portvakt.schema.registry import content_type_id

ORGANIZATION = "sales.organization"
_ALL_SERVICES = (*SERVICES, *FURTHER_SERVICES)
_EVERYTHING = ("read", "create", "update", "delete")


def platform_items() -> dict[str, list[Item]]:
    """What all customers share, by resource, in the order to insert it."""
    return {
        "platform.operator": [operator_item()],
        "platform.application": [
            {**born(0, 1, "application", key), "name": name, "visibility": "public"}
            for key, name in APPLICATIONS.items()
        ],
        "platform.service": [_service(words) for words in _ALL_SERVICES],
        "platform.serviceversion": [
            _version(words, number)
            for words in _ALL_SERVICES
            for number in range(1, len(words.personal) + 1)
        ],
    }


def operator_item() -> Item:
    """The operator whose token the sandbox tells."""
    return {
        **born(0, 1, "operator"),
        "name": "Sandbox operator",
        "email": "operator@portvakt.example.com",
    }


def _service(words: ServiceWords) -> Item:
    return {
        **born(0, 1, "service", words.key),
        "application": stable_id("application", words.application),
        "name": words.name,
        "level": content_type_id(words.level),
    }


def rights(words: ServiceWords) -> dict[str, list[str]]:
    """What a service may do: read people and places, and keep its own answers and connections.

    The portal keeps everybody's answers, and the people whom tenants let in.
    """
    portal = words.key == "portal"
    granted = {name: ["read"] for name in READABLE}
    if portal:
        granted["accounts.tenant"] = ["read", "update"]
        granted |= {
            name: list(_EVERYTHING)
            for name in (
                "accounts.subtenant",
                "accounts.subtenanttenantconnection",
                "common.address",
            )
        }
    answers = [*_EVERYTHING, "all"] if portal else list(_EVERYTHING)
    return {
        "integrations.answeredintegrationpersonalinformationaccess": answers,
        "integrations.notice": answers,
        "integrations.integrationserviceidconnection": list(_EVERYTHING),
        **granted,
    }


def _version(words: ServiceWords, number: int) -> Item:
    return {
        **born(1, 5, "service", words.key, "version", number),
        "service": stable_id("service", words.key),
        "number": number,
        "state": "published" if number == len(words.personal) else "deprecated",
        "allowed_access": rights(words),
        "require_personal_information_access": words.personal[number - 1],
    }


def activations(words: CustomerWords) -> Iterator[Item]:
    """Each service once on an organization, then those of the other levels."""
    for index, service in enumerate(SERVICES):
        yield {
            **born(30, 60, words.key, "integration", service.key),
            **_activation(words, service, len(service.personal), index),
            "activation_object_id": organization(words, index),
            "activation_variables": {"language": "sv", "notify": index % 2 == 0},
            "organization": organization(words, index),
        }
    known = {service.key: service for service in FURTHER_SERVICES}
    for index, (key, kind, place, number) in enumerate(FURTHER_ACTIVATIONS):
        yield {
            **born(30, 60, words.key, "integration", key, kind, place),
            **_activation(words, known[key], number, len(SERVICES) + index),
            "activation_object_id": stable_id(words.key, kind, place),
            "organization": organization(words, place),
        }


def _activation(words: CustomerWords, service: ServiceWords, number: int, index: int) -> Item:
    """What all activations have, of one version of a service."""
    return {
        "application_id": stable_id("application", service.application),
        "service_id": stable_id("service", service.key),
        "service_version_id": stable_id("service", service.key, "version", number),
        "clashing_priority": index + 1,
        "category": service.category,
        "is_active": service.active,
        "activation_content_type": content_type_id(service.level),
        "integration_activation_data": {"account": f"{words.key}-{service.key}"},
        "personal_information_acceptance_mode": service.mode,
        "allowed_access": rights(service),
        "require_personal_information_access": service.personal[number - 1],
        "custom_id": f"INT-{index + 1}",
    }
