from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from skillquest.accounts.models import User
from tests.api.helpers import problem_of

pytestmark = [pytest.mark.urls("tests.api.urls"), pytest.mark.django_db]


@pytest.fixture
def names():
    """The usernames of 25 people; five people share each display name."""
    users = [User(username=f"u{n:02}", email=f"u{n}@x.test", display_name=f"f{n % 5}") for n in range(25)]
    return [user.username for user in User.objects.bulk_create(users)]


def page(client, url="/api/v1/users"):
    body = client.get(url).json()
    return [user["username"] for user in body["results"]], body["next"], body["previous"]


def walk(client, url, link=1):
    """All pages beginning with `url`, following `next` (link=1) or `previous` (link=2)."""
    pages = []
    while url:
        pages.append(page(client, url)[0])
        url = page(client, url)[link]
    return pages


def rows_of(pages):
    return [row for page in pages for row in page]


def test_a_page_has_20_rows_and_links(client, names):
    body = client.get("/api/v1/users?_x=1").json()

    assert list(body) == ["success", "next", "previous", "results"]
    assert [user["username"] for user in body["results"]] == names[:20]
    assert body["previous"] is None
    following = urlsplit(body["next"])
    assert f"{following.scheme}://{following.netloc}{following.path}" == "http://testserver/api/v1/users"
    assert list(parse_qs(following.query)) == ["_x", "cursor"]


def test_pages_contain_every_row_once_in_both_directions(client, names):
    pages = walk(client, "/api/v1/users?limit=10")
    assert pages == [names[:10], names[10:20], names[20:]]

    last = page(client, page(client, page(client, "/api/v1/users?limit=10")[1])[1])
    assert walk(client, last[2], link=2) == [names[10:20], names[:10]]


@pytest.mark.parametrize(
    "ordering", ["display_name", "-display_name", "display_name,-username", "-display_name,username", "-id"]
)
@pytest.mark.parametrize("limit", [1, 3, 24, 25])
def test_rows_with_equal_values_are_neither_lost_nor_repeated(client, names, ordering, limit):
    everybody = list(User.objects.order_by(*ordering.split(","), "pk").values_list("username", flat=True))

    pages = walk(client, f"/api/v1/users?ordering={ordering}&limit={limit}")

    assert rows_of(pages) == everybody


def test_new_and_deleted_rows_do_not_shift_the_next_page(client, names):
    _, following, _ = page(client, "/api/v1/users?limit=10")
    User.objects.filter(username__in=names[:5]).delete()
    User.objects.create(username="a-new-first", email="a@x.test")

    assert page(client, following)[0] == names[10:20]


def test_times_in_cursors_keep_their_microseconds(client, names):
    for number, user in enumerate(User.objects.order_by("pk")):
        User.objects.filter(pk=user.pk).update(date_joined=f"2026-11-20T03:00:00.00000{number % 3}Z")
    everybody = list(User.objects.order_by("-date_joined", "pk").values_list("username", flat=True))

    assert rows_of(walk(client, "/api/v1/users?ordering=-date_joined&limit=4")) == everybody


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("007", 7), ("100", 100), ("101", 100), ("999999999", 100)])
def test_limit_is_at_most_100(client, limit, count):
    User.objects.bulk_create(User(username=f"u{n:03}", email=f"u{n}@x.test") for n in range(101))
    assert len(page(client, f"/api/v1/users?limit={limit}")[0]) == count


@pytest.mark.parametrize("limit", ["0", "-1", "", "ten", "1.5", "%2B5", "1_0", "%205", "٣", "9" * 5000, "1e3"])
def test_a_limit_that_is_not_a_whole_number_is_refused(client, limit):
    answer = client.get(f"/api/v1/users?limit={limit}")

    assert problem_of(answer, 400, "invalid") == (
        "limit: A whole number from 1 to 100.",
        {"limit": ["A whole number from 1 to 100."]},
    )


@pytest.mark.parametrize("cursor", ["", "x", "é", "cD0x", "W10:x:y", "a:b:c", "😀", "x" * 10_000])
def test_an_invalid_cursor_is_refused(client, cursor):
    answer = client.get("/api/v1/users", {"cursor": cursor})

    assert problem_of(answer, 400, "invalid") == (
        "cursor: Not a cursor of this list.",
        {"cursor": ["Not a cursor of this list."]},
    )


def test_a_cursor_of_another_ordering_is_refused(client, names):
    _, following, _ = page(client, "/api/v1/users")
    problem_of(client.get(f"{following}&ordering=-id"), 400, "invalid")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_page_needs_one_query(client, count):
    User.objects.bulk_create(User(username=f"u{n}", email=f"u{n}@x.test") for n in range(count))

    with CaptureQueriesContext(connection) as queries:
        assert len(page(client)[0]) == count
    assert len(queries) == 1
