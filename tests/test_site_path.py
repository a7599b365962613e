"""SITE_PATH serves the whole site below a path; tested over HTTP on a real server."""

import json
import re
from contextlib import closing
from functools import cache
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest

from benchmarks import migrated
from benchmarks.product import environment, serving, sign_up

SITE = "/skillquest"
LINK = re.compile(r'(?:href|src|action)="(/[^"]*)"')


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    # With DEBUG, static files are served without `collectstatic`.
    variables = environment(f"sqlite:///{folder}/site.sqlite3") | {"SITE_PATH": SITE, "DEBUG": "1"}
    migrated.copy_to_file(folder / "site.sqlite3", catalogue=True)
    with serving(variables, workers=1) as port:
        sign_up(port, "ana")  # without the path, as through a proxy that removes it
        yield port


def request(port, path, method="GET", body=None, **headers):
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read().decode(errors="replace")


def sign_in(port, query=""):
    """The answer to the submitted sign-in form."""
    page, html = request(port, f"{SITE}/sign-in{query}")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
    csrf = page.headers["Set-Cookie"].partition(";")[0]
    form = {"csrfmiddlewaretoken": token, "identifier": "ana", "password": "storm and stress, twice"}
    return request(
        port,
        f"{SITE}/sign-in{query}",
        "POST",
        urlencode(form),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=csrf,
    )[0]


def cookies_of(answer):
    return SimpleCookie("\r\n".join(answer.headers.get_all("Set-Cookie")))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-up", "/forgot-password", "/api/v1/docs", "/admin/login/"])
def test_all_links_of_a_page_begin_with_the_path(port, path):
    answer, html = request(port, SITE + path)
    assert answer.status == 200
    links = LINK.findall(html)
    assert links
    assert [link for link in links if not link.startswith(f"{SITE}/")] == []
    # The choice of a language is the address of a form.
    assert [link for link in links if status_of(port, link) not in {200, 302, 405}] == []


@cache  # most links are on every page
def status_of(port, link):
    return request(port, link)[0].status


@pytest.mark.parametrize("path", [SITE, f"{SITE}/", f"{SITE}/sign-in/", "/sign-in", f"{SITE}/static/skillquest/app.js"])
def test_the_proxy_may_keep_or_remove_the_path(port, path):
    assert request(port, path)[0].status == 200


@pytest.mark.parametrize("path", ["/skillquestionable", f"{SITE}{SITE}/sign-in", f"{SITE}/nowhere"])
def test_other_paths_are_not_found(port, path):
    assert request(port, path)[0].status == 404


def test_the_redirect_and_cookies_of_a_sign_in_have_the_path(port):
    answer = sign_in(port)
    assert (answer.status, answer.headers["Location"]) == (302, f"{SITE}/dashboard")
    assert {cookie["path"] for cookie in cookies_of(answer).values()} == {SITE}


def test_a_page_for_learners_redirects_to_the_sign_in_and_back(port):
    answer, _ = request(port, f"{SITE}/history")
    assert answer.headers["Location"] == f"{SITE}/sign-in?next={SITE}/history"
    assert sign_in(port, f"?next={SITE}/history").headers["Location"] == f"{SITE}/history"


def test_all_links_of_pages_for_learners_begin_with_the_path(port):
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies_of(sign_in(port)).items())
    for path in ("/dashboard", "/levels", "/levels/level-1", "/levels/level-1/play", "/profile", "/leaderboards"):
        answer, html = request(port, SITE + path, Cookie=cookies)
        assert (path, answer.status) == (path, 200)
        assert [link for link in LINK.findall(html) if not link.startswith(f"{SITE}/")] == []


def test_links_of_the_api_and_its_schema_contain_the_path(port):
    body = json.dumps({"username": "ana", "password": "storm and stress, twice"})
    token = json.loads(request(port, f"{SITE}/api/v1/auth/login", "POST", body, Content_Type="application/json")[1])
    _, page = request(port, f"{SITE}/api/v1/levels?limit=1", Authorization=f"Bearer {token['access_token']}")
    following = urlsplit(json.loads(page)["next"])
    assert following.path == f"{SITE}/api/v1/levels"
    next_page, _ = request(port, f"{following.path}?{following.query}", Authorization=f"Bearer {token['access_token']}")
    assert next_page.status == 200
    schema = json.loads(request(port, f"{SITE}/api/v1/schema?format=json")[1])
    assert schema["servers"] == [{"url": SITE}]
