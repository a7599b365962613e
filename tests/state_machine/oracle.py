"""The rules of the product once more, in plain Python that shares no code with it.

Nothing is imported from the product, so that one mistake cannot affect both. Days are in `oracle_streaks`, achievements
in `oracle_unlocks`, amounts in `prices`; this module has what each call does and when it is refused.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .oracle_limits import pays_again, study_of, study_that_counts, use_of, why_held
from .oracle_memory import Memory
from .oracle_unlocks import Numbers, newly_earned
from .prices import price, streak_bonus
from .records import Claim, Holding, OracleCompletion, OracleEntry, OracleSession, RefusedError

TWIN_WINDOW = timedelta(seconds=10)
RESTART_WINDOW = timedelta(seconds=5)
SESSION_MAX_AGE = timedelta(hours=24)
REPORTED_WITHIN = timedelta(minutes=5)
CLOCK_BACK, CLOCK_AHEAD = timedelta(days=30), timedelta(minutes=5)


class Oracle(Memory):
    """Each method returns what it has created, or raises RefusedError."""

    # Calls of a learner

    def complete(self, who, claim: Claim) -> tuple[OracleCompletion, bool]:
        """The completion, and whether it is new."""
        claim = replace(claim, right=None)
        if known := self.find_event(who, claim.event_id):
            if known.claim.content != claim.content:
                raise RefusedError("event_id_reused")
            return known, False
        waits = self._refuse_result(who, claim.level)
        occurred_at = claim.occurred_at or self.now
        if not self.now - CLOCK_BACK <= occurred_at <= self.now + CLOCK_AHEAD:
            raise RefusedError("clock_out_of_range")
        self._refuse_score(claim)
        if not claim.event_id and (twin := self._twin(who, claim)):
            return twin, False
        return self._record(who, claim, occurred_at, "level_completion", waits=waits), True

    def train(self, who, claim: Claim) -> tuple[OracleCompletion, bool]:
        level = self.levels[claim.level]
        if level.kind != "training":
            raise RefusedError("level_not_found")
        waits = self._refuse_result(who, claim.level)
        self._refuse_score(claim)
        if claim.right > level.questions[1]:
            raise RefusedError("invalid")
        if twin := self._twin(who, claim):
            return twin, False
        return self._record(who, claim, self.now, "training_progress", waits=waits), True

    def start(self, who, level, *, resume: bool) -> tuple[OracleSession, bool]:
        self._refuse(who, level)
        for session in self.sessions:
            if (session.who, session.level, session.status, session.play) == (who, level, "open", None):
                if resume and abs(self.now - session.start) < RESTART_WINDOW:
                    return session, False
                session.status = "abandoned"
        self.sessions.append(OracleSession(who, level, self.now))
        return self.sessions[-1], True

    def submit(self, who, session: OracleSession, *, score: int, hints: int | None) -> tuple[OracleCompletion, bool]:
        if self.levels[session.level].kind != "challenge":
            raise RefusedError("session_not_found")
        if session.play:
            raise RefusedError("session_not_found")
        return self.end(who, session, score=score, hints=hints, reason="attempt_passed")

    def end(
        self, who, session: OracleSession, *, score: int | None, hints: int | None, reason="session_completion"
    ) -> tuple[OracleCompletion, bool]:
        if session.who != who:
            raise RefusedError("session_not_found")
        if session.play:
            raise RefusedError("session_is_play")
        if session.completion:
            if score not in (None, session.score or 0):
                raise RefusedError("session_already_ended")
            return session.completion, False
        self._refuse_untracked()
        if session.status == "abandoned" or self._is_stale(session):
            raise RefusedError("session_abandoned")
        seconds = max(0, int((self.now - session.start).total_seconds()))
        claim = Claim(session.level, score or 0, seconds, hints=hints)
        self._refuse_score(claim)
        session.status, session.score = "ended", score
        session.completion = self._record(who, claim, self.now, reason, session)
        return session.completion, True

    def sweep(self):
        for session in self.sessions:
            # A play may still be sent after a time offline.
            most = CLOCK_BACK if session.play else SESSION_MAX_AGE
            if session.status == "open" and self.now - session.start > most:
                session.status = "abandoned"

    def check_in(self, who) -> tuple[str, set[str]]:
        """What it did to the streak, and what it unlocked."""
        before, calendar = self.numbers(who), self.calendars[who]
        action, _ = calendar.visit(calendar.date(self.now), completed=False)
        return action, self._unlock(who, before, self.now)

    def protect(self, who):
        before, calendar = self.numbers(who), self.calendars[who]
        calendar.protect(calendar.local(self.now).date())
        calendar.date(self.now)
        self._unlock(who, before, self.now)

    def check(self, who) -> set[str]:
        """Check all conditions, as if every number had just changed."""
        return self._unlock(who, {}, self.now)

    # Helpers

    def _refuse_result(self, who, level):
        """A result is not refused where only held ones open its level: it is held too. Returns whether it is."""
        if self._is_opened_by_held(who, level):
            self._refuse_untracked()
            return True
        self._refuse(who, level)
        return False

    def _is_opened_by_held(self, who, level):
        if level not in self.levels or level in self.shut or self.has_passed(who, level):
            return False
        needs = self.levels[level].needs
        passed = [self.has_passed(who, needed) for needed in needs]
        return not all(passed) and all(self.has_passed_or_waits(who, needed) for needed in needs)

    def _refuse(self, who, level):
        self._refuse_untracked()
        if level not in self.levels:
            raise RefusedError("unknown_level")
        if self.has_passed(who, level):
            return
        if level in self.shut or not all(self.has_passed(who, needed) for needed in self.levels[level].needs):
            raise RefusedError("level_locked")

    def _refuse_untracked(self):
        if not self.tracking:
            raise RefusedError("tracking_disabled")

    def _refuse_score(self, claim):
        if claim.score > self.levels[claim.level].max_score:
            raise RefusedError("invalid")

    def _is_stale(self, session):
        return self.now - session.start > SESSION_MAX_AGE

    def _twin(self, who, claim):
        alike = [d for d in self.completions_on(who, claim.level) if d.claim.content[:3] == claim.content[:3]]
        alike = [completion for completion in alike if claim.right in (None, completion.claim.right)]
        near = [completion for completion in alike if abs(self.now - completion.created_at) < TWIN_WINDOW]
        return min(near, key=lambda completion: completion.created_at, default=None)

    def _record(self, who, claim, occurred_at, reason, session=None, *, waits=False, passed=None, **about):
        """`passed` and what else the caller knows better, as the server does of plays."""
        level = self.levels[claim.level]
        passed = level.passes(claim.score, claim.right) if passed is None else passed
        completion = OracleCompletion(who, claim, passed, occurred_at, self.now, reason, session, **about)
        completion.study = study_of(completion, level)
        is_from_before = self.limits.are_on and occurred_at < self.joined[who]
        completion.counts_at = self.joined[who] if is_from_before else occurred_at
        is_new = self.now - occurred_at <= REPORTED_WITHIN
        completion.trust = completion.trust or ("reported" if is_new else "offline")
        completion.held_reason = "prerequisite_held" if waits else self._judge(completion)
        before = self.numbers(who)
        self.completions.append(completion)
        if not completion.held:
            self._pay(completion, before)
        return completion

    def _judge(self, completion) -> str:
        """Why it is held; if it is not, what it uses of the limits is noted with it. A failed play is neither."""
        if not completion.completes:
            return ""
        level, limits = self.levels[completion.claim.level], self.limits
        used = [other.use for other in self.completions if other.who == completion.who and other.use]
        day = self.calendars[completion.who].local(completion.counts_at).date()
        amount = self._amount(completion) if pays_again(level, limits, day, used) else 0
        use = use_of(completion, level, limits, day, amount)
        reason = why_held(completion, level, limits, use, used)
        if not reason and limits.are_on:
            completion.study = study_that_counts(use, limits, used)
            completion.use = replace(use, study=0 if limits.study is None else completion.study)
        return reason

    def _pay(self, completion, before: Numbers):
        """First the completion, then the streak bonus of its day, then achievements."""
        at, about = completion.counts_at, {"trust": completion.trust}
        completion.awarded = completion.use.xp if completion.use else self._amount(completion)
        if completion.awarded:
            self._write(completion.who, completion.awarded, completion.reason, at, completion=completion, **about)
        completion.streak = self._visit(completion.who, at, completed=completion.completes, **about)
        completion.unlocked = self._unlock(completion.who, before, at, **about)

    def _visit(self, who, at: datetime, *, completed: bool, trust: str) -> dict:
        """A day's activity, with the bonus of the first completion of that day; return the streak after it."""
        calendar = self.calendars[who]
        day = calendar.date(at)
        action, is_first = calendar.visit(day, completed=completed)
        if is_first and (bonus := streak_bonus(calendar.run_until(day), self.rules)):
            self._write(who, bonus, "streak_bonus", at, reference=day.isoformat(), trust=trust)
        return {
            "action": action,
            "current_streak": calendar.streak_at(self.now),
            "longest_streak": calendar.longest,
            "freezes_available": calendar.freezes,
        }

    def _amount(self, completion):
        claim, level = completion.claim, self.levels[completion.claim.level]
        amount = price(level, self.rules, claim.score, claim.time_spent, claim.hints) if completion.passed else 0
        before = self.paid_by(completion.who, claim.level)
        if level.repeat == "improvement":
            amount = max(0, amount - before)
        if level.repeat == "none" and before > 0:
            amount = 0
        if self.rules.cap is not None:
            amount = min(amount, max(0, self.rules.cap - self._paid_on_day(completion)))
        return amount

    def _paid_on_day(self, completion):
        day = completion.counts_at.date()
        return sum(
            entry.delta
            for entry in self.entries_of(completion.who)
            if entry.completion and entry.effective_at.date() == day
        )

    def _unlock(self, who, before: Numbers, earned_at: datetime, *, trust="reported") -> set[str]:
        not_held = [prize for prize in self.prizes.values() if prize.key not in self.had[who]]
        earned = newly_earned(not_held, before, self.numbers(who), self.level_of)
        for prize in earned:
            self.had[who][prize.key] = Holding(earned_at, self.now)
            if prize.xp:
                self._write(who, prize.xp, "achievement", earned_at, reference=prize.key, trust=trust)
        return {prize.key for prize in earned}

    def _write(self, who, delta, reason, effective_at, **about):
        if self.total(who) + delta < 0:
            raise RefusedError("balance_below_zero")
        self.entries.append(OracleEntry(who, delta, reason, self.rules.version, effective_at, self.now, **about))
        return self.entries[-1]
