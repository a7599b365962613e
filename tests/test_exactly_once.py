"""The small size of benchmarks/exactly_once.py: real gunicorn, real HTTP, 32 clients."""

import json
import subprocess
import sys

import pytest


@pytest.mark.storage
def test_results_sent_by_many_clients_at_once_are_paid_once():
    run = subprocess.run([sys.executable, "-m", "benchmarks.exactly_once", "--small"], capture_output=True, text=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0, run.stdout + run.stderr
    assert {(line["name"], line["pass"]) for line in lines} == {
        ("P1 one event from many clients", True),
        ("P2 one learner, many clients", True),
    }
