"""Days, freezes, the daily bonus, zones. See `seeded_bugs`."""

from .seeding import WALKS, Edit, SeededBug, bug

TESTS = "tests/gamification/streaks"

STREAKS = [
    bug(
        "a missed day takes two freezes",
        "gamification/streaks/pending_days.py",
        "self._add_event(FreezeEvent.Kind.USED, -1, day)",
        "self._add_event(FreezeEvent.Kind.USED, -1, day)\n            self._add_event(FreezeEvent.Kind.USED, -1, day)",
        tests=WALKS,
    ),
    bug(
        "a freeze is used for a day that is not missed",
        "gamification/streaks/runs.py",
        "return filter(self.is_missed, between)",
        "return between",
        tests=[f"{TESTS}/test_amnesty.py"],
    ),
    bug(
        "a late day does not give its freeze back",
        "gamification/streaks/recording.py",
        "    if days.get(day) == DayKind.FROZEN:\n",
        "    if days.get(day) == DayKind.FROZEN and day > profile.last_day:\n",
        tests=WALKS,
    ),
    bug(
        "there is always room for one more freeze",
        "gamification/streaks/pending_days.py",
        "return self.profile.freezes_available < settings.STREAK_FREEZES_AT_MOST",
        "return self.profile.freezes_available <= settings.STREAK_FREEZES_AT_MOST",
        tests=WALKS,
    ),
    bug(
        "as many missed days as freezes break the streak",
        "gamification/streaks/runs.py",
        "    day, left = last_day + DAY, freezes\n",
        "    day, left = last_day, freezes\n",
        tests=WALKS,
    ),
    bug(
        "today is protected without the days that were missed before it",
        "gamification/streaks/recording.py",
        "protected = [today, *calendar.missed_between(profile.last_day, today)]",
        "protected = [today]",
        tests=WALKS,
    ),
    SeededBug(
        "every completion of a day is paid the bonus",
        [
            Edit("gamification/awards/award_entries.py", " if recorded.is_first_completion else 0", ""),
            Edit(
                "gamification/awards/award_entries.py",
                "reference_id=day.isoformat(),",
                'reference_id=f"{day}-{award.reference_id}",',
            ),
        ],
        WALKS,
    ),
    bug(
        "a check-in uses up the bonus of the day",
        "gamification/awards/batch.py",
        "record_activity(self.days, day, completed=False)",
        "record_activity(self.days, day, completed=True)",
        tests=WALKS,
    ),
    bug(
        "the day of the bonus is that of UTC",
        "gamification/awards/batch.py",
        "recorded = record_activity(self.days, local.date(), completed=award.completes)",
        "recorded = record_activity(self.days, award.occurred_at.astimezone(UTC).date(), completed=award.completes)",
        tests=[f"{TESTS}/test_daily_bonus.py"],
    ),
    bug(
        "a late completion is paid by the streak of today",
        "gamification/streaks/recording.py",
        "    return _recorded(profile, action, run, day, completed)\n\n\ndef _join",
        "    return _recorded(profile, action, profile.streak_run, day, completed)\n\n\ndef _join",
        tests=WALKS,
    ),
    bug(
        "a completion counts for the day on which it was received",
        "tracking/recording/completions.py",
        "        occurred_at=completion.effective_at,\n        trust=",
        "        occurred_at=completion.created_at,\n        trust=",
        tests=WALKS,
    ),
    bug(
        "a streak is shown alive although it has lapsed",
        "gamification/models/profiles.py",
        "return self.streak_run if self.alive_until and today <= self.alive_until else 0",
        "return self.streak_run",
        tests=WALKS,
    ),
    bug(
        "a change of zone gives moments a second date",
        "gamification/streaks/changing_zones.py",
        "effective_from = max(at, profile.dated_until + MOMENT) if profile.dated_until else at",
        "effective_from = at",
        tests=[f"{TESTS}/test_zones.py"],
    ),
    bug(
        "a change of zone moves the days of the past",
        "gamification/streaks/local_dates.py",
        "zones = (change.before for change in changes if moment < change.effective_from)",
        "zones = iter(())",
        tests=[f"{TESTS}/test_zones.py"],
    ),
    bug(
        "a date that the learner's clock skipped is a missed day",
        "gamification/streaks/skipped_dates.py",
        "    return shown < HALF_A_DAY",
        "    return False",
        tests=[f"{TESTS}/test_skipped_dates.py"],
    ),
    bug(
        "a freeze is spent where there is no streak",
        "gamification/streaks/recording.py",
        "        raise NoStreak",
        "        pass",
        tests=[f"{TESTS}/test_freezes.py"],
    ),
    bug(
        "an amnesty keeps the freezes that were spent",
        "gamification/streaks/pardons.py",
        "    if days.get(day) == DayKind.FROZEN:\n",
        "    if days.get(day) == DayKind.PARDONED:\n",
        tests=[f"{TESTS}/test_amnesty.py"],
    ),
    bug(
        "days of one learner are recorded without a lock",
        "gamification/models/profiles.py",
        'self.select_for_update(no_key=True, of=("self",)).annotate(',
        "self.annotate(",
        tests=[f"{TESTS}/test_races.py"],
        on_servers=True,
    ),
]
