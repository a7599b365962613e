"""What staff do: decide held results, give and take XP, revoke, publish rules and limits; see `oracle`."""

from dataclasses import replace

from .oracle_limits import LimitFacts
from .oracle_reviews import ReviewOracle
from .prices import RuleSet
from .records import OracleCompletion, OracleEntry, RefusedError


class StaffOracle(ReviewOracle):
    def release(self, completion: OracleCompletion):
        if completion.held:
            before = self.numbers(completion.who)
            completion.held_reason, completion.refused = "", False
            self._pay(completion, before)

    def refuse(self, completion: OracleCompletion):
        completion.refused = completion.held

    def adjust(self, actor, who, amount, reference) -> OracleEntry:
        if actor == who:
            raise RefusedError("own_xp")
        for known in self.entries_of(who):
            if reference and known.reason == "manual_adjustment" and known.reference == reference:
                if known.delta != amount:
                    raise RefusedError("reference_reused")
                return known
        return self._move(who, amount, "manual_adjustment", self.now, reference=reference)

    def set_standing(self, actor, who, standing):
        if actor == who:
            raise RefusedError("own_standing")
        change = self.off_boards.discard if standing == "ranked" else self.off_boards.add
        change(who)

    def reverse(self, actor, entry: OracleEntry) -> OracleEntry:
        if actor == entry.who:
            raise RefusedError("own_xp")
        if entry.reversal_of or self._is_reversed(entry):
            raise RefusedError("not_reversible")
        before = self.numbers(entry.who)
        back = self._write_reversal(entry)
        if back.delta > 0:
            self._unlock(entry.who, before, self.now, trust=back.trust)
        return back

    def revoke(self, actor, who, key):
        """Revoke an achievement or badge, and reverse the XP that it has paid."""
        paid = [entry for entry in self.entries_of(who) if (entry.reason, entry.reference) == ("achievement", key)]
        if paid and not self._is_reversed(paid[0]):
            self.reverse(actor, paid[0])
        elif key in self.had[who]:
            self._mark_revoked(who, key)

    def publish(self, **numbers):
        self.rules = RuleSet(self.rules.version + 1, **numbers)

    def publish_limits(self, limits: LimitFacts):
        """While they are off, publishing others changes nothing."""
        self.limits = limits if self.limits.are_on else self.limits

    # Helpers

    def _move(self, who, delta, reason, effective_at, **about):
        """XP that staff give or take; more of it may unlock something, less of it never does."""
        before = self.numbers(who)
        entry = self._write(who, delta, reason, effective_at, **about)
        if delta > 0:
            self._unlock(who, before, self.now, trust=entry.trust)
        return entry

    def _write_reversal(self, entry: OracleEntry) -> OracleEntry:
        about = {"completion": entry.completion, "trust": entry.trust, "reversal_of": entry}
        back = self._write(entry.who, -entry.delta, "reversal", entry.effective_at, **about)
        if entry.reason == "achievement":
            self._mark_revoked(entry.who, entry.reference)
        return back

    def _is_reversed(self, entry):
        return any(other.reversal_of is entry for other in self.entries)

    def _mark_revoked(self, who, key):
        self.had[who][key] = replace(self.had[who][key], revoked=True)
