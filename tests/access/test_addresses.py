"""Where a request comes from: the peer, or what a trusted proxy says, and nothing else."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portvakt.access.addresses import (
    Origin,
    Proxies,
    holds,
    parse_address,
    parse_network,
    parse_networks,
    parse_proxies,
)
from portvakt.errors import SettingsError

PROXIES = parse_proxies("10.0.0.0/8, 2001:db8:1::/48,192.0.2.1", "x-forwarded-for")
FORWARDED = Proxies(PROXIES.networks, "forwarded")
TRUSTED = "10.1.2.3"


def client(peer: str, *values: str, proxies: Proxies = PROXIES) -> str | None:
    """The address of the caller, whose request has these values of the proxies' header."""
    headers = [(proxies.header.encode(), value.encode("latin-1")) for value in values]
    found = proxies.client(peer, [(b"host", b"x"), *headers])
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("peer", "values", "expected"),
    [
        ("203.0.113.5", (), "203.0.113.5"),
        ("203.0.113.5", ("198.51.100.1",), "203.0.113.5"),
        (TRUSTED, (), TRUSTED),
        (TRUSTED, ("198.51.100.1",), "198.51.100.1"),
        (TRUSTED, ("198.51.100.1, 203.0.113.5",), "203.0.113.5"),
        (TRUSTED, ("198.51.100.1, 203.0.113.5, 10.9.9.9, 192.0.2.1",), "203.0.113.5"),
        (TRUSTED, ("198.51.100.1", "203.0.113.5", "10.9.9.9"), "203.0.113.5"),
        (TRUSTED, ("10.9.9.9, 10.8.8.8",), "10.9.9.9"),
        (TRUSTED, ("198.51.100.1:4711",), "198.51.100.1"),
        (TRUSTED, ("2001:db8::7",), "2001:db8::7"),
        (TRUSTED, ("[2001:db8::7]:443",), "2001:db8::7"),
        (TRUSTED, ("[2001:db8::7]",), "2001:db8::7"),
        (TRUSTED, ("::ffff:198.51.100.1",), "198.51.100.1"),
        (TRUSTED, ("198.51.100.1, unknown",), None),
        (TRUSTED, ("198.51.100.1, _hidden, 10.9.9.9",), None),
        (TRUSTED, ("",), None),
        (TRUSTED, ("198.51.100.1,",), None),
        (TRUSTED, ("198.51.100.1\u00e5",), None),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1::1", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:2::1", ("198.51.100.1",), "2001:db8:2::1"),
        ("", ("198.51.100.1",), None),
        ("testclient", ("198.51.100.1",), None),
    ],
)
def test_the_rightmost_untrusted_hop_is_the_caller(
    peer: str, values: tuple[str, ...], expected: str | None
) -> None:
    """Whatever stands left of it could have been written by anybody."""
    assert client(peer, *values) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("for=198.51.100.1", "198.51.100.1"),
        ('For="198.51.100.1:80";proto=https;by=10.1.2.3', "198.51.100.1"),
        ('for="[2001:db8::7]:443"', "2001:db8::7"),
        ('for=203.0.113.5, for="[2001:db8::7]";host="a,b;for=1.1.1.1"', "2001:db8::7"),
        ("for=203.0.113.5, for=198.51.100.1, for=10.7.7.7", "198.51.100.1"),
        ("for=unknown", None),
        ("proto=https", None),
        ("for=198.51.100.1;for=203.0.113.5", None),
        ('for="198.51.100.1, for=203.0.113.5', "203.0.113.5"),
    ],
)
def test_the_standard_header_is_read_where_it_is_set(value: str, expected: str | None) -> None:
    """`Forwarded` (RFC 7239) is read in place of the other header, and never beside it."""
    assert client(TRUSTED, value, proxies=FORWARDED) == expected
    headers = [(b"x-forwarded-for", b"203.0.113.99")]
    assert str(FORWARDED.client(TRUSTED, headers)) == TRUSTED


ADDRESSES = st.ip_addresses().map(str)


@given(forged=st.lists(ADDRESSES | st.text('0123456789.:abcdef,[] ;="', max_size=20), max_size=4))
def test_no_header_changes_an_untrusted_peer(forged: list[str]) -> None:
    """Who connects without a trusted proxy is who it is."""
    assert client("203.0.113.5", *forged) == "203.0.113.5"
    assert client("203.0.113.5", *forged, proxies=FORWARDED) == "203.0.113.5"
    assert client("203.0.113.5", *forged, proxies=Proxies()) == "203.0.113.5"


@given(forged=st.lists(ADDRESSES | st.text('0123456789.:abcdef,[] ;="\\', max_size=20), max_size=4))
def test_nobody_forges_its_address_through_a_proxy(forged: list[str]) -> None:
    """A proxy adds the address that it was called from, and that is the one that counts."""
    assert client(TRUSTED, *forged, "203.0.113.5") == "203.0.113.5"
    assert client(TRUSTED, ", ".join([*forged, "203.0.113.5", "10.2.2.2"])) == "203.0.113.5"


PAIRS = st.sampled_from(["for=", "host=", '"', ";", ",", "198.51.100.1", "\\", " ", "x"])


@given(
    forged=st.lists(PAIRS, max_size=12).map("".join),
    host=st.text('"\\;,=for ', max_size=8).map(
        lambda t: t.replace("\\", "\\\\").replace('"', '\\"')
    ),
    lines=st.booleans(),
)
def test_nobody_forges_the_standard_header(forged: str, host: str, lines: bool) -> None:
    """Not by an open quotation mark either, nor by a name that the proxy quotes."""
    added = [f'for="203.0.113.5:80";host="{host}";by="[2001:db8:1::1]"', "for=10.2.2.2"]
    values = [forged, *added] if lines else [", ".join([forged, *added])]
    assert client(TRUSTED, *values, proxies=FORWARDED) == "203.0.113.5"


@given(address=st.ip_addresses(), prefix=st.integers(0, 32))
def test_an_address_is_in_its_networks(address: IPv4Address | IPv6Address, prefix: int) -> None:
    """Of either version, and in that of an address alone; one of IPv4 also as mapped to IPv6."""
    network = str(ip_network(f"{address}/{prefix}", strict=False))
    text = str(address)
    if isinstance(address, IPv6Address):
        assume(address.ipv4_mapped is None)
    else:
        assert parse_address(f"::ffff:{address}") == address
        assert parse_network(f"::ffff:{address}") == ip_network(text)
        assert holds(parse_networks([network]), parse_address(f"::ffff:{address}"))
    assert holds(parse_networks([network]), parse_address(text))
    assert holds(parse_networks([text]), parse_address(text))


@given(address=st.ip_addresses(), networks=st.lists(st.ip_addresses(), max_size=3))
def test_other_addresses_are_in_no_network(
    address: IPv4Address | IPv6Address, networks: list[IPv4Address | IPv6Address]
) -> None:
    """Exactly the registered ones are let in; an address that isn't known never is."""
    allowed = parse_networks(map(str, networks))
    known = {parse_address(str(one)) for one in networks}
    found = parse_address(str(address))
    assert holds(allowed, found) == (found in known)
    assert not holds(allowed, None)


def test_an_origin_without_bounds_is_not_looked_at() -> None:
    """No registered addresses: from anywhere, known or not. An empty list: from nowhere."""
    unknown = Origin("", [], Proxies())
    assert unknown.within(None)
    assert not unknown.within(())
    assert not Origin("203.0.113.5", [], Proxies()).within(())
    assert Origin("203.0.113.5", [], Proxies()).within((ip_network("203.0.113.0/24"),))


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/8", "10.0.0.0/33", "::/129"])
def test_a_wrong_setting_says_what_is_expected(text: str) -> None:
    """The message names the setting and what is wrong with it."""
    with pytest.raises(SettingsError, match="PORTVAKT_TRUSTED_PROXIES: expected addresses"):
        parse_proxies(f"10.0.0.0/8,{text}", "x-forwarded-for")


def test_no_proxy_is_trusted_unless_told() -> None:
    """An empty setting trusts none."""
    assert parse_proxies(" , ", "x-forwarded-for").networks == ()
    assert ip_address("10.1.2.3") in PROXIES.networks[0]
