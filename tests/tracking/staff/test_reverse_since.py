"""Reverse since: what staff choose, the plan, the job, and the second person."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.errors import OwnXP
from approvals.models import ApprovalRequest
from approvals.registry import kind_of
from approvals.services import approve
from gamification.errors import NotReversible
from gamification.models import LearnerProfile, LedgerEntry
from jobs.models import Job
from tests.factories import LevelFactory, MetricFactory, UserFactory
from tests.threads import at_once
from tests.tracking.metrics.reporting import record
from tests.tracking.staff.conftest import sign_in_steward
from tracking.models import Completion, MetricEvent
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, release_completion
from tracking.recording.trust import Reporter
from tracking.staff.reverse_since import Choice, in_sentences, plan_reversal_since, reverse_or_request

WHY = {"reason": "Not your results", "note": "Invented by a script."}


@pytest.fixture(autouse=True)
def _levels(db):
    for level_id in ("maze", "cave"):
        LevelFactory(level_id=level_id, name=level_id.capitalize(), repeat_policy="full")


def ago(**more):
    return timezone.now() - timedelta(**more)


def play(learner, moment, *, level="maze", source="api"):
    """Pays 10 XP."""
    complete_level(learner=learner, claim=Claim(level, 0, 60), source=source, at=moment)
    return Completion.objects.latest("pk")


def page_of(learner):
    return reverse("admin:gamification_learnerprofile_reverse_since", args=[learner.pk])


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def fields(client, learner, **changes):
    return {"until": client.get(page_of(learner)).context["form"]["until"].value(), **WHY, **changes}


def choice(learner, **more):
    return Choice(learner.pk, **{"until": timezone.now().isoformat(), **more})


def run_all():
    call_command("run_jobs", once=True)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_the_plan_is_shown_before_anything_happens(client, steward, learner):
    play(learner, ago(hours=3))
    play(learner, ago(hours=1))
    moment = ago(hours=2).strftime("%Y-%m-%dT%H:%M:%S")
    page = text(client.post(page_of(learner), fields(client, learner, since=moment, _preview="1")))
    for sentence in [
        "To be reversed: 1 ledger entry (-10 XP).",
        "Now: 20 XP, level 1 (Novice).",
        "After: 10 XP, level 1 (Novice).",
        "The XP of 1 level falls away; the results stay, so they still count as played: “Maze”.",
    ]:
        assert sentence in page
    assert (Job.objects.count(), total_of(learner)) == (0, 20)


def test_what_was_shown_is_reversed_by_a_job_and_logged(client, steward, learner):
    play(learner, ago(hours=1))
    form = fields(client, learner, trust="reported")
    shown = client.post(page_of(learner), form).context["shown"]
    answer = client.post(page_of(learner), {**form, "_apply": shown})
    job = Job.objects.get()
    assert answer["Location"] == reverse("admin:jobs_job_change", args=[job.pk])
    assert (job.learner, job.created_by, job.note) == (learner, steward, "Not your results\nInvented by a script.")
    run_all()
    assert "1 entry reversed: -10 XP." in text(client.get(answer["Location"]))
    assert total_of(learner) == 0
    assert LogEntry.objects.get().change_message == f"Job {job.pk} reverses 1 entry."


def test_a_plan_that_changed_is_shown_again_first(client, steward, learner):
    play(learner, ago(hours=1))
    form = fields(client, learner, trust="reported")
    page = client.post(page_of(learner), {**form, "_apply": "7 700"})
    assert "To be reversed: 1 ledger entry" in text(page)
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, "Choose a moment, a level, a source, a server key or a trust."),
        ({"level": "nowhere"}, "There is no level with this id."),
        ({"since": "yesterday"}, "Enter a valid date/time."),
        ({"source": "dream"}, "Select a valid choice."),
        ({"trust": "reported", "reason": ""}, "This field is required."),
        ({"trust": "reported", "until": "2026-11-20"}, "Open the page again."),
        ({"trust": "verified"}, "There is nothing to reverse."),
    ],
)
def test_a_form_that_is_not_valid_says_why(client, steward, learner, change, problem):
    play(learner, ago(hours=1))
    assert problem in text(client.post(page_of(learner), fields(client, learner, **change)))


def test_a_level_or_a_source_narrows_it(learner):
    maze, cave = play(learner, ago(hours=2)), play(learner, ago(hours=1), level="cave", source="sync")
    chosen = [
        [line.reference_id for line in plan_reversal_since(choice(learner, **narrowed)).lines]
        for narrowed in ({"level_id": maze.level_id}, {"source": "sync"}, {"source": "sync", "level_id": maze.level_id})
    ]
    assert chosen == [[str(maze.pk)], [str(cave.pk)], []]


def test_a_server_key_names_its_results_and_its_events_of_metrics(learner):
    MetricFactory(metric_id="pages_read", xp_per_unit="1")
    leaked, other = Reporter("sq_live_leaked"), Reporter("sq_live_other")
    claim = Claim("maze", 0, 60)
    complete_level(learner=learner, claim=claim, source="api", at=ago(hours=3), reporter=leaked)
    for key in (other, leaked):  # the first one and the completion have the same number, where both count from 1
        record(learner, value=5, at=ago(hours=2), reporter=key)
    lines = plan_reversal_since(choice(learner, server_key="sq_live_leaked")).lines
    assert {(line.reference_type, line.reference_id) for line in lines if line.reason != "achievement"} == {
        ("completion", str(Completion.objects.get().pk)),
        ("metric_event", str(MetricEvent.objects.get(server_key="sq_live_leaked").pk)),
    }


def test_a_result_that_is_paid_under_a_new_reference_is_found(learner):
    """A merge of accounts holds a result again; its release pays as the second time."""
    completion = play(learner, ago(hours=1), source="sync")
    Completion.objects.filter(pk=completion.pk).update(paid_before=1, held=True)
    release_completion(completion, at=timezone.now())
    references = [line.reference_id for line in plan_reversal_since(choice(learner, source="sync")).lines]
    assert f"{completion.pk}.1" in references


def test_a_level_still_counts_as_passed_as_after_a_single_reversal(steward, learner):
    completion = play(learner, ago(hours=1))
    reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    run_all()
    assert list(Completion.objects.passed_levels(learner)) == [{"level_id": completion.level_id}]
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.levels_completed, profile.streak_run, profile.total_xp) == (1, 1, 0)


def test_only_one_bulk_reversal_of_a_learner_runs_at_a_time(client, steward, learner):
    play(learner, ago(hours=1))
    job = reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    with pytest.raises(NotReversible, match=f"not finished: job {job.pk}"):
        reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    page = client.post(page_of(learner), fields(client, learner, trust="reported"))
    assert f"Another bulk reversal of this learner is not finished: job {job.pk}." in text(page)


@pytest.mark.django_db(transaction=True)
def test_of_reversals_by_one_person_at_the_same_moment_one_starts(steward, learner):
    play(learner, ago(hours=1))

    def ask():
        try:
            return reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
        except NotReversible:
            return None

    assert len([job for job in at_once([ask] * 3) if job]) == Job.objects.count() == 1


def test_above_the_limit_a_second_person_approves(client, steward, learner, settings):
    settings.XP_APPROVAL_ABOVE = 15
    for hours in (3, 2):
        play(learner, ago(hours=hours))
    form = fields(client, learner, trust="reported")
    page = client.post(page_of(learner), form)
    assert "Ask for approval" in text(page)
    client.post(page_of(learner), {**form, "_apply": page.context["shown"]})
    request = ApprovalRequest.objects.get()
    assert (request.xp, request.learner, Job.objects.count()) == (-20, learner, 0)
    assert kind_of(request).describe(request, at=timezone.now())[0] == "To be reversed: 2 ledger entries (-20 XP)."
    play(learner, timezone.now() + timedelta(minutes=1))
    approve(request.pk, actor=sign_in_steward(client), at=timezone.now())
    run_all()
    assert (total_of(learner), Job.objects.get().created_by) == (10, steward)
    assert {entry.actor_id for entry in LedgerEntry.objects.filter(reason="reversal")} == {steward.pk}


def test_reversals_in_parts_are_summed_over_a_day(steward, learner, settings):
    settings.XP_APPROVAL_ABOVE = 15
    first, second = play(learner, ago(hours=3)), play(learner, ago(hours=2), level="cave")
    done = []
    for completion in (first, second):
        one = choice(learner, level_id=completion.level_id)
        done.append(type(reverse_or_request(one, **WHY, actor=steward, at=timezone.now())))
        run_all()
    assert done == [Job, ApprovalRequest]


def test_a_request_with_nothing_left_to_reverse_is_not_approved(client, steward, learner, settings):
    settings.XP_APPROVAL_ABOVE = 5
    play(learner, ago(hours=1))
    request = reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    settings.XP_APPROVAL_ABOVE = 1_000
    reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    run_all()
    with pytest.raises(NotReversible, match="There is nothing to reverse"):
        approve(request.pk, actor=sign_in_steward(client), at=timezone.now())


def test_nobody_reverses_their_own_xp(client, steward):
    play(steward, ago(hours=1))
    with pytest.raises(OwnXP):
        reverse_or_request(choice(steward), **WHY, actor=steward, at=timezone.now())
    form = fields(client, steward, trust="reported")
    shown = client.post(page_of(steward), form).context["shown"]
    assert str(OwnXP.default_detail) in text(client.post(page_of(steward), {**form, "_apply": shown}))


def test_who_may_only_view_is_not_offered_it(client, steward, learner):
    learner_page = reverse("admin:gamification_learnerprofile_change", args=[learner.pk])
    assert page_of(learner) in text(client.get(learner_page))
    steward.user_permissions.remove(*steward.user_permissions.filter(codename="reverse_since"))
    assert page_of(learner) not in text(client.get(learner_page))
    assert [ask(page_of(learner)).status_code for ask in (client.get, client.post)] == [403, 403]


def test_the_plan_takes_few_statements_however_much_there_is(learner):
    counts = []
    for _ in range(2):
        for minutes in range(5):
            play(learner, ago(minutes=minutes))
        with CaptureQueriesContext(connection) as queries:
            in_sentences(plan_reversal_since(choice(learner, since=ago(days=1).isoformat())))
        counts.append(len(queries))
    assert counts == [5, 5]


def test_another_learner_is_not_touched(steward, learner):
    other = UserFactory()
    for person in (learner, other):
        play(person, ago(hours=1))
    reverse_or_request(choice(learner), **WHY, actor=steward, at=timezone.now())
    run_all()
    assert (total_of(learner), total_of(other)) == (0, 10)
