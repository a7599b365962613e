"""What tests of trials play, and the drafts that they try."""

import copy
from datetime import UTC, datetime, timedelta

from django.core.management import call_command
from django.utils import timezone

from gamification.models import LearnerProfile, XPRuleSet
from gamification.pricing.rules import DEFAULT_RULES
from gamification.rule_sets.publishing import publish_rule_set
from tests.factories import LevelFactory
from tracking.models import RuleTrial, TriedLearner
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.staff.rule_trials.trials import start_trial

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(**more):
    return timezone.now() - timedelta(**more)


def changed(**changes):
    rules = copy.deepcopy(DEFAULT_RULES)
    for part, values in changes.items():
        rules[part] = {**rules[part], **values} if isinstance(values, dict) else values
    return rules


def draft_of(version=2, **changes):
    return XPRuleSet.objects.create(version=version, rules=changed(**changes))


def in_force(version=2, *, at=None, **changes):
    """A rule set with these changes, published."""
    return publish_rule_set(draft_of(version, **changes), at=at or timezone.now())


def levels():
    """`maze` pays each time, `cave` only the improvement; both pay 10 XP and 1 more for each 100 points."""
    LevelFactory(level_id="maze", name="Maze", repeat_policy="full")
    LevelFactory(level_id="cave", name="Cave", repeat_policy="improvement")


def play(learner, moment, *, level="maze", score=0, **claim):
    """Recorded at that moment."""
    complete_level(learner=learner, claim=Claim(level, score, 60, **claim), source="api", at=moment)


def run_all():
    call_command("run_jobs", once=True)


def try_out(rule_set, actor, days=None):
    """A trial that has ended."""
    trial = start_trial(rule_set, days=days, actor=actor, at=timezone.now())
    run_all()
    return RuleTrial.objects.get(pk=trial.pk)


def differences(trial):
    """Of each learner: what the results pay now, and by the tried rules."""
    return {row.learner_id: (row.now_xp, row.tried_xp) for row in TriedLearner.objects.filter(trial=trial)}


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp
