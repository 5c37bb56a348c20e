"""Where a connection is made to: the name is resolved once, judged, and the address that was judged is used."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from connectors.base import SourceUnavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Vetted:
    """The url with each judged address for a host; `host` and `authority` are what certificate and server see."""

    urls: tuple[httpx.URL, ...]
    host: str
    authority: str


def vet(url: str, allow: Sequence[str]) -> Vetted:
    """Resolve and judge. Nobody can lead the name elsewhere afterwards: it is not asked for again.

    Raises SourceUnavailable: `address_unknown`, `address_refused` (an address outside of `allow`; of several all
    have to lie inside), `https_required`.
    """
    parsed = httpx.URL(url)
    found = _addresses(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
    networks = [ipaddress.ip_network(text) for text in allow]
    for address in found:
        if not any(address in network for network in networks if network.version == address.version):
            raise SourceUnavailable("address_refused", host=parsed.host, address=str(address), allow=", ".join(allow))
        if parsed.scheme != "https" and not address.is_loopback:
            raise SourceUnavailable("https_required", host=parsed.host)
    urls = tuple(parsed.copy_with(host=str(address)) for address in found)
    return Vetted(urls, parsed.host, parsed.netloc.decode("ascii"))


def _addresses(host: str, port: int) -> list[Address]:
    """Every address of a name; an IPv4 address in the clothes of IPv6 is judged as what it is."""
    try:
        told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceUnavailable("address_unknown", host=host) from None
    found = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in told]
    return list(dict.fromkeys(getattr(each, "ipv4_mapped", None) or each for each in found))
