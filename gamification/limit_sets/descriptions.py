"""What each limit means."""

from gamification.versions.numbers import Number


def _limit(path: str, words: str, *, most: int = 1_000_000) -> Number:
    return Number(path, f"{words}; empty: no limit", least=1, most=most, optional=True)


GROUPS = {
    "Time": [
        _limit(
            "min_time_percent", "the least share of a level's expected time, in percent, that a result takes", most=100
        ),
        _limit("seconds_per_hour", "seconds of play that one clock hour holds at most"),
    ],
    "Number and XP": [
        _limit("completions_per_hour", "results that one clock hour has at most"),
        _limit("xp_per_day", "XP that results pay a date at most, without streak bonus and achievements"),
        _limit("full_repeats_per_day", "how often a date a level pays that pays in full each time"),
    ],
    "What counts of a metric on one date": [
        _limit("metric_per_day.words_learned", "words learned"),
        _limit("metric_per_day.conversations", "conversations"),
        _limit("metric_per_day.study_seconds", "seconds of study"),
    ],
}
NUMBERS = [number for group in GROUPS.values() for number in group]
