"""Every text of a mail goes through gettext, whatever the language of the page that it was asked for on."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from skillquest.accounts import mailing

from .marks import outside, untranslated

pytestmark = pytest.mark.django_db


def test_the_mail_for_a_new_password(learner, mailoutbox, monkeypatch):
    monkeypatch.setattr(mailing, "post", lambda message: message.send())
    Client(HTTP_ACCEPT_LANGUAGE="en").post("/forgot-password", {"email": learner.email})
    [mail] = mailoutbox
    [(html, _kind)] = mail.alternatives
    plain = re.sub(r"https://\S+", "", mail.body)
    assert outside(mail.subject) == outside(plain) == []
    assert untranslated(SimpleNamespace(content=html.encode())) == []
    assert '<html lang="id">' in html
