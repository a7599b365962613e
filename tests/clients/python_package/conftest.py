"""The package `skillquest_client` against a live server, with a network that can be made to fail."""

import httpx
import pytest
from skillquest_client import LearnerClient, Retries

from tests.factories import PASSWORD, LevelFactory, UserFactory


class Network(httpx.BaseTransport):
    """A real network that first does what `faults` says, one for each request: each takes `(request, send)`."""

    def __init__(self):
        self.real = httpx.HTTPTransport()
        self.faults = []
        self.requests = []

    def handle_request(self, request):
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        return fault(request, self.send) if fault else self.send(request)

    def send(self, request):
        return self.real.handle_request(request)

    def close(self):
        self.real.close()


def no_connection(request, _send):
    raise httpx.ConnectError("refused", request=request)


def answer_lost(request, send):
    """The server has done its work, and the client learns nothing of it."""
    send(request).read()
    raise httpx.ReadError("reset", request=request)


def answering(status, content=b"", **headers):
    return lambda _request, _send: httpx.Response(status, content=content, headers=headers)


@pytest.fixture
def network():
    network = Network()
    yield network
    network.close()


@pytest.fixture
def pauses():
    """The seconds that clients have waited; nothing really waits."""
    return []


@pytest.fixture
def options(network, pauses):
    """Of clients whose pauses have no part at random."""
    http = httpx.Client(transport=network)
    yield {"http": http, "sleep": pauses.append, "retries": Retries(jitter=lambda: 1.0)}
    http.close()


@pytest.fixture
def url(live_server):
    return f"{live_server.url}/api/v1"


@pytest.fixture
def level(live_server):
    return LevelFactory(max_score=100, pass_score=60)


@pytest.fixture
def player(live_server):
    return UserFactory()


@pytest.fixture
def client(url, options, player, network):
    client = LearnerClient(url, **options)
    client.log_in(player.username, PASSWORD)
    network.requests.clear()
    return client
