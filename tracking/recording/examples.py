"""Examples and refusals that the API documentation of several packages shares."""

from levels.errors import LevelLocked, UnknownLevel
from levels.models import Level
from tracking.errors import TrackingDisabled

BEGAN, ENDED = "2026-03-01T11:58:00Z", "2026-03-01T12:00:00Z"
EVENT = {
    "level_id": "level-3",
    "level_type": "simulation",
    "score": 850,
    "time_spent": 120,
    "difficulty": "normal",
    "metadata": {"hints_used": 0, "client_version": "2.1.0"},
    "client_event_id": "0190f3c2-6f5e-7c3a-9b1d-4d7a2e5f8c10",
}
LAST_30_DAYS = "Put moments of the last 30 days in place of these."
# What a level that is locked for the learner answers.
LOCKED = LevelLocked(
    Level(name="Password Vault", unlocked=True), [Level(level_id="level-2", name="Phishing Pond", unlocked=True)]
)
NOT_RECORDED = [UnknownLevel, LOCKED, TrackingDisabled]
