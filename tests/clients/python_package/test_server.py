"""A server acts for its learners with a key."""

import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from skillquest_client import Event, LearnerClient, ProblemError, ServerClient

from gamification.models import Trust
from tests.machines.keys import make_key, make_pupil
from tracking.models import Completion

from .conftest import answer_lost, no_connection


@pytest.fixture
def key(live_server):
    _, token = make_key()
    return token


@pytest.fixture
def server(url, key, options):
    return ServerClient(url, key, **options)


def test_a_result_is_recorded_for_the_learner_who_is_named_and_verified(server, level):
    pupil = make_pupil("pupil 1/ä")
    completion = server.learner("pupil 1/ä").complete(level.level_id, 90, time_spent=60)
    assert completion.trust == Trust.VERIFIED
    assert Completion.objects.get().learner_id == pupil.pk
    assert server.learner("pupil 1/ä").totals().total_xp == completion.new_total_xp > 0


def test_the_same_event_by_key_and_by_the_learner_is_paid_once(server, level, network):
    make_pupil()
    event_id = str(uuid4())
    network.faults = [answer_lost]
    first = server.learner("pupil-1").complete(level.level_id, 90, client_event_id=event_id)
    again = server.learner("pupil-1").complete(level.level_id, 90, client_event_id=event_id)
    assert (first.is_new_completion, again.is_new_completion) == (False, False)
    assert Completion.objects.count() == 1


def test_an_unknown_learner_is_a_problem(server, level):
    with pytest.raises(ProblemError) as refusal:
        server.learner("nobody").complete(level.level_id, 90)
    assert refusal.value.code == "learner_not_found"


def test_a_wrong_key_is_a_problem_and_not_tried_again(url, options, live_server, pauses, level):
    with pytest.raises(ProblemError) as refusal:
        ServerClient(url, "sq_live_nonsense", **options).learner("pupil-1").totals()
    assert (refusal.value.code, pauses) == ("invalid_server_key", [])


@pytest.mark.parametrize("key", ["sq_live_1\n", "sq live", "schlüssel"])
def test_a_key_that_was_copied_wrongly_is_refused_before_it_is_sent(url, options, key):
    with pytest.raises(ValueError, match="key"):
        ServerClient(url, key, **options)


def test_the_key_is_neither_shown_nor_logged(server, key, level, caplog, network):
    caplog.set_level(logging.DEBUG)
    make_pupil()
    network.faults = [no_connection]
    server.learner("pupil-1").complete(level.level_id, 90)
    shown = repr(server) + repr(server._credentials) + repr(server.learner("pupil-1")) + repr(server.outbox)
    assert key not in shown + caplog.text
    assert "levels/complete" in caplog.text


def test_a_learner_is_saved_read_and_erased(server):
    saved = server.save_learner("player-1", display_name="Ana", time_zone="Asia/Jakarta")
    assert (saved.external_id, saved.display_name, saved.time_zone) == ("player-1", "Ana", "Asia/Jakarta")
    assert server.save_learner("player-1", display_name="Ana", time_zone="Asia/Jakarta") == saved
    status = server.get_learner("player-1")
    assert (status.user_id, status.total_xp, status.streak.current_streak) == (saved.user_id, 0, 0)
    server.erase_learner("player-1")
    server.erase_learner("player-1")
    with pytest.raises(ProblemError) as refusal:
        server.get_learner("player-1")
    assert refusal.value.code == "learner_erased"


def test_a_game_on_a_device_plays_with_a_short_token(server, url, options, level, tmp_path):
    saved = server.save_learner("player-1")
    token = server.short_token("player-1", ttl=600)
    assert token.access_token not in repr(token)
    assert timedelta(0) < token.expires_at - datetime.now(UTC) <= timedelta(seconds=600)
    game = LearnerClient(url, token=token.access_token, **options)
    assert game.complete(level.level_id, 90, time_spent=60).trust == Trust.REPORTED
    outbox = game.outbox(tmp_path / "outbox.sqlite3", owner="player-1")
    outbox.put(Event.completion(level.level_id, 95, time_spent=60))
    assert outbox.drain().created == 1
    assert set(Completion.objects.values_list("learner_id", flat=True)) == {saved.user_id}


def test_a_claim_link_is_for_the_learner(server):
    server.save_learner("player-1")
    link = server.claim_link("player-1")
    assert link.url.startswith("http")
    assert link.url not in repr(link)


def test_what_a_key_for_tests_has_put_is_not_sent_with_a_live_one(url, options, server, level, tmp_path):
    _, token = make_key(mode="test")
    test_server = ServerClient(url, token, **options)
    test_server.outbox(tmp_path / "outbox.sqlite3").put(Event.check_in().of("pupil-1"))
    assert server.outbox(tmp_path / "outbox.sqlite3").waiting() == 0
    assert test_server.outbox(tmp_path / "outbox.sqlite3").waiting() == 1
