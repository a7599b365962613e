"""The answer that is stored with an imported completion: a client that sends the same event again is given it."""

from collections.abc import Mapping
from typing import Any

from gamification.awards import PlayerLevel, Reward, Rules, player_level_at
from gamification.models import LearnerProfile, Trust
from levels.models import Level
from tracking.models import Completion, MetricEvent
from tracking.recording.answers import plain_answer, represent_card, represent_reward, session_answer


class Answers:
    """Of one portion: what its answers have in common is made once for each learner and each level."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._cards: dict[int, Mapping[str, Any]] = {}
        self._answers: dict[tuple[int, str], Mapping[str, Any]] = {}

    def of(self, completion: Completion, profile: LearnerProfile) -> dict[str, Any]:
        """That of a completion that has earned nothing by itself."""
        if completion.session_id:
            return session_answer(completion, self._unpaid(profile, completion.trust))
        return {**self._plain(profile, completion.trust), "level": self._card(completion.level)}

    def of_metric(self, event: MetricEvent, profile: LearnerProfile) -> dict[str, Any]:
        """`total` is what the learner had before the import, since totals are derived at its end."""
        reported = {"metric_id": event.metric_id, "value": event.value, "counted": event.counted}
        total = profile.counters.get(event.metric_id, 0)
        return {**represent_reward(self._unpaid(profile, event.trust)), **reported, "total": total}

    def _card(self, level: Level) -> Mapping[str, Any]:
        if level.pk not in self._cards:
            self._cards[level.pk] = represent_card(level)
        return self._cards[level.pk]

    def _plain(self, profile: LearnerProfile, trust: str) -> Mapping[str, Any]:
        key = profile.pk, trust
        if key not in self._answers:
            self._answers[key] = plain_answer(self._unpaid(profile, trust))
        return self._answers[key]

    def _unpaid(self, profile: LearnerProfile, trust: str) -> Reward:
        level: PlayerLevel = player_level_at(profile.total_xp, self._rules)
        return Reward(
            awarded_xp=0,
            new_total_xp=profile.total_xp,
            breakdown=[],
            before=level,
            after=level,
            entries=[],
            trust=Trust(trust),
        )
