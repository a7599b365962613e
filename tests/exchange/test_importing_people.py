import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils import timezone

from exchange.models import FileImport, ImportRow
from gamification.models import LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User
from tests.exchange.importing import Uploads, faults, verdicts
from tests.exchange.reading import body_of
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/import/"
ANA = {"username": "ana", "email": "Ana@Example.test", "display_name": "Ana  Ng", "external_id": "s-1"}


@pytest.fixture
def uploads(client, staff):
    client.force_login(staff)
    return Uploads(client, PEOPLE)


def test_a_roster_makes_accounts_without_a_password_or_rights(uploads):
    source = uploads.upload([ANA, {"username": "bob", "email": "", "display_name": "", "external_id": ""}])
    assert "Imported: 2 new." in uploads.act(source, "_apply").content.decode(), faults(source)
    ana, bo = User.objects.get(username="ana"), User.objects.get(username="bob")
    assert (ana.email, ana.display_name, ana.external_id) == ("Ana@example.test", "Ana Ng", "s-1")
    assert (ana.email_normal_form, ana.has_usable_password(), ana.is_staff, ana.is_active) == (
        "ana@example.test",
        False,
        False,
        True,
    )
    assert (bo.email, bo.external_id, bo.profile.total_xp) == ("", None, 0)
    assert (ImportRow.objects.count(), FileImport.objects.get().content) == (0, None)


def test_of_an_account_that_exists_only_the_display_name_changes(uploads):
    person = UserFactory(username="Ana", email="ana@example.test", display_name="Ana", external_id="s-1")
    password = person.password
    source = uploads.upload([ANA])
    assert source.rows.get().changes == {"display_name": ["Ana", "Ana Ng"]}
    uploads.act(source, "_apply")
    person.refresh_from_db()
    assert (person.username, person.email, person.display_name) == ("Ana", "ana@example.test", "Ana Ng")
    assert (person.password, person.display_name_skeleton) == (password, "anang")


def test_sign_in_names_and_external_ids_of_accounts_do_not_change(uploads):
    UserFactory(username="ana", email="other@example.test", external_id="s-2")
    assert faults(uploads.upload([ANA])) == [
        (2, "email", "An import does not change it."),
        (2, "external_id", "An import does not change it."),
    ]


def test_names_and_addresses_that_are_taken_are_refused_with_row_and_column(uploads):
    UserFactory(username="carla", email="ana@example.test", external_id="s-1", display_name="Dora")
    StaffFactory(username="chief", display_name="The Chief")
    rows = [
        ANA,
        {"username": "d0ra", "email": "d@example.test", "display_name": "", "external_id": "s-3"},
        {"username": "eve", "email": "D@example.test", "display_name": "the chief", "external_id": "s-4"},
        {"username": "EVE", "email": "no address", "display_name": "car1a", "external_id": "a/b"},
    ]
    found = faults(uploads.upload(rows))
    assert [(row, column) for row, column, _ in found] == [
        (2, "email"),
        (2, "external_id"),
        (3, "username"),
        (4, "email"),
        (4, "display_name"),
        (5, "email"),
        (5, "external_id"),
        (5, "username"),
        (5, "display_name"),
    ]
    assert (4, "email", "“D@example.test” is given in row 3, too.") in found
    assert (5, "username", "“EVE” is given in row 4, too.") in found


def test_accounts_with_rights_and_erased_people_are_not_changed(uploads):
    teacher, erased = UserFactory(username="teacher"), UserFactory(username="gone")
    teacher.groups.add(Group.objects.first())
    left = erase_person(user_id=erased.pk, at=timezone.now())
    rows = [{"username": one, "display_name": "New"} for one in ("teacher", left.username)]
    assert [column for _, column, _ in faults(uploads.upload(rows))] == ["username", "username"]


def test_there_is_no_column_for_passwords_rights_or_xp(uploads):
    for column in ("password", "is_staff", "is_superuser", "total_xp", "groups", "id"):
        reason = uploads.refusal(f"username,{column}\nana,1\n".encode())
        assert reason.startswith(f"Row 1: there is no column “{column}”.")


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_an_exported_roster_imported_again_changes_nothing(uploads, ending):
    UserFactory(display_name="=Ana", external_id="-7")
    UserFactory(email="")
    content = body_of(uploads.client.get(f"/admin/export/accounts/user/fields.{ending}"))
    source = uploads.upload(content, ending)
    assert (faults(source), source.counts) == ([], {"unchanged": 3})


def test_only_people_who_may_add_or_change_accounts_import_rosters(client):
    person = UserFactory(is_staff=True)
    client.force_login(person)
    assert client.get(PEOPLE).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="change_user"))
    client.force_login(User.objects.get(pk=person.pk))
    source = Uploads(client, PEOPLE).upload([ANA])
    assert faults(source) == [(2, "username", "You have no right to add it.")]


def test_erasing_a_person_discards_rosters_that_wait(uploads):
    source = uploads.upload([ANA])
    erase_person(user_id=UserFactory().pk, at=timezone.now())
    source.refresh_from_db()
    assert (source.state, ImportRow.objects.exists()) == ("discarded", False)


def test_a_roster_that_nobody_imports_is_gone_the_next_day(uploads, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    uploads.upload([ANA])
    time_machine.shift(24 * 3600 + 1)
    uploads.client.force_login(StaffFactory())
    uploads.upload([ANA | {"username": "bea"}])
    assert [*FileImport.objects.order_by("pk").values_list("state", flat=True)] == ["discarded", "compared"]
    assert [*verdicts(FileImport.objects.last())] == [2]
    assert not LearnerProfile.objects.filter(user__username="ana").exists()


def test_the_daily_command_deletes_rosters_too(uploads, time_machine, capsys):
    time_machine.move_to(timezone.now(), tick=False)
    uploads.upload([ANA])
    time_machine.shift(24 * 3600 + 1)
    call_command("purge_imports")
    assert (capsys.readouterr().out, ImportRow.objects.count()) == ("1 imports discarded.\n", 0)
