"""The client's IP address and scheme, also behind trusted proxies."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpResponse

UNKNOWN = "unknown"
# What some proxies add: a port, and the brackets that an IPv6 address needs before one.
ADDRESS_AND_PORT = re.compile(r"(?:(?P<ipv4>[0-9.]+)|\[(?P<ipv6>[^\[\]]+)\])(?::[0-9]{1,5})?", re.ASCII)


class ForwardedHeadersMiddleware:
    """Removes the headers of a proxy from requests that do not come from a trusted one."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        peer = parse_address(request.META.get("REMOTE_ADDR", ""))
        if not is_trusted(peer, networks(tuple(settings.TRUSTED_PROXIES))):
            for name in [name for name in request.META if name.startswith("HTTP_X_FORWARDED_")]:
                del request.META[name]
        return self.get_response(request)


def client_address(request) -> str:
    """The right-most address of X-Forwarded-For that is not a trusted proxy; only what trusted proxies wrote counts."""
    trusted = networks(tuple(settings.TRUSTED_PROXIES))
    address = parse_address(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and is_trusted(address, trusted):
        hop = parse_address(hops.pop())
        if hop is None:
            break
        address = hop
    return UNKNOWN if address is None else str(address)


def address_group(address: str) -> str:
    """The address, or its /64 network for IPv6: one subscriber has all of it."""
    if ":" in address:
        return str(ip_network(f"{address}/64", strict=False))
    return address


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address in '203.0.113.7', '203.0.113.7:51234', '[2001:db8::1]:443' or one of these in quotes, or None."""
    match = ADDRESS_AND_PORT.fullmatch(text.strip().strip('"'))
    try:
        address = ip_address((match["ipv4"] or match["ipv6"]) if match else text.strip().strip('"'))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # the number drops a %scope
    return address


def is_trusted(address, trusted) -> bool:
    return address is not None and any(address in network for network in trusted)


@lru_cache
def networks(names: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(name, strict=False) for name in names]
