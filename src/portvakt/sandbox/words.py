"""The words of which the sample data is made. Customers, products and companies are invented."""

from __future__ import annotations

from typing import NamedTuple


class CustomerWords(NamedTuple):
    """What tells one customer of the sample data from the other.

    - `key`: stands in the names from which ids are made; never change it.
    - `organizations`: (name, custom_id); the first is the parent of the others.
    - `shift`: where in the lists of names this customer's persons begin.
    """

    key: str
    name: str
    organizations: tuple[tuple[str, str], ...]
    shift: int


CUSTOMERS = (
    CustomerWords(
        "latsasby",
        "Låtsasby Bostäder AB",
        (
            ("Låtsasby Bostäder", "ORG-1"),
            ("Låtsasby Bostäder Norra", "ORG-2"),
            ("Låtsasby Bostäder Södra", "ORG-3"),
        ),
        0,
    ),
    CustomerWords(
        "pahittade-hus",
        "Påhittade Hus i Ingenstad AB",
        (
            ("Påhittade Hus", "ORG-1"),
            ("Påhittade Hus Förvaltning", "ORG-2"),
            ("Påhittade Hus Garage", "ORG-3"),
        ),
        17,
    ),
)


class ServiceWords(NamedTuple):
    """A service and how a customer has activated it.

    - `personal`: for each version, whether it requires access to personal information.
    - `mode`: the activation's acceptance mode. `level`: what it is activated on.
    """

    key: str
    application: str
    name: str
    category: str
    personal: tuple[bool, ...]
    mode: int | None
    active: bool = True
    level: str = "sales.organization"


APPLICATIONS = {"sagoverket": "Sagoverket Fastighet", "drakbrev": "Drakbrev Boende"}

# The first is the one whose headers are printed first: active, and an answer is needed.
SERVICES = (
    ServiceWords("portal", "drakbrev", "Boendeportal", "tenant_portal", (False, True), 2),
    ServiceWords("laundry", "sagoverket", "Tvättstugebokning", "booking", (True,), 1),
    ServiceWords("locks", "sagoverket", "Digitala lås", "access_control", (True,), None),
    ServiceWords("debt", "drakbrev", "Inkasso", "debt_collection", (True,), 0),
    ServiceWords("metering", "sagoverket", "Individuell mätning", "metering", (True,), 2, False),
)

FURTHER_SERVICES = (
    ServiceWords(
        *("bookkeeping", "sagoverket", "Bokföring", "bookkeeping", (False, True), None),
        level="organization.company",
    ),
    ServiceWords(
        *("doors", "drakbrev", "Portkoder", "door_codes", (True,), 1),
        level="objects.realestate",
    ),
    ServiceWords(
        *("parcels", "sagoverket", "Paketskåp", "parcels", (True,), 0),
        level="accounts.tenant",
    ),
)
"""Services of the other levels."""

FURTHER_ACTIVATIONS = (
    ("bookkeeping", "company", 0, 2),
    ("bookkeeping", "company", 1, 1),
    ("doors", "real_estate", 0, 1),
    ("parcels", "tenant", 0, 1),
)
"""Service, kind and place of the object, number of the version. One version is deprecated."""

READABLE = (
    "accounts.integrationuseragent",
    "accounts.organizationuser",
    "accounts.organizationusersegment",
    "accounts.protectedidentity",
    "accounts.subtenant",
    "accounts.subtenanttenantconnection",
    "accounts.tenant",
    "common.address",
    "common.eventlog",
    "objects.realestate",
    "organization.company",
    "organization.role",
    "organization.segment",
    "sales.organization",
)
"""What every version may read."""

REAL_ESTATES = ("Sagoboken", "Enhörningen", "Regnbågen", "Luftslottet", "Drakstenen")
SEGMENTS = ("Norra området", "Södra området")
ROLES = ("Förvaltare", "Fastighetsvärd", "Ekonom")

PERMISSIONS = (
    "allow_errands_access_through_connections",
    "allow_personal_information_access",
    "add_connection_description_on_invoice",
    "allow_notifications",
    "allow_revenue_row_access",
    "allow_brf_access",
    "allow_cancel_contract_access",
    "allow_errands_access",
    "allow_contracts_access",
    "allow_invoice_access",
    "allow_objects_access",
    "allow_my_pages_access",
)
"""What has to be said of every sub-tenant."""

FIRST_NAMES = (
    *("Agnes", "Åke", "Alva", "Anders", "Astrid", "Björn", "Britta", "Dragan", "Ebba", "Elif"),
    *("Elsa", "Fatima", "Gösta", "Greta", "Gun-Britt", "Hanna", "Hussein", "Ingrid", "Jöran"),
    *("Kerstin", "Lars-Åke", "Leila", "Linnéa", "Märta", "Mikael", "Milan", "Nils", "Olof"),
    *("Örjan", "Petra", "Rut", "Samira", "Sixten", "Stina", "Svea", "Torbjörn", "Ulla", "Viggo"),
    *("Yusuf", "Zahra", "Östen"),
)

LAST_NAMES = (
    *("Almqvist", "Åberg", "Åsblom", "Bergkulle", "Björklund", "Dalström", "Ekvall", "Forsnäs"),
    *("Granlöf", "Hällgren", "Hedmo", "Holmdal", "Kallsjö", "Kvistö", "Lindholt", "Lövgren"),
    *("Malmsäter", "Mossgren", "Nilsdal", "Norrfors", "Öberg", "Östvik", "Rönnkvist", "Sandås"),
    *("Sjöhed", "Skogmark", "Stenvall", "Sundmo", "Tallqvist", "Törnby", "Vallmo", "Vikgren"),
    *("Wästerlund", "Yngveson", "Ängsholm", "Ödmark", "af Klöverdal"),
)

COMPANIES = (
    "Ingenstads Bageri AB",
    "Café Halvmånen i Låtsasby HB",
    "Drömlinjens Cykelverkstad",
    "Sömnlösa Skomakeriet AB",
    "Trollskogens Förskola Ek. för.",
    "Luftslottets Byggkonsult AB",
    "Norrskenets Frisörer",
    "Månskens Redovisning AB",
)
