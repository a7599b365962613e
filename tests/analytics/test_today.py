from analytics.today import today

from .expected import Expected
from .world import NOW


def test_the_last_days_as_far_as_they_were_rolled_up(history, django_assert_num_queries):
    with django_assert_num_queries(2):
        shown = today(NOW)
    expected = Expected(NOW.date(), 4)
    assert shown.days[-1] == NOW.date()
    assert shown.active == expected.daily()[-14:]
    assert sum(shown.xp) == sum(expected.xp_since(shown.days[0]))
