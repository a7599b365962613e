"""One request and its answer, tried again where that is safe and of use."""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx

from .clock import Clock, as_text
from .errors import NotReachedError, Problem, ProblemError, SkillQuestError
from .retries import Retries

log = logging.getLogger("skillquest_client")

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
AGENT = "skillquest-client-python/0.1.0"
T = TypeVar("T")
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Credentials(Protocol):
    def headers(self) -> dict[str, str]: ...

    def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 with these headers: whether there are others to try."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    # The clock that the times in the body are from, read for each try.
    sent_at: Callable[[], float] | None = None

    def content(self) -> bytes | None:
        if self.body is None:
            return None
        stamp = {"sent_at": as_text(self.sent_at())} if self.sent_at else {}
        return json.dumps({**self.body, **stamp}, allow_nan=False).encode()


class Transport:
    """Safe to use from several threads."""

    def __init__(
        self,
        url: str,
        *,
        retries: Retries | None = None,
        timeout: httpx.Timeout | float = TIMEOUT,
        insecure: bool = False,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _checked_url(url, insecure)
        self.retries = retries or Retries()
        self.clock = Clock()
        self.sleep = sleep
        self._http, self._timeout, self._process = http or httpx.Client(timeout=timeout), timeout, os.getpid()

    @property
    def http(self) -> httpx.Client:
        """Another one after a fork: processes must not write to the same connections."""
        if self._process != os.getpid():
            self._http, self._process = httpx.Client(timeout=self._timeout), os.getpid()
        return self._http

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def send(self, request: Request, credentials: Credentials, retries: Retries | None = None) -> Any:
        """The body of the answer; None where it has none."""
        return self._retrying(request, lambda: self._renewing(request, credentials), retries or self.retries)

    def learn_clock(self) -> None:
        """Whatever the server answers, it tells the time."""
        request = Request("HEAD", "docs")
        self._retrying(request, lambda: self.once(request, {}), self.retries)

    def close(self) -> None:
        self.http.close()

    def _retrying(self, request: Request, act: Callable[[], T], retries: Retries) -> T:
        tried = 0
        while True:
            tried += 1
            try:
                return act()
            except SkillQuestError as error:
                pause = retries.pause_after(tried, error)
                if pause is None:
                    raise
                log.info("%s %s: %s Trying again in %.1f s.", request.method, request.path, error, pause)
                self.sleep(pause)

    def _renewing(self, request: Request, credentials: Credentials) -> Any:
        headers = credentials.headers()
        try:
            return self._body_of(self.once(request, headers))
        except ProblemError as error:
            if error.status != 401 or not credentials.renew(headers):
                raise
        return self._body_of(self.once(request, credentials.headers()))

    def once(self, request: Request, headers: Mapping[str, str]) -> httpx.Response:
        """The answer to one try, whatever it is. Raises NotReachedError without one."""
        sent_at = self.clock.now()
        try:
            answer = self.http.request(
                request.method,
                f"{self.url}/{request.path}",
                content=request.content(),
                params=dict(request.query) or None,
                headers={
                    "Accept": "application/json",
                    "User-Agent": AGENT,
                    **_content_type(request),
                    **request.headers,
                    **headers,
                },
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            raise NotReachedError(f"No answer ({type(error).__name__}).") from error
        self.clock.learn(answer.headers.get("Date"), sent_at=sent_at)
        if "Deprecation" in answer.headers:
            log.warning(
                "%s %s is deprecated and works until %s.", request.method, request.path, answer.headers.get("Sunset")
            )
        return answer

    def _body_of(self, answer: httpx.Response) -> Any:
        if answer.status_code == 204:
            return None
        body, wait = _json(answer), retry_after(answer.headers.get("Retry-After"))
        if answer.is_success and isinstance(body, dict):
            return body
        if answer.status_code < 400 or (body is None and answer.status_code != 413):
            # A captive portal or a proxy: the API answers in JSON.
            raise NotReachedError(f"The answer ({answer.status_code}) was not from the API.", retry_after=wait)
        problem = Problem.from_json(body if isinstance(body, dict) else {}, answer.status_code)
        raise ProblemError(problem, retry_after=wait)


def _checked_url(url: str, insecure: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("The address must be like https://quest.example/api/v1.")
    if parts.scheme == "http" and parts.hostname not in LOCAL and not insecure:
        raise ValueError("Over http others can read the token. Use https, or insecure=True in a network of your own.")
    return url.rstrip("/")


def _content_type(request: Request) -> dict[str, str]:
    return {} if request.body is None else {"Content-Type": "application/json"}


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def retry_after(header: str | None) -> float | None:
    """Seconds; SkillQuest sends whole numbers."""
    return float(header) if header and header.isdigit() else None
