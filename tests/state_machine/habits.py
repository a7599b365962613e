"""Steps that make streaks and earn prizes: days that are kept, missed, protected and told of late; moving; boards."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .agreement import Walk
from .deeds import Claim
from .world import LEARNERS, PRIZES, STAFF

ZONES = ["UTC", "Asia/Jakarta", "Pacific/Kiritimati", "Pacific/Niue", "America/Nuuk"]
# Eight days of the first earn a freeze; the others have gaps that freezes can and cannot fill.
WEEKS = ["pppppppp", "pp..pppp", "p.p.p.pp", "pp....pp", "cccccccp", "pf.pp", "pff.f.p", "p", "......p", "p....f32p"]

who = st.sampled_from(LEARNERS)
usually_staff = st.sampled_from([STAFF, STAFF, STAFF, *LEARNERS])


class Habits(Walk):
    @rule(name=who)
    def check_in(self, name):
        self.tell_check_in(name)

    @rule(name=who)
    def protect_today(self, name):
        self.tell_protection(name)

    @rule(name=who, week=st.sampled_from(WEEKS), hours=st.sampled_from([23, 24, 24, 25]))
    def live_some_days(self, name, week, hours):
        """p: play, c: check in, f: protect the day with a freeze, .: do nothing; 2: tell of two days ago."""
        for day in week:
            if day.isdigit():
                self.play(name, occurred_at=self.oracle.now - timedelta(days=int(day)))
                continue
            self.oracle.now += timedelta(hours=hours)
            if day == "p":
                self.play(name)
            elif day == "c":
                self.tell_check_in(name)
            elif day == "f":
                self.tell_protection(name)

    @precondition(lambda self: self.oracle.deeds)
    @rule(name=who, days_ago=st.integers(1, 6), then_today=st.booleans())
    def tell_of_an_earlier_day(self, name, days_ago, then_today):
        """Late, perhaps after a freeze was used for it."""
        self.play(name, occurred_at=self.oracle.now - timedelta(days=days_ago))
        if then_today:
            self.play(name)

    @rule(name=who, days=st.permutations(range(5)))
    def come_home_from_a_journey(self, name, days):
        """Five days offline are told in any order."""
        for days_ago in days:
            self.play(name, occurred_at=self.oracle.now - timedelta(days=days_ago))

    @rule(name=who, zone=st.sampled_from(ZONES))
    def move(self, name, zone):
        calendar = self.oracle.calendars[name]
        self.tell_choice(name, lambda: calendar.move_to(zone, now=self.oracle.now), time_zone=zone)

    @rule(name=who, hides=st.booleans())
    def hide_or_show(self, name, hides):
        change = self.oracle.hidden.add if hides else self.oracle.hidden.discard
        self.tell_choice(name, lambda: change(name), leaderboard_opt_out=hides)

    @rule(name=who)
    def look_at_all_conditions(self, name):
        self.tell_check(name)

    @rule(actor=usually_staff, name=who, prize=st.sampled_from(PRIZES))
    def revoke(self, actor, name, prize):
        self.tell_revocation(actor, name, prize)

    def play(self, name, **about):
        unlike_any_other = len(self.oracle.deeds)
        self.tell_completion(name, Claim("arena", 85, unlike_any_other, **about))
