"""Make calls at the same time, each in its own thread."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections
from rest_framework.test import APIClient


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results in the order of `calls`. Raises the first exception. Each call has its own database connection."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=10)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def posting(signed_in: APIClient, path: str, body: dict, **headers: str) -> Callable[[], Any]:
    """A call that posts with a new client, because threads must not share a test client."""
    client = APIClient()
    client.credentials(**signed_in._credentials)
    return lambda: client.post(path, body, headers=headers)
