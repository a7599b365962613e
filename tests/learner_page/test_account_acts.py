"""A password reset that staff send, and how accounts and learners lead to each other."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.mailing import EXECUTOR
from skillquest.accounts.models import User
from tests.factories import PASSWORD, StaffFactory, UserFactory

from .conftest import address

PEOPLE = "/admin/accounts/user/"


def sent_mails():
    EXECUTOR.submit(lambda: None).result()  # after those that are queued
    return mail.outbox


def test_a_password_reset_is_sent_after_a_confirmation_and_logged(client, boss):
    learner = UserFactory(email="ana@example.test")
    assert "sent to ana@example.test" in client.get(address(learner, "send_reset")).content.decode()
    assert sent_mails() == []
    answer = client.post(address(learner, "send_reset"))
    assert (answer.status_code, answer.url) == (302, address(learner, "account"))
    assert [message.to for message in sent_mails()] == [["ana@example.test"]]
    assert LogEntry.objects.get().change_message == "A link for a new password was requested."


def test_no_more_mails_an_hour_are_sent_than_to_those_who_ask_themselves(client, boss, learner, settings):
    settings.RATELIMIT_ENABLE = True
    for _ in range(5):
        client.post(address(learner, "send_reset"))
    assert len(sent_mails()) == 3


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}, {"password": "!"}])
def test_whoever_signs_in_without_a_password_gets_no_reset(client, boss, fields):
    learner = UserFactory()
    User.objects.filter(pk=learner.pk).update(**fields)
    assert client.post(address(learner, "send_reset")).status_code == 403


def test_an_erased_person_gets_no_reset(client, boss, learner):
    erase_person(user_id=learner.pk, at=timezone.now())
    assert client.post(address(learner, "send_reset")).status_code == 403


def test_a_reset_requires_the_right_to_change_the_account(client, learner):
    helper = StaffFactory(is_superuser=False)
    client.force_login(helper)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_learnerprofile", "view_user"]))
    assert client.post(address(learner, "send_reset")).status_code == 403
    helper.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert client.post(address(learner, "send_reset")).status_code == 302
    assert client.post(address(StaffFactory(), "send_reset")).status_code == 403


def test_people_made_in_the_admin_are_learners_at_once(client, boss):
    form = {"username": "new-one", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(f"{PEOPLE}add/", form | {"usable_password": "true"}).status_code == 302
    profile = LearnerProfile.objects.get(user__username="new-one")
    assert (profile.kind, profile.listed, profile.total_xp) == (LearnerKind.MEMBER, True, 0)
    assert client.get(address(profile.user)).status_code == 200


def test_an_account_that_cannot_be_saved_leaves_no_learner(client, boss, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr("skillquest.accounts.admin.note", fail)
    form = {"username": "new-one", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    with pytest.raises(RuntimeError):
        client.post(f"{PEOPLE}add/", form | {"usable_password": "true"})
    assert not User.objects.filter(username="new-one").exists()
    assert not LearnerProfile.objects.exclude(user=boss).exists()


def test_the_account_and_the_learner_lead_to_each_other(client, boss, learner):
    account = reverse("admin:accounts_user_change", args=[learner.pk])
    assert f'href="{address(learner)}"' in client.get(account).content.decode()
    assert f'href="{account}"' in client.get(address(learner, "account")).content.decode()


def test_accounts_lead_to_no_learner_where_there_is_none_or_who_may_not_see_them(client, boss, learner):
    account = reverse("admin:accounts_user_change", args=[learner.pk])
    helper = StaffFactory(is_superuser=False)
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    LearnerProfile.objects.filter(pk=boss.pk).delete()
    assert "Learner page" not in client.get(reverse("admin:accounts_user_change", args=[boss.pk])).content.decode()
    client.force_login(helper)
    assert "Learner page" not in client.get(account).content.decode()
