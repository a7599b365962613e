"""The admin of what learners did: results and sessions, and the tools of staff that need the ledger and the levels."""

from . import completions, learners, rule_trials

__all__ = ["completions", "learners", "rule_trials"]
