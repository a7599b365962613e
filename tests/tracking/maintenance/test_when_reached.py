from gamification.conditions.metrics import METRICS
from gamification.earnables import when_reached as by_unlocks
from gamification.ledger import when_reached as by_ledger
from gamification.streaks import when_reached as by_streaks
from tracking.maintenance.when_reached import COUNTED


def test_every_metric_is_dated_by_exactly_one_module():
    dated = [*by_ledger.SOURCES, *by_streaks.SOURCES, *by_unlocks.SOURCES, *COUNTED]
    assert sorted(dated) == sorted(METRICS)
