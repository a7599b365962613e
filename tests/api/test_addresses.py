import pytest
from django.test import RequestFactory

from skillquest.api.addresses import address_group, client_address


def address(remote, forwarded=None):
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "client"),
    [
        # Without trusted proxies the header is ignored, because every client can set it.
        ([], "203.0.113.9", None, "203.0.113.9"),
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ([], "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        # One proxy.
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", None, "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.2", "198.51.100.1", "10.0.0.2"),
        # Entries further to the left come from the client and are ignored.
        (["10.0.0.1"], "10.0.0.1", "1.1.1.1, 2.2.2.2, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        # A chain of proxies, named as networks.
        (["10.0.0.0/8", "192.0.2.0/24"], "10.0.0.1", "1.1.1.1, 198.51.100.1, 192.0.2.7, 10.9.9.9", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        # A malformed entry and everything to its left is ignored, without an error.
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "nonsense, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", ",,,", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "999.1.1.1", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1:", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1:port", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "[2001:db8::1", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "[2001:db8::1]443", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", '"', "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "' OR 1=1 --", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "x" * 10_000, "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "10.0.0.1," * 2_000, "10.0.0.1"),
        # Some proxies add the port, and brackets or quotes.
        (["10.0.0.1"], "10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        (["10.0.0.1"], "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        (["10.0.0.1"], "10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        (["10.0.0.1"], "10.0.0.1", "2001:db8::1", "2001:db8::1"),
        (["10.0.0.1"], "10.0.0.1", '"203.0.113.7"', "203.0.113.7"),
        (["10.0.0.1"], "10.0.0.1", '"203.0.113.7:51234"', "203.0.113.7"),
        (["10.0.0.1"], "10.0.0.1", '"[2001:db8::1]:443"', "2001:db8::1"),
        (["10.0.0.1"], "10.0.0.1", "[::ffff:203.0.113.7]:51234", "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.7:51234, 10.0.0.2:8080", "203.0.113.7"),
        # IPv6, and IPv4 written as IPv6.
        (["::1"], "::1", "2001:DB8::1", "2001:db8::1"),
        (["10.0.0.1"], "::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (["fd00::/8"], "fd00::1%eth0", "2001:db8::1", "2001:db8::1"),
        # A socket without an address.
        ([], "", "198.51.100.1", "unknown"),
        (["10.0.0.1"], "", "198.51.100.1", "unknown"),
    ],
)
def test_client_is_the_last_hop_that_is_not_a_trusted_proxy(settings, trusted, remote, forwarded, client):
    settings.TRUSTED_PROXIES = trusted
    assert address(remote, forwarded) == client


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_all_addresses_of_an_ipv6_network_count_as_one(address, group):
    assert address_group(address) == group
