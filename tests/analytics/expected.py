"""Every figure computed again from the rows of what happened, in plain Python, without a line of the package."""

from collections import Counter, defaultdict
from datetime import UTC, date, timedelta
from fractions import Fraction

from gamification.models import (
    Achievement,
    ActivityDay,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Unlock,
    XPRuleSet,
)
from levels.models import Level, Question
from tracking.models import Completion, LearningSession, PlayQuestion, Review

GROUPS = {
    "Results": ["session_completion", "level_completion", "attempt_passed", "training_progress"],
    "Reviews": ["review"],
    "Metrics": ["metric"],
    "Streak bonuses": ["streak_bonus"],
    "Achievements": ["achievement"],
    "Staff, corrections, imports": ["manual_adjustment", "reversal", "recalculation", "import"],
}


def utc(moment):
    return moment.astimezone(UTC).date()


def week(day):
    return date.fromisocalendar(*day.isocalendar()[:2], 1)


def share(part, whole):
    return round(100 * part / whole, 1) if whole else 0.0


class Expected:
    """`weeks` up to that of `today`, and of the levels and questions those of a section."""

    def __init__(self, today, weeks, section=""):
        self.today, self.section = today, section
        self.weeks = [week(today) - timedelta(weeks=number) for number in reversed(range(weeks))]
        self.first = self.weeks[0]
        profiles = LearnerProfile.objects.exclude(kind="test").filter(erased_at=None).select_related("user")
        self.people = {profile.pk: profile for profile in profiles}
        self.active = {
            (row.learner_id, row.date)
            for row in ActivityDay.objects.filter(kind="active")
            if row.learner_id in self.people
        }

    def mine(self, model):
        return [row for row in model.objects.order_by("pk") if row.learner_id in self.people]

    def in_range(self, day):
        return self.first <= day <= self.today

    def figures(self):
        return {
            "active-daily": self.daily(),
            "active-weekly": [len({who for who, day in self.active if week(day) == each}) for each in self.weeks],
            "active-monthly": self.monthly(),
            "retention": self.retention(),
            "streaks": self.streaks(),
            "freezes": self.freezes(),
            "funnel": self.funnel(),
            "questions": self.questions(),
            "xp-source": self.xp_by_source(),
            "xp-trust": self.xp(lambda entry: entry.get_trust_display()),
            "xp-detailed": self.xp_detailed(),
            "levels": self.levels(),
            "achievements": self.achievements(),
        }

    def daily(self):
        days = [self.first + timedelta(days=number) for number in range((self.today - self.first).days + 1)]
        return [sum(active == day for _, active in self.active) for day in days]

    def monthly(self):
        months = sorted({(day.year, day.month) for day in self._all_days()})
        return [len({who for who, day in self.active if (day.year, day.month) == month}) for month in months]

    def _all_days(self):
        return [self.first + timedelta(days=number) for number in range((self.today - self.first).days + 1)]

    def retention(self):
        joined = {pk: week(utc(profile.user.date_joined)) for pk, profile in self.people.items()}
        rows = []
        for cohort in self.weeks:
            members = {pk for pk, monday in joined.items() if monday == cohort}
            if not members:
                continue
            shares = []
            for number in range(13):
                then = cohort + timedelta(weeks=number)
                there = {who for who, day in self.active if who in members and week(day) == then}
                shares.append(share(len(there), len(members)) if then <= self.weeks[-1] else None)
            rows.append([cohort.isoformat(), len(members), *shares])
        return rows

    def streaks(self):
        longest = [profile.longest_streak for profile in self.people.values() if profile.longest_streak]
        steps = [1, 2, 3, 5, 7, 14, 30, 60, 100, 200, 365]
        return [share(sum(streak >= days for streak in longest), len(longest)) for days in steps]

    def by_week(self, pairs):
        """{name: [a sum for each week]} of (name, day, number)."""
        sums = defaultdict(lambda: [0] * len(self.weeks))
        for name, day, number in pairs:
            if self.in_range(day):
                sums[name][self.weeks.index(week(day))] += number
        return dict(sums)

    def freezes(self):
        return self.by_week((event.get_kind_display(), event.date, 1) for event in self.mine(FreezeEvent))

    def xp(self, name_of):
        entries = [entry for entry in self.mine(LedgerEntry) if entry.reason != "carried_forward"]
        return self.by_week((name_of(entry), utc(entry.effective_at), entry.delta) for entry in entries)

    def xp_since(self, first):
        entries = self.mine(LedgerEntry)
        return [entry.delta for entry in entries if first <= utc(entry.effective_at) <= self.today]

    def xp_by_source(self):
        names = {reason: name for name, reasons in GROUPS.items() for reason in reasons}
        return self.xp(lambda entry: names[entry.reason])

    def xp_detailed(self):
        sums = self.xp(lambda entry: (entry.get_reason_display(), entry.get_trust_display()))
        weeks = [each.isoformat() for each in self.weeks]
        return {(weeks[place], *name): xp for name, row in sums.items() for place, xp in enumerate(row) if xp}

    def funnel(self):
        started, finished, passed = defaultdict(set), defaultdict(set), defaultdict(set)
        for session in self.mine(LearningSession):
            if utc(session.start_time) >= self.first:
                started[session.level_id].add(session.learner_id)
        for result in self.mine(Completion):
            if not result.held and utc(result.counts_at or result.occurred_at) >= self.first:
                for reached in [started, finished, *([passed] if result.passed else [])]:
                    reached[result.level_id].add(result.learner_id)
        levels = [level for level in Level.objects.all() if self.section in ("", level.category) and started[level.pk]]
        levels.sort(key=lambda level: (level.category, level.unit, level.position, level.level_id))
        counts = [[len(reached[level.pk]) for reached in (started, finished, passed)] for level in levels]
        return [
            [level.name, level.category, level.level_id, *row, share(row[1], row[0]), share(row[2], row[0])]
            for level, row in zip(levels, counts, strict=True)
        ]

    def questions(self):
        answers = Counter()
        for asked in PlayQuestion.objects.exclude(correct=None).select_related("play__session"):
            session = asked.play.session
            if session.status == "ended" and session.learner_id in self.people and self.in_range(utc(session.end_time)):
                answers[asked.question_id, asked.correct] += 1
        for review in self.mine(Review):
            if self.in_range(utc(review.reviewed_at)):
                answers[review.question_id, review.correct] += 1
        rows = []
        for question in Question.objects.select_related("level"):
            right, wrong = answers[question.pk, True], answers[question.pk, False]
            if wrong and right + wrong >= 5 and self.section in ("", question.level.category):
                names = [question.prompt, question.question_id, question.level.name]
                rows.append([*names, right + wrong, wrong, share(wrong, right + wrong)])
        return sorted(rows, key=lambda row: (-row[4] / row[3], -row[3], row[1]))

    def levels(self):
        curve = XPRuleSet.objects.get(status="published").rules["curve"]
        steps, cost = [0], Fraction(curve["first_step"])
        for _ in range(curve["max_level"] - 1):
            steps.append(steps[-1] + int(cost))
            cost *= Fraction(curve["growth"])
        reached = Counter(sum(profile.total_xp >= step for step in steps) for profile in self.people.values())
        return [reached[level] for level in range(1, max(reached) + 1)]

    def achievements(self):
        held = Counter(row.achievement_id for row in self.mine(Unlock) if row.revoked_at is None)
        rows = [
            [each.name, each.achievement_id, held[each.pk], share(held[each.pk], len(self.people))]
            for each in Achievement.objects.filter(published=True)
        ]
        return sorted(rows, key=lambda row: (-row[2], row[1]))
