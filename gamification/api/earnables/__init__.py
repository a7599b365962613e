"""Achievements and badges over HTTP: gamification/achievements and badges."""
