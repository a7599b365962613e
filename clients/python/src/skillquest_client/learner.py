"""A client that acts for the person who has signed in on this device."""

import os
from typing import Any

from . import results
from .calls import SYNC_AT_MOST, LearnerCalls
from .credentials import Nobody, PersonalTokens
from .decoding import decode
from .events import known
from .outbox import Outbox
from .outbox_file import OutboxFile
from .tokens import MemoryTokens, Tokens, TokenStore
from .transport import Request, Transport


class LearnerClient(LearnerCalls):
    """`LearnerClient(url, store=FileTokens(path))` continues after a restart; without a store, tokens are in memory.

    With a short token that a server has sent, `LearnerClient(url, token="…")`. `options` are those of `Transport`.
    """

    def __init__(self, url: str, *, token: str | None = None, store: TokenStore | None = None, **options: Any) -> None:
        self.store = store or MemoryTokens(Tokens(token) if token else None)
        transport = Transport(url, **options)
        super().__init__(transport, PersonalTokens(self.store, transport))
        tokens = self.store.read()
        self._user_id = tokens.user_id if tokens else None

    def __repr__(self) -> str:
        return f"LearnerClient({self._transport.url!r}, user_id={self._user_id})"

    @property
    def user_id(self) -> int | None:
        """Of the person who has signed in, also when there is no connection; None for nobody or a short token."""
        return self._user_id

    def log_in(self, username: str, password: str) -> results.Me:
        """Raises ProblemError with the code `invalid_credentials`, or `sign_in_locked` and `retry_after`."""
        return self._enter("auth/login", {"username": username, "password": password})

    def enter_as_guest(self, device_id: str, *, time_zone: str | None = None) -> results.Me:
        """Play without an account. `device_id` is a UUID that the device keeps: with it comes the same guest."""
        return self._enter("auth/guest", known(device_id=device_id, time_zone=time_zone))

    def become_account(self, username: str, email: str, password: str) -> results.Linked:
        """Give the guest an account of their own, with all results."""
        return self._link({"username": username, "email": email, "password": password})

    def merge_into_account(self, identifier: str, password: str) -> results.Linked:
        """Move the guest's results into an account that exists, and go on with that account.

        Drain the guest's outbox before: what is in it can be sent by the guest only.
        """
        return self._link({"identifier": identifier, "password": password})

    def log_out(self) -> None:
        """Forget the tokens here, also when the server cannot be told."""
        with self.store.changing() as slot:
            tokens, slot.tokens = slot.tokens, None
        self._user_id = None
        if tokens and tokens.refresh_token:
            body = {"refresh_token": tokens.refresh_token}
            self._transport.send(Request("POST", "auth/logout", body), Nobody())

    def me(self) -> results.Me:
        return decode(results.Me, self._send(self._request("GET", "auth/me")))

    def outbox(self, path: str | os.PathLike[str], *, owner: str | None = None) -> Outbox:
        """Of the person who has signed in; with a short token, name the learner by `owner`.

        Several people may use one file: what one of them has put there is only sent with that person's token.
        """
        name = owner or (f"user {self._user_id}" if self._user_id else None)
        if name is None:
            raise ValueError("Nobody is signed in: name the learner by `owner`.")
        calls = LearnerCalls(self._transport, self._credentials, user_id=self._user_id)
        return Outbox(
            OutboxFile(path),
            name,
            send=calls.sync_bodies,
            at_most=SYNC_AT_MOST,
            clock=self._transport.clock,
            learn_clock=self._transport.learn_clock,
        )

    def _enter(self, path: str, body: dict[str, str]) -> results.Me:
        pair = self._transport.send(Request("POST", path, body), Nobody())
        signed_in = PersonalTokens(MemoryTokens(Tokens(pair["access_token"])), self._transport)
        me = decode(results.Me, self._transport.send(Request("GET", "auth/me"), signed_in))
        self._keep(pair, me.id)
        return me

    def _link(self, body: dict[str, str]) -> results.Linked:
        answer = self._send(self._request("POST", "auth/link", body))
        linked = decode(results.Linked, answer)
        self._keep(answer, linked.user_id)
        return linked

    def _keep(self, pair: dict[str, str], user_id: int) -> None:
        with self.store.changing() as slot:
            slot.tokens = Tokens(pair["access_token"], pair["refresh_token"], user_id)
        self._user_id = user_id

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> "LearnerClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
