import pytest
from django.contrib.auth.models import Group

from approvals.models import ApprovalRequest
from exchange.models import FileImport
from gamification.models import Achievement, Badge
from levels.models import Level
from tests.exchange.importing import Uploads, faults
from tests.exchange.reading import body_of
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

ACHIEVEMENTS, BADGES = "/admin/gamification/achievement/import/", "/admin/gamification/badge/import/"
FIRST = {
    "achievement_id": "first",
    "name": "First",
    "category": "c",
    "xp_reward": 400,
    "condition": {"type": "xp", "threshold": 10},
}
LEVEL = {"level_id": "rich", "name": "Rich", "category": "tests", "xp_reward": 1001, "xp_rule": "fixed"}


@pytest.fixture
def editor(client):
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name="Content editor"))
    client.force_login(person)
    return person


@pytest.mark.parametrize("ending", ["json", "xlsx", "csv"])
def test_achievements_and_badges_come_back_as_they_were_exported(client, staff, ending):
    client.force_login(staff)
    either = {"any": [{"type": "level", "level": 3}, {"type": "consecutive_days", "days": 2}]}
    Achievement.objects.all().delete()
    Achievement.objects.create(achievement_id="a", name="=A", category="c", condition=either, xp_reward=5)
    Badge.objects.create(name="+by hand", description="-x")
    Badge.objects.create(name="earned", condition=either, translations={"id": {"name": "diraih"}})
    for page, path, count in ((ACHIEVEMENTS, "achievement", 1), (BADGES, "badge", 2)):
        content = body_of(client.get(f"/admin/export/gamification/{path}/fields.{ending}"))
        source = Uploads(client, page).upload(content, ending)
        assert (faults(source), source.counts) == ([], {"unchanged": count})


def test_an_achievement_is_imported_with_its_requirements_and_counts_as_an_edit_of_one_person(client, editor):
    uploads = Uploads(client, ACHIEVEMENTS)
    uploads.act(uploads.upload([FIRST], "json"), "_apply")
    first = Achievement.objects.get(achievement_id="first")
    assert [str(one) for one in first.requirements.all()] == ["xp >= 10"]
    change = first.history.get()
    assert (change.history_user, change.history_change_reason, change.changes["xp_reward"]) == (editor, "", [None, 400])
    other = uploads.upload([FIRST | {"achievement_id": "other", "name": "Other", "xp_reward": 601}], "json")
    assert [row.needs_second for row in other.rows.all()] == [True]


def test_a_wrong_condition_is_told_with_its_column(client, editor):
    source = Uploads(client, ACHIEVEMENTS).upload([FIRST | {"condition": {"type": "luck"}}], "json")
    ((number, column, _reason),) = faults(source)
    assert (number, column) == (1, "condition")


@pytest.mark.parametrize(
    ("page", "rows", "model"),
    [
        ("/admin/levels/level/import/", [LEVEL], Level),
        (ACHIEVEMENTS, [FIRST | {"xp_reward": 1001}], Achievement),
        (ACHIEVEMENTS, [FIRST, FIRST | {"achievement_id": "b", "name": "B", "xp_reward": 601}], Achievement),
    ],
)
def test_what_is_above_the_limit_waits_for_a_second_person(client, editor, page, rows, model):
    before = model.objects.count()
    uploads = Uploads(client, page)
    source = uploads.upload(rows, "json")
    assert "a colleague has to approve it" in uploads.act(source, "_apply").content.decode()
    uploads.act(source, "_apply")
    request = ApprovalRequest.objects.get()
    assert (model.objects.count(), request.subject) == (before, f"import:{source.pk}")
    colleague = StaffFactory()
    client.force_login(colleague)
    page = client.get(f"/admin/approvals/approvalrequest/{request.pk}/decide/").content.decode()
    assert f"All rows of the file: {len(rows)} new." in page
    client.post(f"/admin/approvals/approvalrequest/{request.pk}/decide/", {"_approve": "1"})
    assert model.objects.count() == before + len(rows)
    assert FileImport.objects.get().state == "done"
    reasons = {row.history.latest().history_change_reason for row in model.objects.order_by("-pk")[: len(rows)]}
    assert reasons == {f"Approval request {request.pk}"}


def test_nobody_approves_their_own_import_and_a_discarded_one_is_outdated(client, editor):
    uploads = Uploads(client, "/admin/levels/level/import/")
    source = uploads.upload([LEVEL], "json")
    uploads.act(source, "_apply")
    url = f"/admin/approvals/approvalrequest/{ApprovalRequest.objects.get().pk}/decide/"
    client.post(url, {"_approve": "1"})
    assert not Level.objects.exists()
    uploads.act(source, "_discard")
    client.force_login(StaffFactory())
    assert "was changed since" in client.get(url).content.decode()
    client.post(url, {"_approve": "1"})
    assert not Level.objects.exists()
