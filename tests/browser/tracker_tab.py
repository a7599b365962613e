"""What the tests of the tracker do in a tab of a browser, and the people who are signed in there."""

from skillquest.api.parsing import SOMEBODY_ELSE

from .fake_server import COMPLETE, LOST, refuse, until

ANA, BEN = 41, 42
MAZE = {"levelId": "level-1", "score": 800, "timeSpent": 60}
OTHERS_ARE_REFUSED = refuse("invalid", errors={"user_id": [str(SOMEBODY_ELSE)]})


def complete(tab, **changes):
    return tab.evaluate(COMPLETE, MAZE | changes)


def go_offline(server):
    server.answers |= {"levels/complete": [LOST], "sessions/start": [LOST], "sessions/end": [LOST], "sync": [LOST]}


def reconnect(tab, server):
    server.answers = {}
    server.requests.clear()
    tab.evaluate("dispatchEvent(new Event('online'))")
    until(tab, "tracker.waiting().then((left) => left === 0)")


def kept(tab):
    return tab.evaluate("tracker.waiting()")
