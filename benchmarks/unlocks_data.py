"""Create achievements, and learners with 2000 completions and their unlocks: `python -m benchmarks.unlocks_data`.

The thresholds are spread evenly over 10 000 completions, so with 1000 achievements every tenth completion unlocks one,
and learners with 2000 completions have 200. Prints the number of unlocks of each learner.
"""

import argparse
import json
import random
from datetime import timedelta

import django

COMPLETIONS, XP_A_COMPLETION = 2000, 15
# What one completion adds on average, similar to what `benchmarks.unlocks` sends.
RATES = {"xp": XP_A_COMPLETION, "completions": 1, "words_learned": 5, "conversations": 1, "study_seconds": 60}


def condition_of(number, count, rng) -> dict:
    """Reached after `number / count` of 10 000 completions: one threshold, or `all` or `any` of two."""
    completions = 10_000 * (number + rng.random()) / count

    def leaf(share) -> dict:
        name = rng.choice(list(RATES))
        return {"type": "metric", "name": name, "threshold": max(1, round(completions * share * RATES[name]))}

    single = leaf(1)
    return rng.choice(
        [single, single, {"all": [single, leaf(rng.random())]}, {"any": [single, leaf(1 + rng.random())]}]
    )


def make_achievements(count, rng) -> None:
    from gamification.models import Achievement
    from gamification.models.earnables import rewrite_requirements

    made = Achievement.objects.bulk_create(
        Achievement(
            achievement_id=f"made-{number}",
            name=f"Made {number}",
            category="made",
            xp_reward=10,
            condition=condition_of(number, count, rng),
        )
        for number in range(count)
    )
    rewrite_requirements(made)


def add_history(learner, actor) -> int:
    """Give a learner the counters and XP of 2000 completions and the achievements for them; return how many."""
    from django.db import transaction
    from django.utils import timezone

    from gamification.awards.activity import check_achievements
    from gamification.awards.adjustments import adjust_xp
    from gamification.models import LearnerProfile

    at = timezone.now() - timedelta(days=1)
    counters = {name: rate * COMPLETIONS for name, rate in RATES.items() if name != "xp"}
    with transaction.atomic():
        LearnerProfile.objects.filter(pk=learner.pk).update(counters=counters)
        adjust_xp(
            learner_id=learner.pk, amount=XP_A_COMPLETION * COMPLETIONS, reason="2000 completions", actor=actor, at=at
        )
        check_achievements(learner.pk, at=at)
    return LearnerProfile.objects.get(pk=learner.pk).achievements_unlocked


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unlocks_data")
    parser.add_argument("--made", type=int, required=True, help="achievements beside the shipped ones")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("usernames", nargs="+")
    options = parser.parse_args()
    from django.contrib.auth import get_user_model

    make_achievements(options.made, random.Random(options.seed))
    users = get_user_model().objects
    actor = users.create(username="the-author")
    print(json.dumps({name: add_history(users.get(username=name), actor) for name in options.usernames}))


if __name__ == "__main__":
    django.setup()
    main()
