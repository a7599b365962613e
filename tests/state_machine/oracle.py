"""Who should have been paid what: the product's rules once more, in plain Python that shares no line with it.

Nothing is imported from the product, so that no mistake is made in both places by making it once. Days are in
`oracle_streaks`, achievements in `oracle_unlocks`, amounts in `prices`; here is what a deed may do and what it does.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .deeds import Claim, Deed, Had, Line, RefusedError, Sitting
from .oracle_memory import Memory
from .oracle_unlocks import Numbers, newly_earned
from .prices import RuleSet, price, streak_bonus

TWIN_WINDOW = timedelta(seconds=10)
RESTART_WINDOW = timedelta(seconds=5)
SITTING_MAX_AGE = timedelta(hours=24)
CLOCK_BACK, CLOCK_AHEAD = timedelta(days=30), timedelta(minutes=5)


class Oracle(Memory):
    """Each deed answers with what it made, or raises RefusedError."""

    # Deeds of a learner

    def complete(self, who, claim: Claim) -> tuple[Deed, bool]:
        """The deed, and whether it is a new one."""
        claim = replace(claim, right=None)
        if known := self.find_event(who, claim.event_id):
            if known.claim.content != claim.content:
                raise RefusedError("event_id_reused")
            return known, False
        self._refuse(who, claim.level)
        occurred_at = claim.occurred_at or self.now
        if not self.now - CLOCK_BACK <= occurred_at <= self.now + CLOCK_AHEAD:
            raise RefusedError("clock_out_of_range")
        self._refuse_score(claim)
        if not claim.event_id and (twin := self._twin(who, claim)):
            return twin, False
        return self._record(who, claim, occurred_at, "level_completion"), True

    def train(self, who, claim: Claim) -> tuple[Deed, bool]:
        level = self.levels[claim.level]
        if level.kind != "training":
            raise RefusedError("level_not_found")
        self._refuse(who, claim.level)
        self._refuse_score(claim)
        if claim.right > level.questions[1]:
            raise RefusedError("invalid")
        if twin := self._twin(who, claim):
            return twin, False
        return self._record(who, claim, self.now, "training_progress"), True

    def start(self, who, level, *, resume: bool) -> tuple[Sitting, bool]:
        self._refuse(who, level)
        for sitting in self.sittings:
            if (sitting.who, sitting.level, sitting.status) == (who, level, "open"):
                if resume and abs(self.now - sitting.start) < RESTART_WINDOW:
                    return sitting, False
                sitting.status = "abandoned"
        self.sittings.append(Sitting(who, level, self.now))
        return self.sittings[-1], True

    def submit(self, who, sitting: Sitting, *, score: int, hints: int | None) -> tuple[Deed, bool]:
        if self.levels[sitting.level].kind != "challenge":
            raise RefusedError("session_not_found")
        return self.end(who, sitting, score=score, hints=hints, reason="attempt_passed")

    def end(
        self, who, sitting: Sitting, *, score: int | None, hints: int | None, reason="session_completion"
    ) -> tuple[Deed, bool]:
        if sitting.who != who:
            raise RefusedError("session_not_found")
        if sitting.deed:
            if score not in (None, sitting.score or 0):
                raise RefusedError("session_already_ended")
            return sitting.deed, False
        self._refuse_untracked()
        if sitting.status == "abandoned" or self._is_stale(sitting):
            raise RefusedError("session_abandoned")
        seconds = max(0, int((self.now - sitting.start).total_seconds()))
        claim = Claim(sitting.level, score or 0, seconds, hints=hints)
        self._refuse_score(claim)
        sitting.status, sitting.score = "ended", score
        sitting.deed = self._record(who, claim, self.now, reason, sitting)
        return sitting.deed, True

    def sweep(self):
        for sitting in self.sittings:
            if sitting.status == "open" and self._is_stale(sitting):
                sitting.status = "abandoned"

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
        """Everything is looked at, as if all had moved just now."""
        return self._unlock(who, {}, self.now)

    # Deeds of staff

    def release(self, deed: Deed):
        if deed.held:
            before = self.numbers(deed.who)
            deed.held = False
            self._pay(deed, before)

    def adjust(self, actor, who, amount, reference) -> Line:
        if actor == who:
            raise RefusedError("own_xp")
        for known in self.lines_of(who):
            if reference and known.reason == "manual_adjustment" and known.reference == reference:
                if known.delta != amount:
                    raise RefusedError("reference_reused")
                return known
        return self._move(who, amount, "manual_adjustment", self.now, reference=reference)

    def reverse(self, actor, line: Line) -> Line:
        if actor == line.who:
            raise RefusedError("own_xp")
        if line.takes_back or self._taken_back(line):
            raise RefusedError("not_reversible")
        back = self._move(line.who, -line.delta, "reversal", line.effective_at, deed=line.deed, takes_back=line)
        if line.reason == "achievement":
            self._take(line.who, line.reference)
        return back

    def revoke(self, actor, who, key):
        """An achievement or badge, with the XP that it has paid."""
        paid = [line for line in self.lines_of(who) if (line.reason, line.reference) == ("achievement", key)]
        if paid and not self._taken_back(paid[0]):
            self.reverse(actor, paid[0])
        elif key in self.had[who]:
            self._take(who, key)

    def publish(self, **numbers):
        self.rules = RuleSet(self.rules.version + 1, **numbers)

    # How

    def _refuse(self, who, level):
        self._refuse_untracked()
        if level not in self.levels:
            raise RefusedError("unknown_level")
        if level in self.shut or not all(self.has_passed(who, needed) for needed in self.levels[level].needs):
            raise RefusedError("level_locked")

    def _refuse_untracked(self):
        if not self.tracking:
            raise RefusedError("tracking_disabled")

    def _refuse_score(self, claim):
        if claim.score > self.levels[claim.level].max_score:
            raise RefusedError("invalid")

    def _is_stale(self, sitting):
        return self.now - sitting.start > SITTING_MAX_AGE

    def _twin(self, who, claim):
        alike = [d for d in self.deeds_on(who, claim.level) if d.claim.content[:3] == claim.content[:3]]
        alike = [deed for deed in alike if claim.right in (None, deed.claim.right)]
        near = [deed for deed in alike if abs(self.now - deed.created_at) < TWIN_WINDOW]
        return min(near, key=lambda deed: deed.created_at, default=None)

    def _record(self, who, claim, occurred_at, reason, sitting=None):
        level = self.levels[claim.level]
        in_a_hurry = claim.time_spent is not None and claim.time_spent < level.min_seconds
        held = in_a_hurry or self._earns_too_fast(who, occurred_at)
        passed = level.passes(claim.score, claim.right)
        deed = Deed(who, claim, passed, held, occurred_at, self.now, reason, sitting)
        before = self.numbers(who)
        self.deeds.append(deed)
        if not held:
            self._pay(deed, before)
        return deed

    def _earns_too_fast(self, who, moment):
        """In the hour before it or in the hour after it."""
        if self.ceiling is None:
            return False
        lines = [(line.effective_at, line.delta) for line in self.lines_of(who)]
        before = sum(delta for at, delta in lines if timedelta(0) <= moment - at <= timedelta(hours=1))
        after = sum(delta for at, delta in lines if timedelta(0) <= at - moment <= timedelta(hours=1))
        return before >= self.ceiling or after >= self.ceiling

    def _pay(self, deed, before: Numbers):
        """First the completion, then the bonus of its day, then whatever all this unlocks."""
        calendar, deed.awarded = self.calendars[deed.who], self._worth(deed)
        if deed.awarded:
            self._write(deed.who, deed.awarded, deed.reason, deed.occurred_at, deed=deed)
        day = calendar.date(deed.occurred_at)
        action, is_first = calendar.visit(day, completed=True)
        if is_first and (bonus := streak_bonus(calendar.run_until(day), self.rules)):
            self._write(deed.who, bonus, "streak_bonus", deed.occurred_at, reference=day.isoformat())
        deed.unlocked = self._unlock(deed.who, before, deed.occurred_at)
        deed.streak = {
            "action": action,
            "current_streak": calendar.streak_at(self.now),
            "longest_streak": calendar.longest,
            "freezes_available": calendar.freezes,
        }

    def _worth(self, deed):
        claim, level = deed.claim, self.levels[deed.claim.level]
        amount = price(level, self.rules, claim.score, claim.time_spent, claim.hints) if deed.passed else 0
        before = self.paid_by(deed.who, claim.level)
        if level.repeat == "improvement":
            amount = max(0, amount - before)
        if level.repeat == "none" and before > 0:
            amount = 0
        if self.rules.cap is not None:
            amount = min(amount, max(0, self.rules.cap - self._paid_on_day(deed)))
        return amount

    def _paid_on_day(self, deed):
        day = deed.occurred_at.date()
        return sum(line.delta for line in self.lines_of(deed.who) if line.deed and line.effective_at.date() == day)

    def _move(self, who, delta, reason, effective_at, **about):
        """XP that staff give or take; more of it may unlock something, less of it never does."""
        before = self.numbers(who)
        line = self._write(who, delta, reason, effective_at, **about)
        if delta > 0:
            self._unlock(who, before, self.now)
        return line

    def _unlock(self, who, before: Numbers, earned_at: datetime) -> set[str]:
        never_had = [prize for prize in self.prizes.values() if prize.key not in self.had[who]]
        earned = newly_earned(never_had, before, self.numbers(who), self.level_of)
        for prize in earned:
            self.had[who][prize.key] = Had(earned_at)
            if prize.xp:
                self._write(who, prize.xp, "achievement", earned_at, reference=prize.key)
        return {prize.key for prize in earned}

    def _taken_back(self, line):
        return any(other.takes_back is line for other in self.lines)

    def _take(self, who, key):
        self.had[who][key] = replace(self.had[who][key], revoked=True)

    def _write(self, who, delta, reason, effective_at, **about):
        if self.total(who) + delta < 0:
            raise RefusedError("balance_below_zero")
        self.lines.append(Line(who, delta, reason, self.rules.version, effective_at, self.now, **about))
        return self.lines[-1]
