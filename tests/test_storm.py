"""The small storm of benchmarks/storm.py: real gunicorn, real HTTP, 32 clients."""

import json
import subprocess
import sys

import pytest


@pytest.mark.storage
def test_deeds_told_by_many_clients_at_once_are_paid_once():
    storm = subprocess.run([sys.executable, "-m", "benchmarks.storm", "--small"], capture_output=True, text=True)
    lines = [json.loads(line) for line in storm.stdout.splitlines()]
    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert {(line["name"], line["pass"]) for line in lines} == {("P1 same-event storm", True), ("P2 hot learner", True)}
