"""Who signs a request: nobody, the token of a person, or the key of a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Problem, ProblemError, SignInNeededError
from .retries import NEVER
from .tokens import Tokens, TokenStore
from .transport import Request, Transport


class Nobody:
    def headers(self) -> dict[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True)
class ServerKey:
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.key.isascii() or not self.key.isprintable() or " " in self.key:
            raise ValueError(
                "A key has only letters, digits and underscores. Was it copied with a space or line break?"
            )

    def headers(self) -> dict[str, str]:
        return bearer(self.key)

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        return False


class PersonalTokens:
    """Renews the access token with the refresh token, which works once: only one process at a time sends it."""

    def __init__(self, store: TokenStore, transport: Transport) -> None:
        self.store = store
        self.transport = transport

    def headers(self) -> dict[str, str]:
        tokens = self.store.read()
        if tokens is None:
            raise sign_in_needed("not_authenticated", "Nobody is signed in on this device.")
        return bearer(tokens.access_token)

    def renew(self, refused: Mapping[str, str]) -> bool:
        with self.store.changing() as slot:
            if slot.tokens is None or slot.tokens.refresh_token is None:
                raise sign_in_needed("invalid_token", "The token does not work any more, and cannot be renewed.")
            # Otherwise another thread or process has renewed them since the request was sent.
            if bearer(slot.tokens.access_token) == dict(refused):
                slot.tokens = self._refreshed(slot.tokens)
        return True

    def _refreshed(self, tokens: Tokens) -> Tokens:
        request = Request("POST", "auth/refresh", {"refresh_token": tokens.refresh_token})
        try:
            pair = self.transport.send(request, Nobody(), NEVER)
        except ProblemError as error:
            if error.status == 401:
                raise SignInNeededError(error.problem) from None
            raise
        return Tokens(pair["access_token"], pair["refresh_token"], tokens.user_id)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def sign_in_needed(code: str, detail: str) -> SignInNeededError:
    return SignInNeededError(Problem(401, code, detail))
