"""Where a request comes from, and whether it may come from there.

A service version may register the addresses and networks that calls come from. The peer of the
connection is the caller's address, unless it is a trusted proxy: then the proxy's header tells it.
What a client writes into that header itself counts for nothing (decision record 21).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from portvakt.errors import SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
RawHeaders = Iterable[tuple[bytes, bytes]]

_MAPPED = IPv6Network("::ffff:0:0/96")


def parse_address(text: str) -> Address | None:
    """An address, or None where the text is none. One of IPv4 mapped to IPv6 is one of IPv4."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_network(text: str) -> Network:
    """An address or a network; raises `ValueError`. Mapped ones are of IPv4, as addresses are."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = int(network.network_address) & 0xFFFFFFFF
        return IPv4Network((mapped, network.prefixlen - _MAPPED.prefixlen))
    return network


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of a list of texts; raises `ValueError`."""
    return tuple(map(parse_network, texts))


def holds(networks: Sequence[Network], address: Address | None) -> bool:
    """Whether the address is in one of the networks; one that isn't known is in none."""
    return address is not None and any(address in network for network in networks)


@dataclass(frozen=True)
class Proxies:
    """The proxies that are trusted to say where a request comes from, and the header they use."""

    networks: tuple[Network, ...] = ()
    header: str = "x-forwarded-for"

    def client(self, peer: str, headers: RawHeaders) -> Address | None:
        """The address of the caller, or None where nobody trusted can tell.

        The header is read from the right: each trusted proxy has added the address that it was
        called from. The first that is no trusted proxy's is the caller's; what stands left of it
        could have been written by anybody.
        """
        address = parse_address(peer)
        if not holds(self.networks, address):
            return address
        for hop in reversed(list(self._hops(headers))):
            address = parse_address(hop)
            if not holds(self.networks, address):
                break
        return address

    def _hops(self, headers: RawHeaders) -> Iterator[str]:
        name = self.header.encode()
        values = [value.decode("latin-1") for key, value in headers if key == name]
        whole = ",".join(values)
        if values and name == b"forwarded":
            yield from (_without_port(_for(element)) for element in _split(whole, ","))
        elif values:
            yield from (_without_port(element.strip()) for element in whole.split(","))


def _for(element: str) -> str:
    """The `for` of one element of a `Forwarded` header (RFC 7239); "" where it has none."""
    pairs = (part.partition("=") for part in _split(element, ";"))
    named = [value.strip() for name, _, value in pairs if name.strip().lower() == "for"]
    return named[0].strip('"') if len(named) == 1 else ""


def _split(text: str, separator: str) -> list[str]:
    """The parts of a text, but not apart within quotation marks.

    It goes from right to left: a quotation mark that a client left open must not swallow what a
    proxy added to the right of it.
    """
    parts, end, quoted = [], len(text), False
    for place in range(len(text) - 1, -1, -1):
        if text[place] == '"' and not _is_escaped(text, place):
            quoted = not quoted
        elif text[place] == separator and not quoted:
            parts.append(text[place + 1 : end].strip())
            end = place
    return [text[:end].strip(), *reversed(parts)]


def _is_escaped(text: str, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _without_port(node: str) -> str:
    """`192.0.2.7:80`, `[2001:db8::7]:80`, `[2001:db8::7]` -> the address alone."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node


def parse_proxies(text: str, header: str) -> Proxies:
    """The settings as a value. Raises `SettingsError`."""
    try:
        given = [part.strip() for part in text.split(",")]
        networks = parse_networks(filter(None, given))
    except ValueError as error:
        raise SettingsError(
            "PORTVAKT_TRUSTED_PROXIES: expected addresses and networks, comma-separated, "
            f"such as 10.0.0.0/8: {error}."
        ) from None
    return Proxies(networks, header)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one request came from; looked at only where somebody asks."""

    peer: str
    headers: RawHeaders
    proxies: Proxies

    def within(self, networks: Sequence[Network] | None) -> bool:
        """Whether the caller's address is in one of the networks (None: wherever it is)."""
        return networks is None or holds(networks, self.address)

    @property
    def address(self) -> Address | None:
        """The caller's address, or None where nobody trusted can tell."""
        return self.proxies.client(self.peer, self.headers)


def origin(client: Sequence[str | int] | None, headers: RawHeaders, proxies: Proxies) -> Origin:
    """The origin of a request whose connection's peer is `client` (host, port), if known."""
    return Origin(str(client[0]) if client else "", headers, proxies)
