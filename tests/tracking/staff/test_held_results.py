"""The queue of held results, and deciding about many of them at once."""

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
from approvals.services import approve
from gamification.models import LearnerProfile, LedgerEntry
from gamification.staff import erase_learner
from jobs.models import Job
from jobs.running import run_next_portion
from tests.factories import LevelFactory, UserFactory
from tests.threads import at_once
from tests.tracking.staff.conftest import sign_in_steward
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.staff import held_results
from tracking.staff.held_results import decide_or_request, decision_about

QUEUE, DECIDE = reverse("admin:tracking_completion_held"), reverse("admin:tracking_completion_held_decide")


def page_of(learner):
    return reverse("admin:tracking_completion_held_learner", args=[learner.pk])


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def ago(**more):
    return timezone.now() - timedelta(**more)


def decide(completions, actor, *, release=True):
    decision = decision_about(completions, release=release, actor=actor)
    return decide_or_request(decision, note="Seen in class.", actor=actor, at=timezone.now())


def run_all():
    call_command("run_jobs", once=True)


def states():
    return list(Completion.objects.order_by("pk").values_list("held", "refused"))


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_queue_lists_learners_the_oldest_first_with_few_statements(client, steward, hold, number):
    learners = UserFactory.create_batch(number)
    for learner in reversed(learners):
        hold(learner, ago(hours=2))
        hold(learner, ago(hours=1))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(QUEUE)
    shown = [(line.profile.pk, line.count, line.reasons) for line in page.context["lines"]]
    assert shown == [(learner.pk, 2, {"Faster than anybody can be": 2}) for learner in reversed(learners)]
    assert ("No result waits for a decision." in text(page)) == (number == 0)
    assert len(queries) <= 12


def test_the_queue_has_pages(client, steward, hold, monkeypatch):
    monkeypatch.setattr("tracking.admin.held_results.LEARNERS_ON_A_PAGE", 2)
    learners = UserFactory.create_batch(3)
    for learner in learners:
        hold(learner, ago(hours=1))
    first = client.get(QUEUE)
    second = client.get(f"{QUEUE}?{first.context['next_page']}")
    shown = [[line.profile.pk for line in page.context["lines"]] for page in (first, second)]
    assert shown == [[learners[0].pk, learners[1].pk], [learners[2].pk]]
    assert second.context["next_page"] is None


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"reason": "too_fast"}, 2),
        ({"reason": "too_many"}, 0),
        ({"age": "1"}, 1),
        ({"age": "7"}, 0),
        ({"level": "slow"}, 2),
        ({"level": "other"}, 0),
        ({"reason": "too_fast", "age": "1", "level": "slow"}, 1),
    ],
)
def test_filters_by_reason_age_and_level(client, steward, hold, learner, query, number):
    LevelFactory(level_id="other")
    hold(learner, ago(hours=1))
    hold(learner, ago(days=2))
    lines = client.get(QUEUE, query).context["lines"]
    assert sum(line.count for line in lines) == number
    assert len(client.get(page_of(learner), query).context["waiting"]) == number


def test_a_filter_that_is_not_valid_says_so(client, steward, hold, learner):
    assert "There is no level with this id." in text(client.get(QUEUE, {"level": "nowhere"}))
    assert client.get(QUEUE, {"after": "\u0663"}).status_code == 200


def test_the_page_of_a_learner_has_their_other_results_beside_those_that_wait(client, steward, hold, learner):
    other = LevelFactory(level_id="other", name="Another level")
    complete_level(learner=learner, claim=Claim("other", 900, 100), source="api", at=ago(hours=3))
    held, refused = hold(learner, ago(hours=2)), hold(learner, ago(hours=1))
    decide(Completion.objects.filter(pk=refused.pk), steward, release=False)
    run_all()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(page_of(learner))
    assert [result.pk for result in page.context["waiting"]] == [held.pk]
    assert [(result.level, result.refused) for result in page.context["others"]] == [
        (refused.level, True),
        (other, False),
    ]
    assert "Faster than anybody can be" in text(page)
    assert len(queries) <= 12


def test_chosen_results_are_released_with_a_note_and_pay_as_of_when_they_happened(client, steward, hold, learner):
    held = [hold(learner, ago(days=days)) for days in (3, 2)]
    page = client.post(DECIDE, {"act": "release", "result": [row.pk for row in held]})
    assert "Release 2 held results of 1 learner (at most 36 XP)." in text(page)
    assert Job.objects.count() == 0
    answer = client.post(DECIDE, {**page.context["form"].initial, "note": "Seen in class."})
    job = Job.objects.get()
    assert answer["Location"] == reverse("admin:jobs_job_change", args=[job.pk])
    assert (job.created_by, job.note, job.total) == (steward, "Seen in class.", 2)
    run_all()
    entries = LedgerEntry.objects.filter(reason="level_completion").order_by("sequence")
    assert [(entry.delta, entry.effective_at) for entry in entries] == [(18, ago(days=3)), (18, ago(days=2))]
    assert LearnerProfile.objects.get(pk=learner.pk).longest_streak == 2
    logged = LogEntry.objects.order_by("object_id").values_list("user", "object_id", "change_message")
    message = f"Released (job {job.pk}). Seen in class."
    assert list(logged) == [(steward.pk, str(row.pk), message) for row in held]
    assert "2 results released." in text(client.get(answer["Location"]))


def test_all_results_of_ticked_learners_or_of_one_are_refused(client, steward, hold):
    learners = UserFactory.create_batch(3)
    held = [hold(learner, ago(hours=hours)) for learner in learners for hours in (1, 2)]
    page = client.post(DECIDE, {"act": "refuse", "learner": [learners[0].pk, learners[1].pk]})
    assert "Refuse 4 held results of 2 learners." in text(page)
    client.post(DECIDE, {**page.context["form"].initial, "note": "Made up."})
    run_all()
    assert states() == [(True, True)] * 4 + [(True, False)] * 2
    page = client.post(f"{DECIDE}?reason=too_fast", {"act": "refuse", "all_of": learners[2].pk})
    client.post(DECIDE, {**page.context["form"].initial, "note": "Made up."})
    run_all()
    assert states() == [(True, True)] * len(held)
    assert LedgerEntry.objects.count() == 0


def test_a_note_is_required(client, steward, hold, learner):
    held = hold(learner, ago(hours=1))
    page = client.post(DECIDE, {"act": "release", "ids": str(held.pk), "note": " "})
    assert "This field is required." in text(page)
    assert Job.objects.count() == 0


def test_what_was_not_chosen_properly_changes_nothing(client, steward, hold, learner):
    hold(learner, ago(hours=1))
    for fields in [{}, {"result": "x"}, {"learner": "9" * 30}, {"ids": "1,x", "note": "n"}, {"ids": "", "note": "n"}]:
        answer = client.post(DECIDE, {"act": "release", **fields}, follow=True)
        assert "None of these results waits for a decision of yours." in text(answer)
    assert client.get(DECIDE)["Location"] == QUEUE
    assert Job.objects.count() == 0


def test_at_most_a_thousand_are_decided_in_one_action(steward, hold, learner, monkeypatch):
    monkeypatch.setattr(held_results, "MOST", 2)
    first, second, _ = [hold(learner, ago(hours=hours)) for hours in (3, 2, 1)]
    assert decision_about(Completion.objects.all(), release=True, actor=steward).ids == [first.pk, second.pk]


def test_nobody_decides_about_their_own_results_and_nothing_about_erased_learners(client, steward, hold):
    erased, other = UserFactory.create_batch(2)
    for person in (steward, erased, other):
        hold(person, ago(hours=1))
    erase_learner(erased.pk, at=timezone.now())
    decision = decision_about(Completion.objects.all(), release=True, actor=steward)
    assert decision.learner_ids == {other.pk}
    assert not client.get(page_of(steward)).context["may_decide"]
    assert f'name="learner" value="{steward.pk}"' not in text(client.get(QUEUE))


def test_who_may_only_view_sees_the_queue_and_decides_nothing(client, hold, learner, django_user_model):
    viewer = sign_in_steward(client)
    viewer.user_permissions.remove(*viewer.user_permissions.filter(codename="decide_held_results"))
    hold(learner, ago(hours=1))
    pages = text(client.get(QUEUE)) + text(client.get(page_of(learner)))
    assert ("Release" in pages.replace("Released ones", ""), "checkbox" in pages) == (False, False)
    assert client.post(DECIDE, {"act": "release", "all_of": learner.pk}).status_code == 403
    viewer.user_permissions.clear()
    assert [client.get(page).status_code for page in (QUEUE, page_of(learner))] == [403, 403]


def test_a_release_above_the_limit_takes_a_second_person(client, steward, hold, learner, settings):
    settings.XP_APPROVAL_ABOVE = 35
    held = [hold(learner, ago(hours=hours)) for hours in (2, 1)]
    page = client.post(DECIDE, {"act": "release", "all_of": learner.pk})
    assert "Ask for approval" in text(page)
    answer = client.post(DECIDE, {**page.context["form"].initial, "note": "Seen in class."}, follow=True)
    assert "A colleague has to approve it." in text(answer)
    request = ApprovalRequest.objects.get()
    assert (request.xp, request.learner, request.requested_by, Job.objects.count()) == (36, learner, steward, 0)
    approve(request.pk, actor=sign_in_steward(client), at=timezone.now())
    run_all()
    assert (total_of(learner), Job.objects.get().created_by) == (36, steward)
    assert {row.pk for row in Completion.objects.filter(held=False)} == {row.pk for row in held}


def test_releases_in_parts_are_summed_over_a_day(steward, hold, learner, settings, time_machine):
    settings.XP_APPROVAL_ABOVE = 35
    rows = [hold(learner, ago(hours=hours)) for hours in (3, 2, 1)]
    kinds = []
    for row in rows[:2]:
        kinds.append(type(decide(Completion.objects.filter(pk=row.pk), steward)))
    time_machine.shift(timedelta(hours=25))
    kinds.append(type(decide(Completion.objects.filter(pk=rows[2].pk), steward)))
    assert kinds == [Job, ApprovalRequest, Job]


def test_refusing_never_takes_a_second_person(steward, hold, learner, settings):
    settings.XP_APPROVAL_ABOVE = 0
    hold(learner, ago(hours=1))
    assert isinstance(decide(Completion.objects.all(), steward, release=False), Job)


def test_nobody_approves_a_release_of_their_own_results(client, steward, hold, learner, settings):
    settings.XP_APPROVAL_ABOVE = 0
    friend = sign_in_steward(client)
    for person in (friend, learner):
        hold(person, ago(hours=1))
    request = decide(Completion.objects.all(), steward)
    with pytest.raises(OwnXP):
        approve(request.pk, actor=friend, at=timezone.now())
    assert Job.objects.count() == 0


def test_a_process_that_dies_between_portions_releases_nothing_twice(steward, hold, monkeypatch):
    monkeypatch.setattr(held_results, "PORTION", 2)
    learners = UserFactory.create_batch(5)
    for learner in learners:
        hold(learner, ago(hours=1))
    job = decide(Completion.objects.all(), steward)
    run_next_portion()
    monkeypatch.setattr(held_results, "_log", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        run_next_portion()
    assert Completion.objects.filter(held=False).count() == 2
    monkeypatch.undo()
    run_all()
    job.refresh_from_db()
    assert (job.state, job.done, job.cursor) == ("done", 5, {"decided": 5})
    assert [total_of(learner) for learner in learners] == [18] * 5


def test_what_somebody_else_decided_meanwhile_is_left_as_it_is(steward, hold, learner):
    rows = [hold(learner, ago(hours=hours)) for hours in (2, 1)]
    job = decide(Completion.objects.all(), steward, release=False)
    decide(Completion.objects.filter(pk=rows[0].pk), steward)
    Job.objects.filter(pk=job.pk).update(heartbeat=timezone.now() + timedelta(minutes=1))
    run_all()
    job.refresh_from_db()
    assert (states(), held_results.outcome(job)) == (
        [(False, False), (True, True)],
        "1 result refused; 1 waited no longer.",
    )


@pytest.mark.django_db(transaction=True)
def test_releases_of_one_person_at_the_same_moment_count_together(client, hold, settings):
    settings.XP_APPROVAL_ABOVE = 30
    steward = sign_in_steward(client)
    rows = [hold(each, ago(hours=1)).pk for each in UserFactory.create_batch(3)]
    done = at_once([lambda pk=pk: decide(Completion.objects.filter(pk=pk), steward) for pk in rows])
    assert sorted(type(each).__name__ for each in done) == ["ApprovalRequest", "ApprovalRequest", "Job"]
