"""Tokens are renewed once for all threads and processes, and are shown to nobody."""

import json
import logging
import stat
import subprocess
import sys
import time

import jwt
import pytest
from skillquest_client import FileTokens, LearnerClient, MemoryTokens, NotReachedError, SignInNeededError, Tokens

from skillquest.accounts.models import AuthSession
from skillquest.accounts.tokens import ALGORITHM, signing_key
from tests.factories import PASSWORD
from tests.threads import at_once

from .conftest import answer_lost, no_connection

SCRIPT = """
import sys
from skillquest_client import FileTokens, LearnerClient
print(LearnerClient(sys.argv[1], store=FileTokens(sys.argv[2])).me().id)
"""


def expired(token):
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims | {"exp": int(time.time()) - 1}, signing_key(), ALGORITHM)


def expire(store):
    with store.changing() as slot:
        slot.tokens = Tokens(expired(slot.tokens.access_token), slot.tokens.refresh_token, slot.tokens.user_id)


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    return MemoryTokens() if request.param == "memory" else FileTokens(tmp_path / "tokens.sqlite3")


@pytest.fixture
def client(url, options, player, store, network):
    client = LearnerClient(url, store=store, **options)
    client.log_in(player.username, PASSWORD)
    network.requests.clear()
    return client


def refreshes(network):
    return [request for request in network.requests if request.url.path.endswith("/auth/refresh")]


def test_an_expired_token_is_renewed(client, store, network, player):
    before = store.read()
    expire(store)
    assert client.me().id == player.pk
    assert len(refreshes(network)) == 1
    assert store.read().refresh_token != before.refresh_token
    assert client.me().id == player.pk  # with the new one
    assert len(refreshes(network)) == 1


def test_threads_renew_it_once(client, store, network, player):
    expire(store)
    assert {me.id for me in at_once([client.me] * 8)} == {player.pk}
    assert len(refreshes(network)) == 1
    assert AuthSession.objects.get(user=player).is_alive


def test_processes_renew_it_once(url, options, player, tmp_path):
    store = FileTokens(tmp_path / "tokens.sqlite3")
    LearnerClient(url, store=store, **options).log_in(player.username, PASSWORD)
    expire(store)
    command = [sys.executable, "-c", SCRIPT, url, store.path]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == [str(player.pk)] * 4
    session = AuthSession.objects.get(user=player)
    assert session.is_alive
    assert str(session.previous_refresh_id)  # of the first token, so it was renewed once
    assert jwt.decode(store.read().refresh_token, options={"verify_signature": False})["jti"] == str(session.refresh_id)


def environment():
    return {"PYTHONPATH": ":".join(sys.path)}


def test_without_a_connection_the_refresh_token_stays(client, store, network, player):
    expire(store)
    before = store.read()
    network.faults = [None, no_connection] * 5
    with pytest.raises(NotReachedError):
        client.me()
    assert store.read() == before
    assert client.me().id == player.pk


def test_a_refresh_whose_answer_is_lost_takes_a_new_sign_in(client, store, network, player):
    """The server has used up the token, and the new one is lost: nothing else can help."""
    expire(store)
    network.faults = [None, answer_lost]
    with pytest.raises(SignInNeededError):
        client.me()
    client.log_in(player.username, PASSWORD)
    assert client.me().id == player.pk


def test_a_session_that_has_ended_takes_a_new_sign_in(client, player, pauses):
    AuthSession.objects.filter(user=player).delete()
    with pytest.raises(SignInNeededError) as failure:
        client.me()
    assert (failure.value.code, failure.value.status, pauses) == ("invalid_token", 401, [])


def test_a_short_token_is_not_renewed(url, options, client, store, player, network):
    guest = LearnerClient(url, token=store.read().access_token, **options)
    assert guest.me().id == player.pk
    expired_guest = LearnerClient(url, token=expired(store.read().access_token), **options)
    with pytest.raises(SignInNeededError):
        expired_guest.me()
    assert refreshes(network) == []


def test_nobody_is_signed_in_at_first_and_after_logging_out(url, options, client, store, player, network):
    client.log_out()
    assert (client.user_id, store.read()) == (None, None)
    assert not AuthSession.objects.get(user=player).is_alive
    network.requests.clear()
    with pytest.raises(SignInNeededError):
        client.me()
    assert network.requests == []


def test_a_restart_continues_without_a_sign_in(url, options, player, tmp_path):
    path = tmp_path / "tokens.sqlite3"
    LearnerClient(url, store=FileTokens(path), **options).log_in(player.username, PASSWORD)
    again = LearnerClient(url, store=FileTokens(path), **options)
    assert (again.user_id, again.me().id) == (player.pk, player.pk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_are_neither_shown_nor_logged(client, store, network, caplog, level):
    caplog.set_level(logging.DEBUG)
    expire(store)
    network.faults = [no_connection]
    tokens = store.read()
    client.complete(level.level_id, 90)
    client.log_in(client.me().username, PASSWORD)
    shown = " ".join(map(repr, [client, tokens, store, client._transport, client._credentials, *network.requests]))
    for secret in (
        tokens.access_token,
        tokens.refresh_token,
        store.read().access_token,
        PASSWORD,
        json.dumps(PASSWORD),
    ):
        assert secret not in shown
        assert secret not in caplog.text
    assert "auth/refresh" in caplog.text
