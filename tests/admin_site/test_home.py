"""The home page of the admin: what waits for the reader, and the last changes that they may view."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from analytics.models import ActivePeriod, XPDay
from gamification.models import LimitSet, XPRuleSet
from jobs.models import Job
from skillquest.admin_site.counting import counted, in_words
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db
HOME = "/admin/"
NOTHING = "Nothing waits for you."


def items(client):
    return {item.text: item.url for item in client.get(HOME).context["waiting"]}


def make_job(state, kind="grant"):
    now = timezone.now()
    return Job.objects.create(kind=kind, state=state, created_at=now, heartbeat=now)


def log(person, row, message="Changed.", flag=CHANGE):
    return LogEntry.objects.create(
        user=person,
        content_type=ContentType.objects.get_for_model(row),
        object_id=row.pk,
        object_repr=str(row),
        action_flag=flag,
        change_message=message,
    )


@pytest.fixture
def _much_waits():
    for state in ("failed", "waiting", "running", "running", "done"):
        make_job(state)
    XPRuleSet.objects.create(version=90)
    LimitSet.objects.create(version=91)
    LimitSet.objects.create(version=92)
    LevelFactory(published=False)


@pytest.mark.usefixtures("_much_waits")
def test_everything_that_waits_is_said_with_its_number_and_a_link(superuser):
    assert items(superuser) == {
        "1 job has failed.": "/admin/jobs/job/?state__exact=failed",
        "3 jobs are under way.": "/admin/jobs/job/?state__in=waiting,running",
        "1 draft of the XP rules is not published.": "/admin/gamification/xpruleset/?status__exact=draft",
        "2 drafts of the limits are not published.": "/admin/gamification/limitset/?status__exact=draft",
        "1 level is not published.": "/admin/levels/level/?published__exact=0",
    }
    for url in items(superuser).values():
        assert superuser.get(url).status_code == 200, url


@pytest.mark.usefixtures("_much_waits")
def test_people_are_told_what_they_have_the_right_to_act_on(as_staff):
    assert list(items(as_staff("Content editor"))) == ["1 level is not published."]
    assert list(items(as_staff("Analyst"))) == ["1 job has failed.", "3 jobs are under way."]
    assert items(as_staff()) == {}


def test_an_empty_home_says_so(as_staff):
    page = as_staff("Analyst").get(HOME).content.decode()
    assert NOTHING in page
    assert "Nothing was changed yet." in page


def test_counting_stops():
    for _ in range(3):
        make_job("failed")
    asked = {"jobs": Job.objects.all(), "drafts": LimitSet.objects.filter(status="draft")}
    numbers = counted(asked, most=2)
    assert (numbers, in_words(numbers["jobs"], most=2)) == ({"jobs": 2, "drafts": 0}, "2+")
    assert in_words(1_234, most=2_000) == "1,234"
    assert counted({}) == {}


def test_last_changes_say_who_did_what_and_lead_to_it(superuser):
    level, colleague = LevelFactory(name="Maze"), StaffFactory(username="ann")
    log(colleague, level, "First.")
    log(colleague, level, "Second.")
    log(colleague, level, flag=DELETION)
    changes = superuser.get(HOME).context["changes"]
    address = f"/admin/levels/level/{level.pk}/change/"
    assert [(change.who, change.what, change.row, change.url) for change in changes] == [
        ("ann", "Deleted.", "Maze", ""),
        ("ann", "Second.", "Maze", address),
        ("ann", "First.", "Maze", address),
    ]


def test_changes_of_rows_that_one_may_not_view_are_left_out(as_staff):
    level, achievement = LevelFactory(name="Maze"), AchievementFactory(name="Owl")
    client = as_staff(rights=["view_level"])
    for person, row in [(StaffFactory(), level), (StaffFactory(), achievement), (client.person, client.person)]:
        log(person, row)
    assert [change.row for change in client.get(HOME).context["changes"]] == [client.person.username, "Maze"]


def test_the_number_of_changes_is_limited(superuser):
    level = LevelFactory()
    for _ in range(12):
        log(superuser.person, level)
    assert len(superuser.get(HOME).context["changes"]) == 8


def test_the_figures_of_today_are_counted_and_those_of_the_last_days_are_drawn(superuser, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    now, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    LevelFactory(level_id="maze", metadata={"min_seconds": 60})
    for joined, kind in ((now, "member"), (now, "test"), (yesterday, "member")):
        UserFactory(date_joined=joined, profile__kind=kind)
    player = UserFactory()
    for seconds in (100, 1):  # the second is too fast
        complete_level(learner=player, claim=Claim("maze", 850, seconds), source="api", at=now)
    Completion.objects.filter(pk=complete_and_age(player, yesterday)).update(created_at=yesterday)
    ActivePeriod.objects.create(kind="day", start=now.date(), learners=1_234)
    XPDay.objects.create(date=now.date(), reason="review", trust="verified", xp=70, entries=2)
    figures = superuser.get(HOME).context["figures"]
    assert dict(figures.numbers) == {
        "Active learners": "1,234",
        "Results": "2",
        "XP awarded": "70",
        "Held results": "1",
        "New learners": "1",
    }
    assert [(chart.labels[-1], chart.series[0].values[-1], len(chart.labels)) for chart in figures.charts] == [
        ("11-20", 1_234, 14),
        ("11-20", 70, 14),
    ]


def complete_and_age(player, at):
    complete_level(learner=player, claim=Claim("maze", 900, 100), source="api", at=at)
    return Completion.objects.latest("pk").pk


def test_figures_are_shown_to_those_who_may_read_the_analytics(as_staff):
    assert as_staff(rights=["view_level"]).get(HOME).context["figures"] is None
    assert as_staff(rights=["view_analytics"]).get(HOME).context["figures"].numbers[0] == ("Active learners", "0")


@pytest.mark.usefixtures("_much_waits")
def test_the_home_page_takes_few_statements(as_staff, superuser, django_assert_max_num_queries):
    for _ in range(8):
        log(superuser.person, LevelFactory())
    for client in (superuser, as_staff("XP steward", "Content editor", "Analyst", "Integrator")):
        with django_assert_max_num_queries(12):
            client.get(HOME)


def test_the_home_page_offers_what_its_reader_may_add(as_staff):
    def addable(client):
        return [link.add_url for link in client.get(HOME).context["addable"]]

    rows = [("levels", name) for name in ("level", "question", "section", "unit")]
    rows += [("gamification", "achievement"), ("gamification", "badge")]
    assert addable(as_staff("Content editor")) == [f"/admin/{app}/{model}/add/" for app, model in rows]
    assert addable(as_staff("Analyst")) == []
