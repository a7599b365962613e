"""Prepare or fill an installation, or print what it shows: `python -m tests.moving.installation WHAT`."""

import json
import sys
from datetime import timedelta

import django

LEVELS = ["level-1", "level-2", "level-3", "blue-vs-red"]


def prepare() -> None:
    """A metric that staff made: it is no part of the catalogue that ships."""
    from tests.factories import MetricFactory

    MetricFactory()


def fill() -> None:
    """Four people who have played, in different ways; the last one has no external id and is not listed."""
    from uuid import uuid4

    from django.utils import timezone

    from gamification.awards import adjust_xp
    from gamification.streaks import change_time_zone
    from skillquest.accounts.models import User
    from tests.factories import StaffFactory, UserFactory
    from tracking.metrics.events import MetricClaim
    from tracking.metrics.services import record_metric

    now = timezone.now()
    people = [UserFactory(username=name, external_id=name.upper()) for name in ("ana", "ben", "cleo")]
    people.append(UserFactory(username="dan", profile__leaderboard_opt_out=True, profile__listed=False))
    for person, days in zip(people, (25, 9, 3, 1), strict=True):
        play(person, days, now)
    change_time_zone(people[1].pk, "Asia/Jakarta", at=now)
    User.objects.filter(pk=people[2].pk).update(display_name='Cleo «Ünïcode» "x"; y')
    prepare()
    for number in range(3):
        claim = MetricClaim("pages_read", 10 + number, uuid4())
        record_metric(learner=people[0], claim=claim, source="api", at=now)
    adjust_xp(learner_id=people[0].pk, amount=-40, reason="A mistake", actor=StaffFactory(), at=now)


def play(person, days, now) -> None:
    from tracking.recording.completions import Claim
    from tracking.recording.services import complete_level, end_session, start_session

    for number in range(days):
        # A day is left out now and then, so that freezes are used.
        at = now - timedelta(days=days - number + (number < days // 2), hours=number % 5)
        metadata = {"hints_used": 1, "language": "en-GB", "words_learned": number}
        claim = Claim(LEVELS[number % 4], 100 - number, time_spent=300, metadata=metadata)
        complete_level(learner=person, claim=claim, source="api", at=at)
    session, _ = start_session(learner=person, level="level-1", resume=False, at=now - timedelta(hours=1))
    end_session(learner=person, session_id=session.pk, score=95, metadata={}, source="web", at=now)


def summary() -> dict:
    from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
    from tracking.models import Completion

    totals = ["total_xp", "verified_xp", "last_sequence", *LearnerProfile.DERIVED_TOTALS, "time_zone", "listed"]

    def rows(model, profile, *names):
        return sorted(map(repr, model.objects.filter(learner=profile.pk).values_list(*names)))

    return {
        profile.user.username: {
            "totals": {name: str(getattr(profile, name)) for name in totals if name != "counters"},
            "counters": dict(sorted(profile.counters.items())),
            "unlocks": rows(Unlock, profile, "achievement__achievement_id", "earned_at", "xp_reward"),
            "badges": rows(BadgeAward, profile, "badge__name", "awarded_at"),
            "completions": rows(
                Completion, profile, "level__level_id", "score", "passed", "trust", "occurred_at", "session__start_time"
            ),
            "entries": rows(LedgerEntry, profile, "sequence", "delta", "balance_after", "effective_at", "trust"),
        }
        for profile in LearnerProfile.objects.filter(user__is_staff=False).select_related("user")
    }


def main() -> None:
    django.setup()
    actions = {"fill": fill, "prepare": prepare}
    if sys.argv[1] in actions:
        actions[sys.argv[1]]()
    else:
        print(json.dumps(summary()))  # noqa: T201


if __name__ == "__main__":
    main()
