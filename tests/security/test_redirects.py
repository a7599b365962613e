"""P18: the parameter `next` never leads to another site."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from tests.factories import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db

OTHER_SITES = [
    "https://evil.example/",
    "HTTPS://evil.example/",
    "http://evil.example",
    "ftp://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example#testserver",
    "http://evil.example?testserver",
    "//testserver@evil.example/",
    " //evil.example",
    "\t//evil.example",
    "\n//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x01//evil.example",
    "\x08javascript:alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "http://[::1",
    "http://2001:cdba:0:0:0:0:3257:9652",
    "//[evil.example]/",
    "・//evil.example",
    "//evil。example",
    "//evil.example\\@testserver",
    "/%09/evil.example\r\nSet-Cookie: a=b",
    "x" * 5000 + "://evil.example",
]
OWN_PAGES = ["/levels", "/levels?search=maze", "/levels/level-1#play", "/levels?next=https://evil.example"]
SIGN_IN_PATHS = ["/sign-in", "/sign-up", "/admin/login/"]


@pytest.fixture
def ana():
    return StaffFactory(username="ana", email="ana@example.test")


def form_for(path_of_form, number):
    """Valid values; `number` makes the name of a new account unique."""
    name = f"bea{number}"
    return {
        "/sign-in": {"identifier": "ana", "password": PASSWORD},
        "/sign-up": {"username": name, "email": f"{name}@example.test", "password": "a quite different horse"},
        "/admin/login/": {"username": "ana", "password": PASSWORD},
    }[path_of_form]


def redirect_of(answer):
    assert answer.status_code == 302, answer.content[:200]
    return answer["Location"]


def is_own_page(location):
    """Interpret the location as browsers do: they ignore spaces, tabs and line breaks, and treat \\ like /."""
    location = re.sub(r"[\t\r\n]", "", location.lstrip("".join(map(chr, range(33))))).replace("\\", "/")
    other = re.match(r"(?:[a-z][a-z0-9+.-]*:/*|//+)([^/?#]*)", location, re.IGNORECASE)
    return other is None or other[1] == "testserver"


def test_the_check_distinguishes_own_pages_from_other_sites():
    assert [target for target in OWN_PAGES if not is_own_page(target)] == []
    others = [target for target in OTHER_SITES if not is_own_page(target)]
    assert len(others) > 30


@pytest.mark.parametrize("where", ["in the query", "in the form"])
@pytest.mark.parametrize("path_of_form", SIGN_IN_PATHS)
def test_signing_in_does_not_redirect_to_other_sites(ana, path_of_form, where):
    locations = []
    for number, target in enumerate(OTHER_SITES):
        form = form_for(path_of_form, number)
        if where == "in the form":
            answer = Client().post(path_of_form, form | {"next": target})
        else:
            answer = Client().post(f"{path_of_form}?next={quote(target)}", form)
        locations.append(redirect_of(answer))
    assert [location for location in locations if not is_own_page(location)] == []


@pytest.mark.parametrize("path_of_form", SIGN_IN_PATHS)
def test_signed_in_users_are_not_redirected_to_other_sites(client, ana, path_of_form):
    client.force_login(ana)
    locations = [redirect_of(client.get(f"{path_of_form}?next={quote(target)}")) for target in OTHER_SITES]
    assert [location for location in locations if not is_own_page(location)] == []


@pytest.mark.parametrize("path", ["/sign-out", "/admin/logout/"])
def test_signing_out_does_not_redirect_to_other_sites(client, ana, path):
    locations = []
    for target in OTHER_SITES:
        client.force_login(ana)
        locations.append(redirect_of(client.post(f"{path}?next={quote(target)}", {"next": target})))
    assert [location for location in locations if not is_own_page(location)] == []


@pytest.mark.parametrize("path_of_form", SIGN_IN_PATHS)
def test_signing_in_redirects_to_the_requested_page(ana, path_of_form):
    for number, target in enumerate(OWN_PAGES):
        assert redirect_of(Client().post(path_of_form, form_for(path_of_form, number) | {"next": target})) == target


LINK = re.compile(r'(?:href|action|src)="([^"]*)"')


@pytest.mark.parametrize("path_of_form", SIGN_IN_PATHS)
def test_sign_in_pages_do_not_link_to_other_sites(client, path_of_form):
    """They pass `next` on as a parameter, but never use it as the target of a link."""
    for target in OTHER_SITES:
        links = LINK.findall(client.get(f"{path_of_form}?next={quote(target)}").content.decode())
        assert links
        assert [link for link in links if not is_own_page(link)] == []


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "/\\evil.example/", "//evil.example/%2e%2e/", "/admin//evil.example/"]
)
@pytest.mark.parametrize("role", ["anonymous", "ana"])
def test_a_path_with_extra_slashes_does_not_redirect_to_another_site(client, ana, path, role):
    if role == "ana":
        client.force_login(ana)
    # As the first argument, the client would interpret it as a host.
    answer = client.get("/", PATH_INFO=path)
    assert answer.status_code == 404 or is_own_page(redirect_of(answer))


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80@x"]
)
def test_requests_for_unknown_hosts_are_refused(client, ana, host):
    client.force_login(ana)
    for path in ("/dashboard", "/api/v1/levels?limit=1", "/admin/"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, host in answer.content.decode()) == (400, False)
        assert host not in client.get(path, headers={"X-Forwarded-Host": host}).content.decode()
