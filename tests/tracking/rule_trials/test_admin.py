"""The pages of trials and recalculations: who sees and does what."""

import csv

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.models import XPRuleSet
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory
from tracking.models import Recalculation, RuleTrial

from .playing import NOW, ago, draft_of, in_force, play, run_all, total_of, try_out

WHY = {"reason": "New rules", "note": "Agreed on Friday."}


def page(name, *args):
    return reverse(f"admin:tracking_ruletrial_{name}", args=args)


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def sign_in(client, *codenames):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)
    return person


@pytest.fixture
def draft():
    return draft_of(formula={"base": 25})


def test_a_draft_leads_to_its_trial_which_says_what_it_found(client, learner, draft):
    sign_in(client, "change_xpruleset", "view_xpruleset", "view_learnerprofile")
    play(learner, ago(hours=1), score=300)
    start = page("start", draft.pk)
    assert start in text(client.get(reverse("admin:gamification_xpruleset_change", args=[draft.pk])))
    assert "Nobody&#x27;s XP changes" in text(client.get(start)) or "Nobody's XP changes" in text(client.get(start))
    answer = client.post(start, {"days": "7"})
    trial = RuleTrial.objects.get()
    assert answer["Location"] == page("change", trial.pk)
    waiting = text(client.get(answer["Location"]))
    assert 'http-equiv="refresh"' in waiting
    run_all()
    found = text(client.get(answer["Location"]))
    assert 'http-equiv="refresh"' not in found
    for words in ["+15", "115.38 %", "Maze", learner.username, "Publish what was tried"]:
        assert words in found, words
    assert reverse("admin:jobs_job_change", args=[trial.job_id]) in waiting


def test_publishing_from_a_trial_publishes_the_numbers_that_were_tried(admin_client, staff, draft):
    trial = try_out(draft, staff)
    shown = admin_client.get(page("change", trial.pk)).context["trial"]
    compared = {"in_force": shown.in_force, "draft": shown.fingerprint}
    publish = reverse("admin:gamification_xpruleset_publish", args=[draft.pk])
    XPRuleSet.objects.filter(pk=draft.pk).update(note="Changed since")
    assert "Publish what was tried" not in text(admin_client.get(page("change", trial.pk)))
    assert admin_client.post(publish, compared).status_code == 200
    assert XPRuleSet.objects.get(pk=draft.pk).status == "draft"
    XPRuleSet.objects.filter(pk=draft.pk).update(note="")
    answer = admin_client.post(publish, compared)
    assert XPRuleSet.objects.get(pk=draft.pk).status == "published"
    assert answer["Location"] == page("start", draft.pk)
    assert "Old results keep what they paid" in text(admin_client.get(answer["Location"]))


def test_above_the_limit_publishing_from_a_trial_is_requested(admin_client, staff, draft, settings):
    settings.XP_APPROVAL_ABOVE = 1_000
    trial = try_out(draft, staff)
    compared = {"in_force": trial.in_force, "draft": trial.fingerprint}
    admin_client.post(reverse("admin:gamification_xpruleset_publish", args=[draft.pk]), compared)
    request = ApprovalRequest.objects.get()
    assert (request.kind, request.payload["draft"]) == ("rule_set", trial.fingerprint)
    assert XPRuleSet.objects.get(pk=draft.pk).status == "draft"


def test_recalculating_and_undoing_by_the_pages(client, learner):
    play(learner, ago(hours=1))
    rules = in_force(formula={"base": 25})
    steward = sign_in(client, "award_xp", "view_xpruleset", "view_learnerprofile")
    client.post(page("start", rules.pk), {"days": "all"})
    run_all()
    trial = RuleTrial.objects.get()
    assert page("recalculate", trial.pk) in text(client.get(page("change", trial.pk)))
    sentences = text(client.get(page("recalculate", trial.pk)))
    assert "Learners who gain: 1, by 15 XP in all." in sentences
    assert "This field is required" in text(client.post(page("recalculate", trial.pk), {"reason": "New rules"}))
    for _ in range(2):  # a double click
        client.post(page("recalculate", trial.pk), WHY)
    run_all()
    recalculation = Recalculation.objects.get()
    assert (total_of(learner), recalculation.started_by) == (25, steward)
    assert recalculation.job.note == "New rules\nAgreed on Friday."
    assert page("undo", trial.pk) in text(client.get(page("change", trial.pk)))
    client.post(page("undo", trial.pk), WHY)
    run_all()
    assert total_of(learner) == 10
    assert page("undo", trial.pk) not in text(client.get(page("change", trial.pk)))
    messages = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    jobs = Job.objects.order_by("pk").values_list("pk", flat=True)
    assert messages[0] == f"Job {jobs[1]} recalculates."
    assert messages[-1] == f"Job {jobs[2]} undoes it."


def test_above_the_limit_a_colleague_approves_with_the_total_before_their_eyes(client, learner, settings):
    settings.XP_APPROVAL_ABOVE = 10
    for each in (learner, approver := StaffFactory()):
        play(each, ago(hours=1))
    settings.XP_APPROVAL_ABOVE = 1_000_000
    rules = in_force(formula={"base": 25})
    settings.XP_APPROVAL_ABOVE = 10
    steward = sign_in(client, "award_xp", "view_xpruleset")
    trial = try_out(rules, steward)
    client.post(page("recalculate", trial.pk), WHY)
    run_all()
    request = ApprovalRequest.objects.get()
    assert (request.kind, request.xp, total_of(learner)) == ("recalculation", 30, 10)
    assert request.summary == "Recalculate by version 2: all results (+30 XP)"
    client.force_login(approver)
    shown = text(client.get(reverse("admin:approvals_approvalrequest_decide", args=[request.pk])))
    assert "Learners who gain: 2, by 30 XP in all." in shown
    approve(request.pk, actor=approver, at=NOW)
    run_all()
    assert (total_of(learner), total_of(approver)) == (25, 10)
    client.force_login(steward)
    client.post(page("undo", trial.pk), WHY)
    undoing = ApprovalRequest.objects.exclude(pk=request.pk).get()
    assert (undoing.summary, undoing.xp) == ("Undo the recalculation by version 2: all results (-30 XP)", -30)
    approve(undoing.pk, actor=approver, at=NOW)
    run_all()
    assert total_of(learner) == 10


def test_pages_and_acts_have_rights_of_their_own(client, learner, draft):
    play(learner, ago(hours=1))
    rules = in_force(3, formula={"base": 25})
    tried, planned = (try_out(each, StaffFactory()) for each in (draft, rules))
    analyst = ["view_xpruleset"]
    allowed = {
        (): set(),
        ("award_xp",): set(),
        ("award_xp", *analyst): {"see", "levels", "prepare", "recalculate"},
        tuple(analyst): {"see", "levels"},
        (*analyst, "view_learnerprofile"): {"see", "levels", "learners"},
        ("change_xpruleset",): {"see", "levels", "try"},
    }
    for codenames, acts in allowed.items():
        sign_in(client, *codenames)
        answers = {
            "see": client.get(page("change", tried.pk)),
            "levels": client.get(page("csv", tried.pk, "levels")),
            "learners": client.get(page("csv", tried.pk, "learners")),
            "try": client.post(page("start", draft.pk), {"days": "7"}),
            "prepare": client.post(page("start", rules.pk), {"days": "7"}),
            "recalculate": client.get(page("recalculate", planned.pk)),
        }
        assert {name for name, answer in answers.items() if answer.status_code != 403} == acts, codenames
    client.logout()
    assert client.get(page("change", tried.pk)).status_code == 302


def test_learners_are_named_only_to_those_who_may_see_learners(client, learner, draft):
    play(learner, ago(hours=1))
    trial = try_out(draft, StaffFactory())
    sign_in(client, "view_xpruleset")
    assert learner.username not in text(client.get(page("change", trial.pk)))


def test_the_files_have_every_row_and_no_formulas(admin_client, staff, draft):
    learners = [UserFactory(username=name) for name in ("=cmd|calc", "bo")]
    for each in learners:
        play(each, ago(hours=1))
    trial = try_out(draft, staff)
    rows = list(csv.reader(csv_lines(admin_client.get(page("csv", trial.pk, "learners")))))
    assert rows[1:] == [
        [str(learners[0].pk), "'=cmd|calc", "1", "10", "25", "15", "1", "1"],
        [str(learners[1].pk), "bo", "1", "10", "25", "15", "1", "1"],
    ]
    rows = list(csv.reader(csv_lines(admin_client.get(page("csv", trial.pk, "levels")))))
    assert rows[1:] == [["maze", "Maze", "2", "20", "50", "30", "150.0"]]
    rows = list(csv.reader(csv_lines(admin_client.get(page("csv", trial.pk, "sources")))))
    assert rows[1:] == [["level_completion", "2", "20", "50", "30", "150.0"]]
    assert admin_client.get(page("csv", trial.pk, "people")).status_code == 404


def csv_lines(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


def test_what_is_not_offered_is_refused(admin_client, draft):
    assert admin_client.post(page("start", draft.pk), {"days": "8"})["Location"] == page("start", draft.pk)
    assert RuleTrial.objects.count() == 0
    retired = XPRuleSet.objects.get(version=1)
    XPRuleSet.objects.filter(pk=retired.pk).update(status="retired")
    assert admin_client.get(page("start", retired.pk)).status_code == 404


@pytest.mark.parametrize("learners", [2, 30])
def test_the_page_has_as_many_statements_with_few_learners_as_with_many(admin_client, staff, draft, learners):
    for number in range(learners):
        play(UserFactory(), ago(hours=1), score=number)
    trial = try_out(draft, staff)
    admin_client.get(page("change", trial.pk))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        admin_client.get(page("change", trial.pk))
    assert len(queries) <= 12
