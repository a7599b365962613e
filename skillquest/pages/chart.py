"""XP by day, drawn on the server: an SVG without inline style, and the numbers behind it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils.formats import date_format

from gamification.models import LearnerProfile, LedgerEntry

from . import sentences

DAYS = 30
WIDTH, HEIGHT = 600, 160  # of the drawing; the page stretches it
SLOT = WIDTH // DAYS
BAR = 13


@dataclass(frozen=True)
class Bar:
    date: date
    xp: int
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    """`top` and `bottom` are the XP at the ends of the axis, in round numbers; `zero` is where 0 lies."""

    bars: list[Bar]
    top: int
    bottom: int
    zero: float

    width, height, bar = WIDTH, HEIGHT, BAR

    @property
    def middle(self) -> int:
        return self.top // 2

    @property
    def middle_y(self) -> float:
        return self.zero / 2

    @property
    def earned_on(self) -> list[Bar]:
        return [bar for bar in self.bars if bar.xp]

    @property
    def total(self) -> int:
        return sum(bar.xp for bar in self.bars)

    @property
    def summary(self) -> str:
        best = max(self.bars, key=lambda bar: bar.xp)
        return sentences.chart_text(self.total, len(self.earned_on), date_format(best.date, "j F"), best.xp)

    @property
    def ticks(self) -> list[date]:
        """Dates for the axis: the first, the middle, the last."""
        return [self.bars[0].date, self.bars[DAYS // 2].date, self.bars[-1].date]


def xp_chart(profile: LearnerProfile, today: date) -> Chart:
    """The last 30 dates of the learner's zone; what was taken back is off the day that had earned it. One statement."""
    xp = _xp_by_day(profile, today)
    days = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    values = [xp.get(day, 0) for day in days]
    top, bottom = round_up(max(values)), -round_up(-min(values)) if min(values) < 0 else 0
    scale = HEIGHT / (top - bottom)
    zero = round(top * scale, 1)
    bars = [_bar(number, day, value, zero, scale) for number, (day, value) in enumerate(zip(days, values, strict=True))]
    return Chart(bars, top, bottom, zero)


def round_up(value: int) -> int:
    """To the next of 10, 20, 40, 60, 80, 100, 200, …: halves of them are round too."""
    step = 10
    while True:
        for factor in (1, 2, 4, 6, 8):
            if value <= step * factor:
                return step * factor
        step *= 10


def _bar(number: int, day: date, value: int, zero: float, scale: float) -> Bar:
    height = round(abs(value) * scale, 1)
    return Bar(day, value, x=number * SLOT + (SLOT - BAR) / 2, y=zero - height if value > 0 else zero, height=height)


def _xp_by_day(profile: LearnerProfile, today: date) -> dict[date, int]:
    began = datetime.combine(today - timedelta(days=DAYS - 1), time.min, profile.zone)
    lines = LedgerEntry.objects.filter(learner_id=profile.pk, effective_at__gte=began).order_by()
    lines = lines.exclude(reason=LedgerEntry.Reason.CARRIED_FORWARD)
    return dict(lines.values_list(TruncDate("effective_at", tzinfo=profile.zone)).annotate(Sum("delta")))
