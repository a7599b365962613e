"""P18: `next` leads to a page of ours and to nowhere else."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from tests.factories import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db

ELSEWHERE = [
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
OURS = ["/levels", "/levels?search=maze", "/levels/level-1#play", "/levels?next=https://evil.example"]
GATES = ["/sign-in", "/sign-up", "/admin/login/"]


@pytest.fixture
def ana():
    return StaffFactory(username="ana", email="ana@example.test")


def form_for(gate, number):
    """Each new account needs a name of its own."""
    name = f"bea{number}"
    return {
        "/sign-in": {"identifier": "ana", "password": PASSWORD},
        "/sign-up": {"username": name, "email": f"{name}@example.test", "password": "a quite different horse"},
        "/admin/login/": {"username": "ana", "password": PASSWORD},
    }[gate]


def leads_to(answer):
    assert answer.status_code == 302, answer.content[:200]
    return answer["Location"]


def stays_here(location):
    """Read as browsers do: they forgive spaces, tabs, line breaks, and slashes that lean the other way."""
    location = re.sub(r"[\t\r\n]", "", location.lstrip("".join(map(chr, range(33))))).replace("\\", "/")
    away = re.match(r"(?:[a-z][a-z0-9+.-]*:/*|//+)([^/?#]*)", location, re.IGNORECASE)
    return away is None or away[1] == "testserver"


def test_the_reader_of_addresses_knows_strangers_from_friends():
    assert [wanted for wanted in OURS if not stays_here(wanted)] == []
    away = [wanted for wanted in ELSEWHERE if not stays_here(wanted)]
    assert len(away) > 30


@pytest.mark.parametrize("where", ["in the address", "in the form"])
@pytest.mark.parametrize("gate", GATES)
def test_nobody_is_led_away_at_a_gate(ana, gate, where):
    locations = []
    for number, wanted in enumerate(ELSEWHERE):
        form = form_for(gate, number)
        if where == "in the form":
            answer = Client().post(gate, form | {"next": wanted})
        else:
            answer = Client().post(f"{gate}?next={quote(wanted)}", form)
        locations.append(leads_to(answer))
    assert [place for place in locations if not stays_here(place)] == []


@pytest.mark.parametrize("gate", GATES)
def test_nobody_is_led_away_who_is_in_already(client, ana, gate):
    client.force_login(ana)
    locations = [leads_to(client.get(f"{gate}?next={quote(wanted)}")) for wanted in ELSEWHERE]
    assert [place for place in locations if not stays_here(place)] == []


@pytest.mark.parametrize("path", ["/sign-out", "/admin/logout/"])
def test_nobody_is_led_away_on_the_way_out(client, ana, path):
    locations = []
    for wanted in ELSEWHERE:
        client.force_login(ana)
        locations.append(leads_to(client.post(f"{path}?next={quote(wanted)}", {"next": wanted})))
    assert [place for place in locations if not stays_here(place)] == []


@pytest.mark.parametrize("gate", GATES)
def test_everybody_gets_where_they_were_going(ana, gate):
    for number, wanted in enumerate(OURS):
        assert leads_to(Client().post(gate, form_for(gate, number) | {"next": wanted})) == wanted


LINK = re.compile(r'(?:href|action|src)="([^"]*)"')


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_links_to_nobody_else(client, gate):
    """It hands `next` on, to itself and to the other gate, as a value and never as a place to go."""
    for wanted in ELSEWHERE:
        links = LINK.findall(client.get(f"{gate}?next={quote(wanted)}").content.decode())
        assert links
        assert [link for link in links if not stays_here(link)] == []


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "/\\evil.example/", "//evil.example/%2e%2e/", "/admin//evil.example/"]
)
@pytest.mark.parametrize("role", ["a stranger", "ana"])
def test_an_address_with_slashes_too_many_leads_nowhere(client, ana, path, role):
    if role == "ana":
        client.force_login(ana)
    # Given to the client as an address, it would be read as a host.
    answer = client.get("/", PATH_INFO=path)
    assert answer.status_code == 404 or stays_here(leads_to(answer))


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80@x"]
)
def test_a_host_that_is_not_ours_is_not_believed(client, ana, host):
    client.force_login(ana)
    for path in ("/dashboard", "/api/v1/levels?limit=1", "/admin/"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, host in answer.content.decode()) == (400, False)
        assert host not in client.get(path, headers={"X-Forwarded-Host": host}).content.decode()
