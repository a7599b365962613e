"""Each call of a learner's client does what it says on a live server."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from skillquest_client import Event, LearnerClient, ProblemError

from gamification.models import LearnerProfile
from levels.models import Section, Unit
from tests.factories import PASSWORD, LevelFactory, MetricFactory
from tests.tracking.plays.content import QuestionFactory
from tracking.models import Completion


def total_xp(player):
    return LearnerProfile.objects.get(user=player).total_xp


def test_log_in_says_who_it_is(url, options, player):
    client = LearnerClient(url, **options)
    me = client.log_in(player.username, PASSWORD)
    assert (me.id, me.username, client.user_id) == (player.pk, player.username, player.pk)
    assert client.me() == me


def test_a_wrong_password_is_a_problem_with_its_code(url, options, player, pauses):
    with pytest.raises(ProblemError) as refusal:
        LearnerClient(url, **options).log_in(player.username, "wrong")
    assert (refusal.value.code, refusal.value.status, pauses) == ("invalid_credentials", 401, [])


def test_a_completion_is_recorded_and_paid_once(client, level, player):
    event_id = str(uuid.uuid4())
    first = client.complete(level.level_id, 90, time_spent=60, metadata={"hints_used": 0}, client_event_id=event_id)
    again = client.complete(level.level_id, 90, time_spent=60, metadata={"hints_used": 0}, client_event_id=event_id)

    assert (first.is_new_completion, again.is_new_completion) == (True, False)
    assert first.total_awarded_xp == first.new_total_xp == again.new_total_xp == total_xp(player)
    assert sum(factor.value for factor in first.xp_breakdown) == first.awarded_xp > 0
    assert (first.trust, first.held, first.streak.current_streak) == ("reported", False, 1)


def test_a_play_is_judged_by_the_server(client, level):
    question = QuestionFactory(level=level, hint="Think.")
    play = client.start_play(level.level_id)
    assert [each["question_id"] for each in play.questions] == [question.question_id]
    assert client.take_hint(play.session_id, question.question_id).hint == "Think."
    verdict = client.answer_question(play.session_id, question.question_id, True)
    assert (verdict.correct, verdict.correct_answer, verdict.remaining) == (True, True, 0)
    finished = client.finish_play(play.session_id)
    assert (finished.right, finished.asked, finished.trust) == (1, 1, "verified")


def test_every_completion_has_an_id_of_its_own(client, level):
    client.complete(level.level_id, 90, time_spent=60)
    client.complete(level.level_id, 95, time_spent=60)
    assert Completion.objects.values("client_event_id").distinct().count() == 2
    assert not Completion.objects.filter(client_event_id=None).exists()


def test_a_moment_is_sent_with_the_clock_of_the_device(client, level, network):
    at = datetime.now(UTC) - timedelta(hours=1)
    assert client.complete(level.level_id, 90, time_spent=60, occurred_at=at).trust == "offline"
    assert abs(Completion.objects.get().occurred_at - at) < timedelta(seconds=1)
    assert b'"sent_at"' in network.requests[-1].content


def test_a_moment_without_a_time_zone_is_refused_before_it_is_sent(client, level, network):
    with pytest.raises(ValueError, match="time zone"):
        client.complete(level.level_id, 90, occurred_at=datetime(2026, 11, 1))  # noqa: DTZ001
    assert network.requests == []


def test_a_refusal_names_the_fields(client, level):
    with pytest.raises(ProblemError) as refusal:
        client.complete(level.level_id, -1)
    assert (refusal.value.code, list(refusal.value.problem.errors)) == ("invalid", ["score"])
    assert uuid.UUID(refusal.value.client_event_id)


def test_a_problem_keeps_what_only_it_says(client):
    locked = LevelFactory(prerequisites=[LevelFactory()])
    with pytest.raises(ProblemError) as refusal:
        client.complete(locked.level_id, 90)
    assert refusal.value.code == "level_locked"
    assert [each["level_id"] for each in refusal.value.problem.members["missing"]] == [
        locked.prerequisites.get().level_id
    ]


def test_a_session_starts_and_ends(client, level, unlimited):
    session = client.start_session(level.level_id)
    ended = client.end_session(session.session_id, 90)
    assert (session.is_new_session, session.level_id) == (True, level.level_id)
    assert (ended.session_id, ended.is_new_completion, ended.held) == (session.session_id, True, False)
    assert client.end_session(session.session_id, 90).is_new_completion is False


def test_an_attempt_starts_and_is_submitted(client, unlimited):
    challenge = LevelFactory(kind="challenge", max_score=100)
    attempt = client.start_attempt(challenge.level_id)
    submitted = client.submit_attempt(attempt.id, 90)
    assert (attempt.challenge_id, attempt.score) == (challenge.pk, None)
    assert (submitted.id, submitted.status, submitted.score) == (attempt.id, "passed", 90)
    assert submitted.awarded_xp > 0


def test_a_training_result_is_submitted_once(client, unlimited):
    section = Section.objects.create(section_id="first-aid", title="First aid")
    unit = Unit.objects.create(section=section, unit_id="first-unit", title="First unit", order=1)
    metadata = {"total_questions": 5, "min_correct": 3}
    level = LevelFactory(kind="training", category="first-aid", unit=unit.unit_id, metadata=metadata)
    result = {"correct_answers": 4, "total_questions": 5, "score": 80, "idempotency_key": "one"}
    first, again = (client.submit_training(level.level_id, **result) for _ in range(2))
    assert first == again
    assert (first.status, first.level_id) == ("completed", level.level_id)


def test_a_check_in_keeps_the_streak(client):
    assert (client.check_in().action, client.check_in().action) == ("started", "maintained")
    assert client.check_in().current_streak == 1


def test_a_metric_is_added_to_once(client):
    MetricFactory(metric_id="steps", xp_per_unit="1/10")
    event_id = str(uuid.uuid4())
    first, again = (client.record_metric("steps", 50, client_event_id=event_id) for _ in range(2))
    assert (first.is_new_event, again.is_new_event) == (True, False)
    assert (first.total, again.total, first.counted, first.awarded_xp) == (50, 50, 50, 5)
    assert client.totals().total_xp == first.new_total_xp


def test_a_guest_plays_and_becomes_an_account(url, options, level):
    device = str(uuid.uuid4())
    client = LearnerClient(url, **options)
    guest = client.enter_as_guest(device, time_zone="Asia/Jakarta")
    earned = client.complete(level.level_id, 90, time_spent=60).new_total_xp
    assert client.enter_as_guest(device) == guest
    linked = client.become_account("ana", "ana@example.test", PASSWORD)
    assert (linked.user_id, linked.merged, client.user_id) == (guest.id, False, guest.id)
    assert (client.me().username, client.totals().total_xp) == ("ana", earned)


def test_a_guest_is_merged_into_an_account_that_exists(url, options, level, player):
    client = LearnerClient(url, **options)
    client.enter_as_guest(str(uuid.uuid4()))
    earned = client.complete(level.level_id, 90, time_spent=60).new_total_xp
    linked = client.merge_into_account(player.username, PASSWORD)
    assert (linked.user_id, linked.merged, client.user_id) == (player.pk, True, player.pk)
    assert client.totals().total_xp == total_xp(player) == earned


def test_totals_and_history_agree(client, player):
    for level in LevelFactory.create_batch(3, max_score=100):
        client.complete(level.level_id, 90, time_spent=60)
    history = list(client.history(page_size=2))
    assert (
        client.totals().total_xp == total_xp(player) == history[0].balance_after == sum(each.delta for each in history)
    )
    assert [each.sequence for each in history] == sorted((each.sequence for each in history), reverse=True)
    assert len(history) > 2  # more than one page


def test_levels_are_read_with_filters(client, level):
    LevelFactory(kind="challenge", max_score=100)
    (challenge,) = client.levels(kind="challenge")
    assert (challenge.kind, challenge.max_score) == ("challenge", 100)
    assert level.level_id in {each.level_id for each in client.levels()}


def test_a_batch_is_answered_event_by_event(client, level):
    events = [Event.completion(level.level_id, 90, time_spent=60), Event.completion("no-such-level", 90)]
    first, second = client.sync(events)
    assert (first.status, first.client_event_id) == ("created", events[0].client_event_id)
    assert first.reward.awarded_xp > 0
    assert (second.is_rejected, second.problem.code, second.reward) == (True, "unknown_level", None)
    assert client.sync(events)[0].status == "replayed"


def test_a_batch_says_which_values_were_dropped(client, level):
    (outcome,) = client.sync([Event.completion(level.level_id, 90, time_spent=60, metadata={"hints_used": "none"})])
    assert [warning.field for warning in outcome.warnings] == ["metadata.hints_used"]


def test_nobody_elses_result_is_sent_with_my_token(client, level, network):
    client._user_id += 1
    with pytest.raises(ProblemError) as refusal:
        client.complete(level.level_id, 90)
    assert list(refusal.value.problem.errors) == ["user_id"]
