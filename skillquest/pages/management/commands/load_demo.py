"""Demo data: a learner with ten days of history, some companions, and two members of staff."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from gamification.awards import adjust_xp
from skillquest.accounts.models import User
from skillquest.accounts.services import register
from tracking.models import Completion
from tracking.recording.services import Claim, complete_level

LEARNER, LEARNER_NAME, LEARNER_PASSWORD = "demo", "Rani Putri", "play-every-day"
STAFF, STAFF_PASSWORD = "demo-staff", "keep-the-books"
# A colleague with the rights of the group "XP steward", who can approve what the other one asks for.
STEWARD, STEWARD_PASSWORD = "demo-steward", "four-eyes-see-more"
PASSWORDS = {LEARNER: LEARNER_PASSWORD, STAFF: STAFF_PASSWORD, STEWARD: STEWARD_PASSWORD}

# Days ago, level, score, seconds, hints. The learner fails, improves, and skips a day.
HISTORY = [
    (10, "level-1", 540, 1010, 4),
    (10, "hello-world", 100, 95, 0),
    (9, "level-1", 760, 720, 2),
    (9, "puk_u1_l1", 100, 40, 0),
    (8, "fizzbuzz", 60, 610, 3),
    (8, "fizzbuzz", 90, 430, 1),
    (7, "level-2", 680, 1340, 3),
    (6, "level-2", 910, 1105, 0),
    (6, "puk_u1_l2", 100, 75, 0),
    (4, "blue-vs-red", 55, 880, 1),
    (4, "reverse-a-string", 85, 350, 0),
    (3, "level-3", 850, 1320, 0),
    (2, "blue-vs-red", 80, 790, 0),
    (2, "puk_u1_l3", 80, 110, 0),
    (1, "binary-search", 75, 1500, 2),
    (1, "level-4", 430, 1790, 5),
]

# Who else is on the boards: sign-in name, name, how many levels, days ago of the last one. Nobody can sign in as them.
COMPANIONS = [
    ("sari", "Sari Dewi", 11, 0),
    ("mateo", "Mateo Ruiz", 10, 1),
    ("amina", "Amina Yusuf", 8, 0),
    ("kenji", "Kenji Mori", 9, 3),
    ("lena", "Lena Vogt", 7, 0),
    ("bima", "Bima Pratama", 7, 0),
    ("zoe", "", 6, 2),
    ("tomasz", "Tomasz Zieliński", 5, 1),
    ("priya", "Priya Nair", 4, 0),
    ("noor", "Noor Haddad", 3, 8),
    ("juan", "", 2, 12),
    ("emma", "Emma Lind", 1, 0),
]
# The levels that they play, one a day, and their scores.
COMPANION_LEVELS = [
    ("level-1", 700),
    ("hello-world", 100),
    ("puk_u1_l1", 100),
    ("level-2", 800),
    ("fizzbuzz", 80),
    ("puk_u1_l2", 100),
    ("level-3", 900),
    ("reverse-a-string", 100),
    ("puk_u1_l3", 100),
    ("level-4", 600),
    ("binary-search", 90),
]
# One of them also sent results that took less time than anybody needs: days ago, level, score, seconds, hints.
TOO_FAST = "juan"
TOO_FAST_HISTORY = [(0, "level-2", 1000, 5, 0), (0, "level-3", 1000, 4, 0), (0, "blue-vs-red", 100, 6, 0)]


class Command(BaseCommand):
    help = "Make a demo learner with some history, companions and two members of staff. Safe to repeat."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The passwords of the demo users are public. Set DEMO=1, and only on a machine for trials."
            )
        at = timezone.now()
        with transaction.atomic():
            if not User.objects.filter(username=LEARNER).exists():
                make_demo(at)
            if not User.objects.filter(username=STEWARD).exists():
                make_steward(at)
            for username, display_name, levels, last in COMPANIONS:
                if not User.objects.filter(username=username).exists():
                    make_companion(username, display_name, levels, at=at - timedelta(days=last))
        self.stdout.write(f"  Learner:  {LEARNER} / {LEARNER_PASSWORD}")
        self.stdout.write(f"  Staff:    {STAFF} / {STAFF_PASSWORD}")
        self.stdout.write(f"  Approver: {STEWARD} / {STEWARD_PASSWORD}")


def make_demo(at) -> None:
    beginning = at - timedelta(days=11)
    learner = register(username=LEARNER, email="demo@example.org", password=LEARNER_PASSWORD, at=beginning)
    learner.display_name = LEARNER_NAME
    learner.save(update_fields=["display_name"])
    staff = register(username=STAFF, email="demo-staff@example.org", password=STAFF_PASSWORD, at=beginning)
    staff.is_staff = staff.is_superuser = True
    staff.save(update_fields=["is_staff", "is_superuser"])
    for number, result in enumerate(HISTORY):
        play(learner, number, *result, today=at)
    adjust_xp(
        learner_id=learner.pk,
        amount=25,
        reason="Explained phishing to the whole class",
        actor=staff,
        at=at - timedelta(hours=20),
    )


def make_steward(at) -> None:
    steward = register(username=STEWARD, email="demo-steward@example.org", password=STEWARD_PASSWORD, at=at)
    steward.is_staff = True
    steward.save(update_fields=["is_staff"])
    steward.groups.add(Group.objects.get(name="XP steward"))


def make_companion(username, display_name, levels, *, at) -> None:
    """The last level is played at `at`, those before it a day apart."""
    learner = register(
        username=username,
        email=f"{username}@example.org",
        password=secrets.token_urlsafe(),
        at=at - timedelta(days=levels + 1),
    )
    learner.display_name = display_name
    learner.save(update_fields=["display_name"])
    for number, (level, score) in enumerate(COMPANION_LEVELS[:levels]):
        play(learner, number, levels - 1 - number, level, score, 300 + 40 * len(username), number % 3, today=at)
    for number, result in enumerate(TOO_FAST_HISTORY if username == TOO_FAST else [], start=levels):
        play(learner, number, *result, today=at)


def play(learner, number, days_ago, level, score, seconds, hints, *, today) -> None:
    # Recorded as at that moment, so that the ledger is in the order of the dates.
    at = today - timedelta(days=days_ago) - timedelta(minutes=5 * (20 - number))
    claim = Claim(
        level=level,
        score=score,
        time_spent=seconds,
        metadata={"hints_used": hints},
        client_event_id=str(UUID(int=number + 1)),
        occurred_at=at,
    )
    complete_level(learner=learner, claim=claim, source=Completion.Source.WEB, at=at)
