"""In which language pages and the API answer."""

import pytest
from django.test import Client

from skillquest.accounts.models import User
from tests.factories import UserFactory

from .html import elements_of, text_of
from .test_every_page import FOR_LEARNERS

pytestmark = pytest.mark.django_db

INDONESIAN = {"HTTP_ACCEPT_LANGUAGE": "id-ID,id;q=0.9,en;q=0.8"}
UNKNOWN = "/api/v1/nowhere"


def language_of(response):
    """What the page and its header say, which must be the same."""
    [lang] = {elements_of(response)[0][1]["lang"], response["Content-Language"]}
    return lang


def varies_by(response):
    return {name.strip() for name in response["Vary"].lower().split(",")}


@pytest.fixture
def learner(db):
    return UserFactory(language="id")


def test_a_visitor_reads_what_the_browser_asks_for():
    assert language_of(Client().get("/")) == "en"
    assert language_of(Client(**INDONESIAN).get("/")) == "id"
    assert language_of(Client(HTTP_ACCEPT_LANGUAGE="fr, id;q=0.1").get("/sign-in")) == "id"
    assert language_of(Client(HTTP_ACCEPT_LANGUAGE="xx-%%%, *").get("/nowhere")) == "en"


def test_a_choice_of_a_visitor_is_kept(client):
    switch = client.post("/language", {"language": "id", "next": "/sign-in?next=/levels"})
    assert (switch.status_code, switch["Location"]) == (302, "/sign-in?next=/levels")
    page = client.get("/sign-in")
    assert language_of(page) == "id"
    assert varies_by(page) >= {"accept-language", "cookie"}


@pytest.mark.parametrize("sent", [{}, {"language": "xx"}, {"language": "../../etc"}, {"language": "i\0d"}])
def test_a_language_that_does_not_exist_changes_nothing(client, sent):
    assert client.post("/language", sent | {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert language_of(client.get("/sign-in")) == "en"


def test_the_switch_needs_its_form():
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/language", {"language": "id"}).status_code == 403
    assert browser.get("/language").status_code == 405


def test_every_page_of_a_visitor_has_the_switch_and_those_of_learners_have_not(client, learner_page):
    for path in ("/", "/sign-in", "/sign-up", "/forgot-password", "/nowhere"):
        assert "English Bahasa Indonesia" in text_of(client.get(path))
    for path in ("/dashboard", "/nowhere"):
        assert "English Bahasa Indonesia" not in text_of(learner_page.get(path))


def test_the_profile_decides_whatever_the_browser_asks_for_or_chose(visit, learner):
    browser = visit(learner)
    browser.post("/language", {"language": "en"})
    for path in ("/dashboard", "/nowhere", "/admin/login/"):
        assert language_of(browser.get(path, HTTP_ACCEPT_LANGUAGE="en")) == "id"
    browser.post("/sign-out")
    assert language_of(browser.get("/sign-in")) == "en"


def test_the_admin_is_in_the_language_of_the_profile(visit, staff):
    User.objects.filter(pk=staff.pk).update(language="id")
    assert language_of(visit(staff).get("/admin/")) == "id"


def test_a_new_account_has_the_language_of_the_page(client):
    client.post("/language", {"language": "id"})
    person = {"username": "wayan", "email": "wayan@example.org", "password": "five small green frogs"}
    assert language_of(client.post("/sign-up", person, follow=True)) == "id"
    assert User.objects.get().language == "id"


def test_the_api_asks_the_header_alone(client, visit, learner):
    browser = visit(learner)
    browser.post("/language", {"language": "id"})
    for each in (client, browser):
        assert each.get(UNKNOWN)["Content-Language"] == "en"
        answer = each.get(UNKNOWN, **INDONESIAN)
        assert answer["Content-Language"] == "id"
        assert "accept-language" in varies_by(answer)


@pytest.fixture
def built(visit, learner, django_assert_max_num_queries):
    """`built(path, language)` -> the parts of a page with their classes, and how many statements it took."""

    def built(path, language):
        User.objects.filter(pk=learner.pk).update(language=language)
        browser = visit(learner)
        with django_assert_max_num_queries(20) as taken:
            response = browser.get(path)
        assert language_of(response) == language
        return [(tag, attrs.get("class")) for tag, attrs in elements_of(response)], len(taken)

    return built


@pytest.mark.parametrize("path", FOR_LEARNERS)
def test_a_page_has_the_same_parts_and_statements_in_each_language(built, learner, maze, play, path):
    """So it differs in its words alone."""
    play(learner, maze, score=900)
    built(path, "en")  # what is counted once and remembered is counted here
    assert built(path, "id") == built(path, "en")


def test_the_language_of_one_request_is_not_that_of_the_next(client):
    client.get("/", **INDONESIAN)
    assert language_of(client.get("/nowhere\0")) == "en"


def test_the_choice_costs_no_statement(django_assert_max_num_queries, visit, learner):
    browser = visit(learner)
    with django_assert_max_num_queries(2):  # session and user
        browser.get("/nowhere")
    with django_assert_max_num_queries(0):
        Client(**INDONESIAN).get("/sign-in")
