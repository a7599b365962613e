"""Server keys for tests, and calls of the API with them."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.test import APIClient

from gamification.models import LearnerKind
from skillquest.machines.models import ServerKey
from skillquest.machines.services import create_key
from tests.factories import StaffFactory, UserFactory

EVERY_SCOPE = ["learners", "track", "read", "award"]


def make_key(**fields):
    """(key, token)"""
    key = ServerKey(**{"name": "Game server", "scopes": EVERY_SCOPE, **fields})
    token = create_key(key, actor=StaffFactory(), at=timezone.now())
    return key, token.text


def make_pupil(external_id="pupil-1", kind=LearnerKind.MEMBER, **fields):
    return UserFactory(external_id=external_id, profile__kind=kind, profile__listed=kind == "member", **fields)


def client_with(token, learner=None, **headers):
    """`learner` is what the header `SkillQuest-Learner` says."""
    headers |= {"HTTP_SKILLQUEST_LEARNER": learner} if learner is not None else {}
    return APIClient(**{"HTTP_AUTHORIZATION": f"Bearer {token}", **headers})


def client_of_server():
    """Its key has been used just now, so that requests write nothing but what they are for."""
    return client_with(make_key(last_used_at=timezone.now() + timedelta(hours=1))[1])


def is_for_servers(endpoint):
    """Whether nobody but a server key may use it."""
    return "{external_id}" in endpoint or endpoint == "POST /api/v1/events"
