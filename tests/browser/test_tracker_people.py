"""clients/js in several tabs, and for several people on one device."""

from .fake_server import until
from .tracker_tab import ANA, BEN, OTHERS_ARE_REFUSED, complete, go_offline, kept


def test_requests_contain_the_id_of_the_person(server, open_tab):
    complete(open_tab())
    assert server.bodies("levels/complete")[0]["user_id"] == ANA


def test_without_a_person_nothing_is_kept(server, open_tab):
    go_offline(server)
    tab = open_tab(None)
    assert complete(tab)["code"] == "network_error"
    assert tab.evaluate("indexedDB.databases()") == []


def test_two_tabs_that_reconnect_together_send_each_event_once(server, open_tab):
    go_offline(server)
    one, other = open_tab(), open_tab()
    for tab in (one, other, one):
        complete(tab)
    server.answers = {}
    server.requests.clear()
    for tab in (one, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    for tab in (one, other):
        until(tab, "verdicts.length === 3")
    assert len(server.events()) == len({event["client_event_id"] for event in server.events()}) == 3


def test_without_locks_one_tab_still_sends_each_event_once(server, context, open_tab):
    """Pages without HTTPS have none."""
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    go_offline(server)
    tab = open_tab()
    complete(tab)
    server.answers = {}
    server.requests.clear()
    assert tab.evaluate("Promise.all([tracker.flush(), tracker.flush(), tracker.flush()])") == [0, 0, 0]
    assert len(server.events()) == 1


def test_kept_results_of_another_person_are_not_sent(server, open_tab):
    go_offline(server)
    ana = open_tab(ANA)
    complete(ana)
    server.answers = {}
    server.requests.clear()
    ben = open_tab(BEN)
    assert (ben.evaluate("tracker.flush()"), kept(ben)) == (0, 0)
    assert server.requests == []
    assert kept(ana) == 1


def test_a_result_is_kept_if_another_person_signed_in_meanwhile(server, open_tab):
    """The cookie is Ben's by now; the server sees Ana's id in the body and refuses."""
    server.answers["levels/complete"] = [OTHERS_ARE_REFUSED]
    tab = open_tab(ANA)
    assert complete(tab)["queued"] is True
    assert len(server.bodies("levels/complete")) == 1
    assert kept(tab) == 1
