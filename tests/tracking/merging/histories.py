"""Random histories of a guest and an account, and of a twin who did all of it with one account."""

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import APIException

from gamification.awards.activity import check_in, protect_today
from gamification.awards.adjustments import adjust_xp, reverse
from gamification.models import (
    ActivityDay,
    BadgeAward,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Metric,
    MetricTotal,
    Unlock,
)
from levels.models import Level
from tests.factories import LevelFactory, QuestionFactory, StaffFactory, UserFactory
from tracking.merging.services import merge_learners
from tracking.metrics.events import MetricClaim
from tracking.metrics.services import record_metric
from tracking.models import Completion, LearningSession, MetricEvent, Review
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, end_session, start_session
from tracking.review.answering import answer_review
from tracking.review.remembering import remember
from tracking.sync.batch import sync
from tracking.sync.events import Event, SessionData

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = [
    *(["complete"] * 8),
    *(["batch"] * 2),
    *["session", "check_in", "protect", "adjust", "reverse", "resend", "metric"],
]
WAITS = [MINUTE, 20 * MINUTE, 2 * HOUR, 7 * HOUR, DAY, 2 * DAY, 4 * DAY]


def catalogue():
    first = LevelFactory(level_id="first", expected_time_seconds=60, category="one")
    LevelFactory(level_id="second", expected_time_seconds=60, category="two", prerequisites=[first])
    LevelFactory(level_id="fixed", xp_rule="fixed", xp_reward=70, repeat_policy="none", kind="challenge")
    LevelFactory(level_id="arena", kind="mode", repeat_policy="full", expected_time_seconds=60)
    learners = {"reported_by": Metric.ReportedBy.LEARNER, "per_event_max": 30}
    Metric.objects.create(metric_id="pages", name="Pages", xp_per_unit="1/3", per_day_max=40, **learners)
    Metric.objects.create(metric_id="laps", name="Laps", xp_per_unit="2", counts_as_activity=True, **learners)
    LevelFactory(level_id="part", xp_rule="proportional", xp_reward=300, pass_score=300, expected_time_seconds=90)


class Histories:
    """What is done by `guest` or `account` is done by `twin` too."""

    def __init__(self, seed: int, zone: str = "UTC", steps: int = 40, waits=WAITS, choices=STEPS):
        self.random, self.steps, self.waits, self.choices = random.Random(seed), steps, waits, choices
        self.at, self.staff = START, StaffFactory()
        self.questions = {}
        self.guest, self.account, self.twin = (UserFactory(profile__time_zone=zone) for _ in range(3))

    def play(self):
        for _ in range(self.steps):
            self.at += self.random.choice(self.waits) + timedelta(seconds=self.random.randrange(15, 50))
            who = self.random.choice([self.guest, self.account])
            getattr(self, self.random.choice(self.choices))(who)

    def merge(self):
        with transaction.atomic():
            merge_learners(guest_id=self.guest.pk, account_id=self.account.pk, at=self.at)

    def both(self, who, do):
        """What is refused, such as a level that is locked, the twin does not do either."""
        try:
            do(who)
        except APIException:
            return
        do(self.twin)

    def claim(self, levels=("first", "fixed", "arena", "part", "second"), **more):
        chance = self.random
        return Claim(
            level=chance.choice(levels),
            score=chance.choice([0, 250, 500, 900, 1000]),
            time_spent=chance.choice([None, 30, 50, 200, 2000]),
            metadata=chance.choice([{}, {"words_learned": 40, "language": chance.choice(["en", "id", "fr"])}]),
            **more,
        )

    def moment(self):
        return self.at - self.random.choice([timedelta(), MINUTE, HOUR, 20 * HOUR, 3 * DAY])

    def event_id(self):
        return UUID(int=self.random.getrandbits(128))

    def complete(self, who):
        has_id = self.random.random() < 0.8
        claim = self.claim(client_event_id=self.event_id() if has_id else None, occurred_at=self.moment())
        self.both(who, lambda each: complete_level(learner=each, claim=claim, source="api", at=self.at))

    def batch(self, who):
        """Without levels that a result of the same batch opens: they are paid after it, which is not kept."""
        times = [self.moment() - n * MINUTE for n in range(self.random.randrange(1, 6))]
        levels = ["first", "fixed", "arena", "part"]
        events = [Event(self.claim(levels, client_event_id=self.event_id(), occurred_at=time)) for time in times]
        if self.random.random() < 0.3:
            began = self.moment() - HOUR
            claim = Claim("arena", 700, 300, client_event_id=self.event_id(), occurred_at=began + 5 * MINUTE)
            events.append(Event(claim, SessionData(start_time=began, score=700)))
        verdicts = sync(learner=who, events=events, at=self.at)
        taken = [event for event, verdict in zip(events, verdicts, strict=True) if verdict.answer]
        sync(learner=self.twin, events=taken, at=self.at)

    def session(self, who):
        level, score = self.random.choice(["first", "arena", "part"]), self.random.choice([100, 700, 1000])

        def play(each):
            session, _ = start_session(learner=each, level=level, resume=True, at=self.at - 3 * MINUTE)
            end_session(learner=each, session_id=session.pk, score=score, metadata={}, source="web", at=self.at)

        self.both(who, play)

    def metric(self, who):
        claim = MetricClaim(
            self.random.choice(["pages", "laps"]), self.random.randrange(1, 30), self.event_id(), self.moment()
        )
        self.both(who, lambda each: record_metric(learner=each, claim=claim, source="api", at=self.at))

    def practise(self, who):
        """Up to six of the questions that one of the two has answered long ago, which the twin has answered too."""
        if who not in self.questions:
            self.questions[who] = [self.known_question(who) for _ in range(6)]
        for question in self.random.sample(self.questions[who], self.random.randrange(1, 7)):
            name, right = question.question_id, self.random.random() < 0.8
            self.at += MINUTE
            self.both(who, lambda each: answer_review(learner=each, question_id=name, answer=right, at=self.at))  # noqa: B023

    def known_question(self, who):
        question = QuestionFactory()
        for each in (who, self.twin):
            remember(learner_id=each.pk, question=question, correct=True, at=START - 60 * DAY)
        return question

    def check_in(self, who):
        self.both(who, lambda each: check_in(each.pk, at=self.at))

    def protect(self, who):
        """The twin may be refused where the other one is not."""
        with suppress(APIException):
            protect_today(who.pk, at=self.at)
            protect_today(self.twin.pk, at=self.at)

    def adjust(self, who):
        amount = self.random.choice([5, 40, 150])
        reference = str(self.event_id())
        self.both(
            who,
            lambda each: adjust_xp(
                learner_id=each.pk, amount=amount, reason="Fair", actor=self.staff, at=self.at, reference_id=reference
            ),
        )

    def reverse(self, who):
        """Of a completion or an adjustment: what the twin was paid for the same one."""
        lines = LedgerEntry.objects.filter(learner=who, reversal_of=None, reversed_by=None)
        lines = list(lines.filter(reference_type__in=["completion", "adjustment"]).order_by("pk"))
        if not lines:
            return
        line = self.random.choice(lines)
        theirs = self.line_of_twin(line)
        for each in filter(None, [line, theirs]):
            reverse(each, actor=self.staff, note="Cheated", at=self.at)

    def line_of_twin(self, line):
        lines = LedgerEntry.objects.filter(learner=self.twin, reversal_of=None, reversed_by=None)
        if line.reference_type == "adjustment":
            return lines.filter(reference_id=line.reference_id).first()
        completion = Completion.objects.get(pk=line.reference_id)
        event_id = completion.client_event_id
        same = {"client_event_id": event_id} if event_id else fingerprint(completion)
        theirs = Completion.objects.filter(learner=self.twin, **same).first()
        return theirs and lines.filter(reference_type="completion", reference_id=theirs.payment).first()

    def resend(self, who):
        """What one of the two has sent is sent by the other one too."""
        other = self.account if who is self.guest else self.guest
        sent = Completion.objects.filter(learner=who, session=None, client_event_id__isnull=False).order_by("pk")
        if not sent:
            return
        one = self.random.choice(list(sent))
        level = Level.objects.get(pk=one.level_id)
        claim = Claim(level.level_id, one.score, one.time_spent, "", one.metadata, one.client_event_id, one.occurred_at)
        try:
            complete_level(learner=other, claim=claim, source="api", at=self.at)
        except APIException:
            return
        complete_level(learner=self.twin, claim=claim, source="api", at=self.at)


def fingerprint(completion):
    return {
        name: getattr(completion, name)
        for name in ["level_id", "client_event_id", "score", "time_spent", "occurred_at", "created_at"]
    }


def books(learner):
    """Everything that is kept of a learner, without keys of rows."""
    profile = LearnerProfile.objects.get(pk=learner.pk)
    profile_fields = {
        name: getattr(profile, name)
        for name in [*LearnerProfile.DERIVED_TOTALS, "total_xp", "verified_xp", "first_freezes"]
    }
    days = ActivityDay.objects.filter(learner=learner).values_list("date", "kind", "completed", "recorded_at")
    freezes = FreezeEvent.objects.filter(learner=learner).values_list("kind", "date", "created_at")
    unlocks = Unlock.objects.filter(learner=learner, revoked_at=None)
    return profile_fields | {
        "days": sorted(days),
        "freezes": sorted(freezes),
        "unlocks": sorted(unlocks.values_list("achievement__achievement_id", "xp_reward")),
        "badges": sorted(BadgeAward.objects.filter(learner=learner).values_list("badge__name", flat=True)),
        "firsts": sorted(FirstTime.objects.filter(learner=learner).values_list("metric", "value")),
        "completions": sorted(map(completion_text, Completion.objects.filter(learner=learner))),
        "events": sorted(map(event_text, MetricEvent.objects.filter(learner=learner))),
        "reviews": sorted(map(review_text, Review.objects.filter(learner=learner))),
        "totals": sorted(MetricTotal.objects.filter(learner=learner).values_list("metric", "total", "verified_total")),
        "sessions": LearningSession.objects.filter(learner=learner).ended().count(),
        "paid": paid(learner),
    }


def differences(one, other):
    """What differs, short enough to be read."""
    return {
        name: (only(one[name], other[name]), only(other[name], one[name])) for name in one if one[name] != other[name]
    }


def only(one, other):
    if isinstance(one, dict):
        return {key: value for key, value in one.items() if other.get(key) != value}
    return [each for each in one if each not in other] if isinstance(one, list) else one


def dates(learner):
    """When achievements and badges were earned."""
    unlocks = Unlock.objects.filter(learner=learner).values_list("achievement__achievement_id", "earned_at")
    return dict(unlocks) | dict(BadgeAward.objects.filter(learner=learner).values_list("badge__name", "awarded_at"))


def completion_text(completion):
    return str([*fingerprint(completion).values(), completion.held_reason, completion.counted])


def event_text(event):
    return str([event.metric_id, event.client_event_id, event.value, event.counted, event.occurred_at])


def review_text(review):
    return str([review.question_id, review.reviewed_at, review.date, review.correct, review.awarded_xp])


def paid(learner):
    """What each completion, day, achievement and adjustment has paid, by trust, net of corrections."""
    texts = {each.payment: completion_text(each) for each in Completion.objects.filter(learner=learner)}
    events = {str(each.pk): event_text(each) for each in MetricEvent.objects.filter(learner=learner)}
    reviews = {str(each.pk): review_text(each) for each in Review.objects.filter(learner=learner)}
    net = Counter()
    for line in LedgerEntry.objects.filter(learner=learner).select_related("reversal_of"):
        source = line.reversal_of or line
        reference = source.metadata.get("corrects", source.reference_id)
        names = {"metric_event": events, "review": reviews}.get(line.reference_type, texts)
        net[line.reference_type, names.get(reference, reference), line.trust] += line.delta
    return {key: amount for key, amount in net.items() if amount}
