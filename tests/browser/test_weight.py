"""What a first visit loads: pages as they are, static files compressed as WhiteNoise serves them."""

import gzip

from .conftest import DESKTOP

KB = 1_000


def size_of(answer):
    body = answer.body()
    return len(gzip.compress(body) if "/static/" in answer.url else body)


def weigh(page, path):
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    sizes = {answer.url: size_of(answer) for answer in answers}
    return sum(sizes.values())


def test_the_first_visits_are_light(open_browser, player):
    def first_visit(path):
        cookies = player.context.storage_state()
        return weigh(open_browser(viewport=DESKTOP, storage_state=cookies), path)

    assert first_visit("/dashboard") <= 120 * KB
    assert first_visit("/levels/level-1/play") <= 150 * KB
