"""A result that the tests of this folder send, and its answer."""

from django.utils.dateparse import parse_datetime

FAST_AND_CLEVER = {"score": 850, "time_spent": 120, "metadata": {"hints_used": 0}}


def without_time(answer):
    body = answer.json()
    assert parse_datetime(body.pop("server_time"))
    return body
