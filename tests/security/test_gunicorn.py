"""What a real gunicorn with the shipped gunicorn.conf.py believes, refuses and logs."""

import re
import socket
from contextlib import closing
from http.client import HTTPConnection

import pytest

from benchmarks import migrated
from benchmarks.product import environment, serving

TOKEN = "1-d8k2x9-0123456789abcdef0123456789abcdef"
FORGED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Script-Name": "/sign-in",
    "SCRIPT_NAME": "/sign-in",
    "PATH_INFO": "/admin/login/",
    "REMOTE_ADDR": "198.51.100.7",
    "X_Forwarded_Proto": "https",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def variables(folder):
    migrated.copy_to_file(folder / "db.sqlite3")
    # With DEBUG, static files are served without `collectstatic`.
    return environment(f"sqlite:///{folder}/db.sqlite3") | {
        "DEBUG": "1",
        "RATELIMIT_ENABLE": "1",
        "RATE_LIMIT_AUTH": "3/m",
        "TRUSTED_PROXIES": "",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "SITE_URL": "https://quest.example",
        "FORWARDED_ALLOW_IPS": "*",  # gunicorn's own variable, which must not matter
    }


@pytest.fixture(scope="module")
def port(variables):
    """Of a server without a proxy in front."""
    with serving(variables, workers=1) as port:
        yield port


@pytest.fixture(scope="module")
def behind_proxy(variables):
    """The port of a server that trusts this machine as a proxy, and redirects to HTTPS."""
    proxied = {"TRUSTED_PROXIES": "127.0.0.0/8, fd00::/8", "SECURE_SSL_REDIRECT": "1"}
    with serving(variables | proxied, workers=1) as port:
        yield port


def ask(port, path, method="GET", body=None, **headers):
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer


def without_secrets(html):
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+|[0-9a-f]{32}', r"\1", html)


@pytest.mark.parametrize("header", FORGED)
def test_a_forged_header_changes_nothing(port, header):
    plain, forged = ask(port, "/sign-in"), ask(port, "/sign-in", **{header: FORGED[header]})
    assert (forged.status, without_secrets(forged.text)) == (200, without_secrets(plain.text))
    assert "Secure" not in forged.headers["Set-Cookie"]
    assert "evil" not in forged.text


def test_all_forged_headers_together_change_nothing(port):
    answer = ask(port, "/api/v1/levels", **FORGED)
    assert (answer.status, answer.headers["Location"]) == (401, None)


def register(port, number, **headers):
    answer = ask(port, "/api/v1/auth/register", "POST", "{}", **{"Content-Type": "application/json"} | headers)
    return answer.status


def test_forged_addresses_share_the_rate_limit_of_the_peer(port):
    assert {register(port, n, **{"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(3)} <= {400, 429}
    assert register(port, 4, **{"X-Forwarded-For": "198.51.100.4"}) == 429


def test_a_trusted_proxy_says_that_the_request_came_by_https(behind_proxy):
    assert ask(behind_proxy, "/sign-in").status == 301
    answer = ask(behind_proxy, "/sign-in", **{"X-Forwarded-Proto": "https"})
    assert (answer.status, "Secure" in answer.headers["Set-Cookie"]) == (200, True)


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME", "PATH_INFO", "X_Forwarded_Proto", "X-Script-Name", "X-Forwarded-Ssl"]
)
def test_even_a_trusted_proxy_sets_neither_path_nor_scheme_by_other_headers(behind_proxy, header):
    answer = ask(behind_proxy, "/sign-in", **{header: FORGED[header]})
    assert answer.headers["Location"] == f"https://127.0.0.1:{behind_proxy}/sign-in"


@pytest.mark.parametrize(
    "spelling", ["203.0.113.{}", "203.0.114.{}:51234", "[2001:db8:0:{}::1]:443", "2001:db8:1:{}::1"]
)
def test_each_client_behind_a_trusted_proxy_has_a_limit_of_its_own(behind_proxy, spelling):
    https = {"X-Forwarded-Proto": "https"}
    clients = [https | {"X-Forwarded-For": spelling.format(number)} for number in range(1, 6)]
    assert [register(behind_proxy, 0, **client) for client in clients] == [400] * 5
    assert [register(behind_proxy, 0, **clients[0]) for _ in range(3)][-1] == 429


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /{'x' * 5000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"414"),
        (f"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: {'x' * 9000}\r\n\r\n", b"431"),
        ("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "X-Many: x\r\n" * 70 + "\r\n", b"431"),
    ],
    ids=["a long address", "a long header", "many headers"],
)
def test_requests_beyond_the_limits_are_refused(port, head, status):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).split()[1] == status


def test_no_log_has_the_token_of_a_reset_link_or_claim_link(variables, folder):
    files = f"--access-logfile={folder}/access.log"
    paths = [f"/new-password/{TOKEN}", f"/new%2Dpassword/{TOKEN}?x=1", f"//new-password/{TOKEN}/nowhere"]
    paths += [f"/claim/{TOKEN}", f"/claim%2F{TOKEN}", f"/game%2Fclaim%2F{TOKEN}", f"/game%2fnew-password%2f{TOKEN}"]
    with serving(
        variables | {"GUNICORN_CMD_ARGS": files, "LOG_LEVEL": "DEBUG"}, workers=1, keep_log=folder / "output.log"
    ) as port:
        for path in paths:
            ask(port, path, Referer=f"http://127.0.0.1{path}")
            ask(port, path, "POST")  # Django warns about the method or the missing CSRF token, and logs the path
    access, output = (folder / "access.log").read_text(), (folder / "output.log").read_text()
    assert access.count("[token]") == 3 * len(paths)
    assert "[token]" in output
    assert TOKEN not in access + output
