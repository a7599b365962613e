"""The thread of a web process that runs jobs."""

import os

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse

from jobs.background import JobThread
from jobs.middleware import JobThreadMiddleware

from .conftest import counted, state_of


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.django_db(transaction=True)
def test_the_thread_runs_what_waits_and_may_die_at_any_moment(start, interrupt):
    first, second = start(total=2), start(total=2)
    interrupt(2, SystemExit())  # in a portion of `first`, the third in turn
    thread = JobThread()
    thread.start()
    thread.thread.join(10)
    assert not thread.thread.is_alive()
    assert (state_of(first)[:2], counted(first)) == (("running", 1), [1])
    assert (state_of(second)[:2], counted(second)) == (("running", 1), [1])


def test_it_is_started_once_and_does_not_keep_the_process_alive(db, monkeypatch):
    thread = JobThread()
    monkeypatch.setattr(thread, "_run", thread.is_wanted.wait)
    thread.start()
    started = thread.thread
    thread.start()
    assert thread.thread is started
    assert started.daemon
    thread.is_wanted.set()
    started.join(10)


def test_a_forked_process_starts_its_own(monkeypatch):
    thread = JobThread()
    monkeypatch.setattr(thread, "_run", thread.is_wanted.wait)
    thread.start()
    child = os.fork()
    if child == 0:
        inherited = thread.thread
        thread.start()
        os._exit(0 if thread.thread is not inherited and thread.thread.is_alive() else 1)
    assert os.waitpid(child, 0)[1] == 0
    thread.is_wanted.set()


def test_without_the_setting_there_is_no_thread(settings):
    settings.JOBS_IN_PROCESS = False
    with pytest.raises(MiddlewareNotUsed):
        JobThreadMiddleware(lambda _request: HttpResponse())


def test_the_first_request_starts_it(settings, monkeypatch, rf):
    settings.JOBS_IN_PROCESS = True
    started = []
    monkeypatch.setattr("jobs.middleware.job_thread.start", lambda: started.append(True))
    middleware = JobThreadMiddleware(lambda _request: HttpResponse("answer"))
    assert (middleware(rf.get("/")).content, started) == (b"answer", [True])
