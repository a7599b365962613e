"""Calls the API over HTTP, as a client does."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT = 30  # seconds
LONGEST_WAIT = 120  # seconds that `Retry-After` may ask for


class UnreachableError(Exception):
    """There is no answer, or it is not HTTP."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> dict:
        """Empty where the body is no JSON object."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def code(self) -> str:
        return str(self.json.get("code", ""))


class Caller:
    """`url` is the server's, with or without a path; `/api/v1` is added where it is missing."""

    def __init__(self, url: str, *, on_wait: Callable[[int], None]) -> None:
        self.address = urlsplit(url if "://" in url else f"http://{url}")
        path = self.address.path.rstrip("/")
        self.base = path if "/api" in path else f"{path}/api/v1"
        self.token = ""
        self.on_wait = on_wait

    def sign_in(self, username: str, password: str) -> Answer:
        answer = self.post("auth/login", {"username": username, "password": password})
        self.token = answer.json.get("access_token", "")
        return answer

    def get(self, path: str) -> Answer:
        return self._call_within_limits("GET", path, b"", {})

    def post(self, path: str, body: dict | bytes, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call_within_limits("POST", path, content, {"Content-Type": "application/json", **named})

    def _call_within_limits(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> Answer:
        """Repeat the call after `Retry-After` while the answer is 429."""
        while True:
            answer = self._call(method, path, content, headers)
            wait = answer.headers.get("Retry-After", "")
            if answer.status != 429 or not wait.isdigit() or int(wait) > LONGEST_WAIT:
                return answer
            self.on_wait(int(wait))
            time.sleep(int(wait))

    def _call(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> Answer:
        kind = HTTPSConnection if self.address.scheme == "https" else HTTPConnection
        connection = kind(self.address.hostname, self.address.port, timeout=TIMEOUT)
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            connection.request(method, f"{self.base}/{path}", content, {**authorization, **headers})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"{self.address.netloc} does not answer: {error or type(error).__name__}") from error
        finally:
            connection.close()
