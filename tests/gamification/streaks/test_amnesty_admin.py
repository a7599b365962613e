"""Amnesties in the admin: form, preview, granting, undoing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gamification.awards.activity import check_in
from gamification.models import Amnesty, AmnestyPreview, PreviewedLearner
from gamification.staff.amnesties import start_preview
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory

from .day_patterns import noon, pattern_of

pytestmark = pytest.mark.django_db

ADD, CHANGE, PREVIEW, UNDO = (f"admin:gamification_amnesty_{page}" for page in ("add", "change", "preview", "undo"))


def form(**changes):
    times = {"starts_at_0": "2026-03-03", "starts_at_1": "10:00", "ends_at_0": "2026-03-04", "ends_at_1": "11:00"}
    return {**times, "reason": "Maintenance", **changes}


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def streak(learner, time_machine):
    """Of two days; it is the fifth."""
    for number in [1, 2]:
        check_in(learner.pk, at=noon(number))
    time_machine.move_to(noon(5), tick=False)


@pytest.fixture
def shown(streak, admin_client):
    admin_client.post(reverse(ADD), form())
    return AmnestyPreview.objects.get()


def with_permissions(client, *names):
    staff = StaffFactory(is_superuser=False)
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(staff)
    return client


def test_each_input_of_a_moment_has_a_name(admin_client):
    page = admin_client.get(reverse(ADD)).content.decode()
    for name in ("Starts at: date", "Starts at: time", "Ends at: date", "Ends at: time"):
        assert f'aria-label="{name}"' in page


def test_a_valid_form_leads_to_a_preview_and_grants_nothing(admin_client, streak, learner):
    answer = admin_client.post(reverse(ADD), form(), follow=True)
    words = text_of(answer)
    assert answer.redirect_chain == [(reverse(PREVIEW, args=[AmnestyPreview.objects.get().pk]), 302)]
    assert "1 learner gets pardoned days, of 1 whose streak was alive when it began." in words
    assert f"{learner.username}</a></th><td>2</td><td>2</td><td>2026-03-03, 2026-03-04</td>" in words
    assert (Amnesty.objects.count(), pattern_of(learner)) == (0, "AA")


def test_the_texts_of_a_preview_are_escaped(admin_client, streak, learner):
    learner.username = "<b>ann</b>"
    learner.save()
    words = text_of(admin_client.post(reverse(ADD), form(reason="<i>Storm</i>"), follow=True))
    assert "“&lt;i&gt;Storm&lt;/i&gt;”" in words
    assert "&lt;b&gt;ann&lt;/b&gt;</a>" in words


def test_staff_grant_what_was_previewed_and_the_log_says_so(admin_client, shown, learner):
    answer = admin_client.post(reverse(PREVIEW, args=[shown.pk]), follow=True)
    amnesty = Amnesty.objects.get()
    assert (amnesty.created_by.username, amnesty.created_at, pattern_of(learner)) == ("admin", noon(5), "AAPP")
    assert "The amnesty was granted." in text_of(answer)
    admin_client.post(reverse(PREVIEW, args=[shown.pk]))
    assert LogEntry.objects.get().change_message == f"Granted as in preview {shown.pk}: {amnesty}"
    assert "Maintenance" in text_of(admin_client.get(reverse("admin:gamification_amnesty_changelist")))
    assert "It was granted: amnesty 1." in text_of(admin_client.get(reverse(PREVIEW, args=[shown.pk])))


def test_what_has_changed_is_previewed_again(admin_client, shown, learner):
    check_in(learner.pk, at=noon(5))
    answer = admin_client.post(reverse(PREVIEW, args=[shown.pk]), follow=True)
    again = AmnestyPreview.objects.exclude(pk=shown.pk).get()
    assert answer.redirect_chain == [(reverse(PREVIEW, args=[again.pk]), 302)]
    assert "For 1 learner it would come to something else than the preview has shown." in text_of(answer)
    assert Amnesty.objects.count() == 0


def test_an_outdated_preview_has_no_button(admin_client, shown, grant):
    grant(3, 3, on=5)
    words = text_of(admin_client.get(reverse(PREVIEW, args=[shown.pk])))
    assert "Another amnesty was granted or undone since the preview." in words
    assert 'value="Grant"' not in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"ends_at_0": "2026-03-02"}, "It must end after it starts."), ({"ends_at_0": "2026-05-02"}, "at most 31 days")],
)
def test_the_form_shows_what_is_wrong(admin_client, changes, words):
    assert words in text_of(admin_client.post(reverse(ADD), form(**changes)))
    assert AmnestyPreview.objects.count() == 0


def test_a_granted_amnesty_cannot_be_changed_or_deleted(admin_client, grant):
    amnesty = grant(1, 2)
    change = reverse(CHANGE, args=[amnesty.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, form()).status_code == 403
    assert admin_client.post(reverse("admin:gamification_amnesty_delete", args=[amnesty.pk])).status_code == 403


def test_staff_undo_it_with_a_note_in_the_log(admin_client, shown, learner):
    admin_client.post(reverse(PREVIEW, args=[shown.pk]))
    amnesty = Amnesty.objects.get()
    undo = reverse(UNDO, args=[amnesty.pk])
    assert undo in text_of(admin_client.get(reverse(CHANGE, args=[amnesty.pk])))
    assert "This field is required." in text_of(admin_client.post(undo, {"note": ""}))
    answer = admin_client.post(undo, {"note": "The wrong week"}, follow=True)
    job = Job.objects.get()
    assert f"Job {job.pk} undoes it." in text_of(answer)
    call_command("run_jobs", once=True)
    words = text_of(admin_client.get(reverse(CHANGE, args=[amnesty.pk])))
    assert "Undone at 2026-03-05 12:00 UTC." in words
    assert "It is undone for 1 learner." in words
    assert (pattern_of(learner), job.note) == ("AA", "The wrong week")
    messages = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert messages[1] == f"Job {job.pk} undoes it. Note: The wrong week"
    assert "It has been undone." in text_of(admin_client.get(undo))


def test_the_page_names_the_learners_who_depend_on_it(admin_client, shown, learner):
    admin_client.post(reverse(PREVIEW, args=[shown.pk]))
    check_in(learner.pk, at=noon(5))
    words = text_of(admin_client.get(reverse(UNDO, args=[Amnesty.objects.get().pk])))
    assert "It cannot be undone: learners depend on it." in words
    assert f"{learner.username}</a> (2026-03-03, 2026-03-04)" in words
    assert 'value="Undo"' not in words


def test_names_are_for_those_who_may_see_learners(client, shown, learner, grant):
    steward = with_permissions(client, "add_amnesty", "view_amnesty")
    words = text_of(steward.get(reverse(PREVIEW, args=[shown.pk])))
    assert "1 learner gets pardoned days" in words
    assert learner.username not in words
    amnesty = grant(3, 4, on=5)
    check_in(learner.pk, at=noon(5))
    words = text_of(steward.get(reverse(UNDO, args=[amnesty.pk])))
    assert "learners depend on it" in words
    assert learner.username not in words


def test_who_may_only_look_at_amnesties_can_neither_preview_nor_undo(client, shown, grant):
    analyst, amnesty = with_permissions(client, "view_amnesty"), grant(3, 4, on=5)
    assert analyst.post(reverse(ADD), form()).status_code == 403
    for path in (reverse(PREVIEW, args=[shown.pk]), reverse(UNDO, args=[amnesty.pk])):
        assert [analyst.get(path).status_code, analyst.post(path, {"note": "?"}).status_code] == [403, 403]
    words = text_of(analyst.get(reverse(CHANGE, args=[amnesty.pk])))
    assert "Undo…" not in words
    assert reverse(PREVIEW, args=[shown.pk]) not in words


def test_the_pages_take_few_statements_however_many_learners(admin_client, streak, grant, django_user_model):
    for person in UserFactory.create_batch(60):
        check_in(person.pk, at=noon(2))
    staff = django_user_model.objects.get(username="admin")
    span = {"starts_at": noon(3), "ends_at": noon(4)}
    shown = start_preview(**span, reason="?", actor=staff, at=noon(5))
    assert PreviewedLearner.objects.count() == 61
    amnesty = grant(3, 4, on=5)
    costs = {}
    for path in (
        f"{reverse(PREVIEW, args=[shown.pk])}?page=2",
        *(reverse(page, args=[amnesty.pk]) for page in (CHANGE, UNDO)),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(path).status_code == 200
        costs[path] = len(captured)
    assert max(costs.values()) <= 12, costs
