"""What staff do to many results or entries at once, by jobs: one job at a time; see `oracle`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from .oracle_staff import StaffOracle
from .records import OracleCompletion, OracleEntry, RefusedError

PAID_BESIDE = {"streak_bonus", "achievement"}


@dataclass(frozen=True)
class Choice:
    """Which entries of a learner are meant: those written since and until, of one level, source or trust if given."""

    until: datetime
    since: datetime | None = None
    level: str = ""
    source: str = ""
    trust: str = ""
    adjustments: bool = False

    def is_within(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and moment <= self.until

    @property
    def names_results(self) -> bool:
        return bool(self.level or self.source)

    def means_result(self, entry: OracleEntry) -> bool:
        if self.trust not in ("", entry.trust):
            return False
        completion = entry.completion
        if completion is None:
            return not self.names_results
        return self.level in ("", completion.claim.level) and self.source in ("", completion.source)


@dataclass
class OracleJob:
    run: Callable[[], None]
    who: str = ""  # whose entries it reverses


class BulkOracle(StaffOracle):
    job: OracleJob | None = None

    def decide(self, actor, people: list[str], *, release: bool) -> list[OracleCompletion]:
        """Release or refuse what is held, of these people, in the order in which it happened; nobody their own."""
        held = [one for one in self.completions if one.held and one.who in people and one.who != actor]
        chosen = [one for one in held if release or not one.refused]
        if not chosen:
            raise RefusedError("invalid")
        # Sorting keeps the order of what happened at the same moment.
        chosen.sort(key=lambda one: (people.index(one.who), one.occurred_at))
        self.job = OracleJob(partial(self._decide, chosen, release=release))
        return chosen

    def reverse_since(self, actor, who, choice: Choice) -> None:
        if actor == who:
            raise RefusedError("own_xp")
        meant = self.meant(who, choice)
        unlocks = self._unpaid_unlocks(who, choice, meant)
        lines = self.within_balance(who, meant)
        if not (lines or unlocks) or (self.job and self.job.who == who):
            raise RefusedError("not_reversible")
        self.job = OracleJob(partial(self._reverse_all, who, lines, unlocks), who)

    def run_job(self) -> None:
        job, self.job = self.job, None
        if job:
            job.run()

    def meant(self, who, choice: Choice) -> list[OracleEntry]:
        """In the order in which they are reversed: what gives XP back first, then the newest."""
        meant: list[OracleEntry] = []
        result = None  # the last one that could be reversed
        for entry in self.entries_of(who):
            if entry.reversal_of or self._is_reversed(entry) or not choice.is_within(entry.created_at):
                continue
            if entry.reason == "manual_adjustment":
                is_meant = choice.adjustments and not choice.names_results
            elif entry.reason in PAID_BESIDE and choice.names_results:
                is_meant = result in meant and moment_of(result) == moment_of(entry)
            else:
                is_meant = choice.means_result(entry)
                result = result if entry.reason in PAID_BESIDE else entry
            meant += [entry] if is_meant else []
        meant.reverse()
        return sorted(meant, key=lambda entry: entry.delta > 0)

    def within_balance(self, who, entries: Iterable[OracleEntry]) -> list[OracleEntry]:
        total, lines = self.total(who), []
        for entry in entries:
            if entry.delta <= total:
                lines.append(entry)
                total -= entry.delta
        return lines

    def _unpaid_unlocks(self, who, choice: Choice, meant: list[OracleEntry]) -> list[str]:
        """Achievements that pay nothing, unlocked by a result that is meant."""
        causes = {moment_of(entry) for entry in meant if entry.reason not in {*PAID_BESIDE, "manual_adjustment"}}
        free = [key for key in self.unlocked(who) if not self.prizes[key].xp]
        had = self.had[who]
        return [key for key in free if moment_of(had[key]) in causes and choice.is_within(had[key].created_at)]

    def _reverse_all(self, who, lines: list[OracleEntry], unlocks: list[str]) -> None:
        """Whatever was reversed meanwhile, or no longer is within the balance, is left out. It unlocks nothing."""
        for entry in lines:
            if not self._is_reversed(entry) and entry.delta <= self.total(who):
                self._write_reversal(entry)
        for key in unlocks:
            self._mark_revoked(who, key)

    def _decide(self, chosen: list[OracleCompletion], *, release: bool) -> None:
        for completion in chosen:
            if release:
                self.release(completion)
            else:
                self.refuse(completion)


def moment_of(row) -> tuple[datetime, datetime]:
    """When an entry was written, and as of when; or an achievement unlocked."""
    return row.created_at, row.effective_at if isinstance(row, OracleEntry) else row.earned_at
