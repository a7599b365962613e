import pytest
from rest_framework.test import APIClient


@pytest.fixture
def client_of(world):
    """`client_of("other")` -> a client with that person's bearer token."""

    def client_of(role):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.people[role].tokens.access_token}")
        return client

    return client_of
