"""How honest learners reach the product: by its API, by the service behind `POST sync`, or by what judges results."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cache
from itertools import groupby
from uuid import UUID

import time_machine
from rest_framework.test import APIClient

from benchmarks.honest_play import HonestLearner, Play, PlayableLevel, Report
from gamification.awards import Award
from gamification.awards.limiter import Limiter
from gamification.awards.usage import Usage
from gamification.models import DayUsage, LearnerProfile, LimitSet
from gamification.pricing import xp
from gamification.pricing.limits import Limits, read_limits
from gamification.pricing.rules import DEFAULT_RULES, read_rules
from gamification.streaks.local_dates import local_time
from levels.models import Level
from skillquest.accounts.models import User
from tracking.recording.completions import Claim, award_of, record
from tracking.recording.limits import timing_of
from tracking.sync.batch import sync
from tracking.sync.events import Event, Status

API = "/api/v1"
BATCH = 500
RULES = read_rules(1, DEFAULT_RULES)


def shipped_levels() -> list[PlayableLevel]:
    levels = Level.objects.filter(published=True, unlocked=True, coming_soon=False).prefetch_related("prerequisites")
    return [
        PlayableLevel(
            level_id=level.level_id,
            kind=level.kind,
            expected=level.expected_time_seconds,
            max_score=level.max_score,
            pass_score=level.pass_score,
            questions=questions_of(level.metadata),
            prerequisites=frozenset(needed.level_id for needed in level.prerequisites.all()),
        )
        for level in levels.order_by("pk")
    ]


def questions_of(metadata: dict) -> tuple[int, int] | None:
    return (metadata["total_questions"], metadata["min_correct"]) if "total_questions" in metadata else None


def make_account(learner: HonestLearner) -> User:
    user = User.objects.create(username=f"honest-{learner.number}", date_joined=learner.made_at)
    LearnerProfile.objects.create(user_id=user.pk, time_zone=learner.zone)
    return user


# --- By the service ---------------------------------------------------------------------------------------------------


def report_by_service(learner: HonestLearner) -> Iterator[dict]:
    """All that a learner reports on one UTC date in one batch, at the moment of the last report."""
    user = make_account(learner)
    for _, reports in groupby(learner.reports(), key=lambda report: report.at.date()):
        of_day = list(reports)
        plays = [play for report in of_day for play in report.plays]
        for first in range(0, len(plays), BATCH):
            events = [Event(claim_of(play)) for play in plays[first : first + BATCH]]
            for verdict in sync(learner=user, events=events, at=of_day[-1].at):
                rejected = verdict.status is Status.REJECTED
                yield {"problem": {"code": verdict.problem.default_code}} if rejected else verdict.answer


def claim_of(play: Play) -> Claim:
    return Claim(
        level=play.level.level_id,
        score=play.score,
        time_spent=play.seconds,
        metadata=play.metadata,
        client_event_id=UUID(play.event_id),
        occurred_at=play.ended,
    )


# --- By the limits alone ----------------------------------------------------------------------------------------------


class UsageInMemory(Usage):
    """Of one learner, of whom nothing is stored."""

    def __init__(self, profile: LearnerProfile) -> None:
        super().__init__(profile)
        self.rows = {}

    def _stored(self, day: date) -> DayUsage | None:
        return self.rows.get(day)


def report_by_limits(learner: HonestLearner) -> Iterator[dict]:
    """What holds results, limits repeats and cuts metrics, as AwardBatch uses it, but without a database."""
    user = User(pk=learner.number + 1, date_joined=learner.made_at)
    profile = LearnerProfile(user_id=user.pk, time_zone=learner.zone)
    limiter, paid = Limiter(published_limits(), UsageInMemory(profile), {}), Counter()
    for report in learner.reports():
        for play in report.plays:
            level = level_row(play.level.level_id)
            completion = record(user, level, claim_of(play), rules=level, source="sync", at=report.at)
            award = award_of(completion, timing=timing_of(completion, level))
            yield judge(award, local_time(profile, award.occurred_at).date(), limiter, paid)


def judge(award: Award, day: date, limiter: Limiter, paid: Counter) -> dict:
    breakdown = limiter.limit_repeats(award, day, xp.price(award.facts, RULES))
    if award.facts.repeat_policy != "full":
        breakdown = xp.limit_repeat(breakdown, award.facts.repeat_policy, paid[award.subject])
    amount, reason = xp.total(breakdown), limiter.held_reason(award, day, xp.total(breakdown))
    factors = [{"factor": factor.factor} for factor in breakdown]
    if not reason:
        cut = limiter.cut_metrics(award, day)
        limiter.use(award, day, amount, {**award.counts, **cut})
        paid[award.subject] += amount
        factors += [{"factor": "metric_limit"}] if cut else []
    return {"held": bool(reason), "held_reason": reason, "xp_breakdown": factors}


@cache
def published_limits() -> Limits:
    published = LimitSet.objects.published().get()
    return read_limits(published.version, published.limits)


@cache
def level_row(level_id: str) -> Level:
    level = Level.objects.get(level_id=level_id)
    level.counted_category = level.category
    return level


# --- By the API -------------------------------------------------------------------------------------------------------


def report_by_api(learner: HonestLearner) -> Iterator[dict]:
    """Each report when it is sent. Challenges are attempts; half of the simulations and modes are sessions."""
    client = ApiClient(make_account(learner))
    for moment, call in sorted(calls(client, learner.reports()), key=lambda each: each[0]):
        with time_machine.travel(moment, tick=False):
            yield from call()


def calls(client: "ApiClient", reports: Iterable[Report]) -> Iterator[tuple[datetime, object]]:
    """(when, what); a session begins with a call of its own."""
    for report in reports:
        play = report.plays[0]
        if report.in_batch:
            yield report.at, lambda report=report: client.sync(report)
        elif play.level.kind == "training":
            yield report.at, lambda play=play: client.submit_training(play)
        elif play.level.kind == "challenge" or play.event_id < "8":
            yield play.began, lambda play=play: client.start(play)
            yield report.at, lambda play=play: client.end(play)
        else:
            yield report.at, lambda play=play: client.complete(play)


class ApiClient:
    """A client of one learner; every call returns the results that were answered."""

    def __init__(self, user: User) -> None:
        self.api = APIClient()
        self.api.force_authenticate(user)
        self.sessions: dict[str, int] = {}

    def complete(self, play: Play) -> list[dict]:
        body = {"level_id": play.level.level_id, "score": play.score, "metadata": play.metadata}
        return [self.post("levels/complete", body | time_of(play) | {"client_event_id": play.event_id})]

    def submit_training(self, play: Play) -> list[dict]:
        total, _ = play.level.questions
        body = {"level_id": play.level.level_id, "score": play.score, "total_questions": total}
        time = {"time_spent_seconds": play.seconds} if play.seconds is not None else {}
        return [self.post("training/progress/submit", body | {"correct_answers": play.correct} | time)]

    def start(self, play: Play) -> list[dict]:
        if play.level.kind == "challenge":
            answer = self.post("attempts", {"challenge_id": play.level.level_id})
        else:
            answer = self.post("sessions/start", {"level_id": play.level.level_id})
        self.sessions[play.event_id] = answer.get("id") or answer["session_id"]
        return []

    def end(self, play: Play) -> list[dict]:
        session, body = self.sessions[play.event_id], {"score": play.score, "metadata": play.metadata}
        if play.level.kind == "challenge":
            return [self.post(f"attempts/{session}/submit", body)]
        return [self.post("sessions/end", body | {"session_id": session})]

    def sync(self, report: Report) -> list[dict]:
        error, results = report.clock_error, []
        for first in range(0, len(report.plays), BATCH):
            events = [event_of(play, error) for play in report.plays[first : first + BATCH]]
            answer = self.post("sync", {"events": events, "sent_at": (report.at + error).isoformat()})
            results += answer.get("results", [answer] * len(events))
        return results

    def post(self, path: str, body: dict) -> dict:
        answer = self.api.post(f"{API}/{path}", body, format="json")
        if answer.status_code >= 400:
            return {"problem": answer.json()}
        return answer.json()


def time_of(play: Play) -> dict:
    return {} if play.seconds is None else {"time_spent": play.seconds}


def event_of(play: Play, error) -> dict:
    return {
        "type": "level_completion",
        "client_event_id": play.event_id,
        "level_id": play.level.level_id,
        "score": play.score,
        "metadata": play.metadata,
        "occurred_at": (play.ended + error).isoformat(),
        **time_of(play),
    }


REPORT_BY: dict[str, Callable[[HonestLearner], Iterator[dict]]] = {
    "limits": report_by_limits,
    "service": report_by_service,
    "api": report_by_api,
}
