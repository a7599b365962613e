"""Everything that has happened so far, and the numbers derived from it. See `oracle`."""

from collections import defaultdict
from datetime import datetime, timedelta

from .oracle_limits import OFF
from .oracle_streaks import Calendar
from .oracle_unlocks import Numbers, Prize, count
from .prices import LevelFacts, RuleSet, player_level
from .records import Holding, OracleCompletion, OracleEntry, OracleReview, OracleSession, Remembered


class Memory:
    def __init__(self, levels: list[LevelFacts], prizes: list[Prize], *, now: datetime, joined: dict[str, datetime]):
        self.levels = {level.level_id: level for level in levels}
        self.prizes = {prize.key: prize for prize in prizes}
        self.now, self.joined, self.limits = now, joined, OFF
        self.rules, self.tracking, self.shut = RuleSet(1), True, set()
        self.completions: list[OracleCompletion] = []
        self.sessions: list[OracleSession] = []
        self.entries: list[OracleEntry] = []
        self.reviews: list[OracleReview] = []
        self.remembered: dict[str, dict[str, Remembered]] = defaultdict(dict)  # who -> question
        self.calendars: dict[str, Calendar] = defaultdict(Calendar)
        self.had: dict[str, dict[str, Holding]] = defaultdict(dict)
        self.hidden: set[str] = set()  # who opted out of the boards
        self.off_boards: set[str] = set()  # whom staff took off the boards

    def entries_of(self, who):
        return [entry for entry in self.entries if entry.who == who]

    def total(self, who):
        return sum(entry.delta for entry in self.entries_of(who))

    def has_passed(self, who, level):
        return any(completion.passed and not completion.held for completion in self.completions_on(who, level))

    def has_passed_or_waits(self, who, level):
        return any(completion.passed and not completion.refused for completion in self.completions_on(who, level))

    def completions_on(self, who, level):
        return [
            completion for completion in self.completions if (completion.who, completion.claim.level) == (who, level)
        ]

    def paid_by(self, who, level):
        return sum(
            entry.delta for entry in self.entries_of(who) if entry.completion and entry.completion.claim.level == level
        )

    def find_event(self, who, event_id):
        return next(
            (
                completion
                for completion in self.completions
                if event_id and (completion.who, completion.claim.event_id) == (who, event_id)
            ),
            None,
        )

    def level_of(self, xp):
        return player_level(xp, self.rules)

    def unlocked(self, who):
        """Achievements that were not revoked."""
        return [key for key, had in self.had[who].items() if not had.revoked and not self.prizes[key].is_badge]

    def counted(self, who) -> Numbers:
        """The numbers that follow from completions and days."""
        completions = [completion for completion in self.completions if completion.who == who and not completion.held]
        return count(completions, self.levels, self.calendars[who])

    def numbers(self, who) -> Numbers:
        """All numbers that a condition may use."""
        return {
            **self.counted(who),
            "current_streak": self.calendars[who].streak_at(self.now),
            "achievements_unlocked": len(self.unlocked(who)),
            "xp": self.total(who),
            "level": self.level_of(self.total(who)),
        }

    def score(self, who, metric: str) -> int:
        """On a leaderboard; of verified XP only if its name ends so."""
        metric, _, only = metric.partition(":")
        entries = [entry for entry in self.entries_of(who) if only in ("", entry.trust)]
        if metric in ("xp_weekly", "xp_monthly"):
            dates = 7 if metric == "xp_weekly" else 30
            return sum(entry.delta for entry in entries if 0 <= self._days_ago(entry.effective_at) < dates)
        if only:
            return sum(entry.delta for entry in entries)
        names = {"xp_all_time": "xp", "streak_current": "current_streak", "streak_longest": "longest_streak"}
        return self.numbers(who)[names.get(metric, metric)]

    def ranked(self, metric: str, people: list[str]) -> list[tuple[str, int, int]]:
        """(learner, score, rank), highest first; `people` in the order in which equal scores are listed."""
        scores = {who: self.score(who, metric) for who in people if who not in self.hidden | self.off_boards}
        shown = sorted((who for who in scores if scores[who] > 0), key=lambda who: -scores[who])
        return [(who, scores[who], 1 + sum(other > scores[who] for other in scores.values())) for who in shown]

    def _days_ago(self, moment: datetime) -> int:
        return (self.now.date() - moment.date()) // timedelta(days=1)
