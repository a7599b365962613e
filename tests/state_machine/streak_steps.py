"""Steps for streaks, prizes and boards: active, missed, protected and late days, changes of the time zone."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .comparison import Comparison
from .records import Claim
from .world import LEARNERS, PRIZES, STAFF

ZONES = ["UTC", "Asia/Jakarta", "Pacific/Kiritimati", "Pacific/Niue", "America/Nuuk"]
# The first earns a freeze; the others have gaps that freezes can and cannot fill. See `live_some_days`.
WEEKS = ["pppppppp", "pp..pppp", "p.p.p.pp", "pp....pp", "cccccccp", "pf.pp", "pff.f.p", "p", "......p", "p....f32p"]

who = st.sampled_from(LEARNERS)
usually_staff = st.sampled_from([STAFF, STAFF, STAFF, *LEARNERS])


class StreakSteps(Comparison):
    @rule(name=who)
    def check_in(self, name):
        self.compare_check_in(name)

    @rule(name=who)
    def protect_today(self, name):
        self.compare_protection(name)

    @rule(name=who, week=st.sampled_from(WEEKS), hours=st.sampled_from([23, 24, 24, 25]))
    def live_some_days(self, name, week, hours):
        """p: play, c: check in, f: protect the day with a freeze, .: do nothing; 2: send a result of two days ago."""
        for day in week:
            if day.isdigit():
                self.play(name, occurred_at=self.oracle.now - timedelta(days=int(day)))
                continue
            self.oracle.now += timedelta(hours=hours)
            if day == "p":
                self.play(name)
            elif day == "c":
                self.compare_check_in(name)
            elif day == "f":
                self.compare_protection(name)

    @precondition(lambda self: self.oracle.completions)
    @rule(name=who, days_ago=st.integers(1, 6), then_today=st.booleans())
    def complete_on_an_earlier_day(self, name, days_ago, then_today):
        """Sent late, perhaps after a freeze was used for that day."""
        self.play(name, occurred_at=self.oracle.now - timedelta(days=days_ago))
        if then_today:
            self.play(name)

    @rule(name=who, days=st.permutations(range(5)))
    def send_five_offline_days(self, name, days):
        """The days of an offline period, sent in any order."""
        for days_ago in days:
            self.play(name, occurred_at=self.oracle.now - timedelta(days=days_ago))

    @rule(name=who, zone=st.sampled_from(ZONES))
    def change_time_zone(self, name, zone):
        calendar = self.oracle.calendars[name]
        self.compare_account_change(name, lambda: calendar.change_zone(zone, now=self.oracle.now), time_zone=zone)

    @rule(name=who, hides=st.booleans())
    def hide_or_show(self, name, hides):
        change = self.oracle.hidden.add if hides else self.oracle.hidden.discard
        self.compare_account_change(name, lambda: change(name), leaderboard_opt_out=hides)

    @rule(actor=usually_staff, name=who, standing=st.sampled_from(["ranked", "under_review", "excluded"]))
    def set_board_standing(self, actor, name, standing):
        self.compare_standing(actor, name, standing)

    @rule(name=who)
    def check_all_conditions(self, name):
        self.compare_check(name)

    @rule(actor=usually_staff, name=who, prize=st.sampled_from(PRIZES))
    def revoke(self, actor, name, prize):
        self.compare_revocation(actor, name, prize)

    def play(self, name, **about):
        unique_time = len(self.oracle.completions)
        self.compare_completion(name, Claim("arena", 85, unique_time, **about))
