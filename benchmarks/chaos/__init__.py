"""Tests that need minutes of load, real processes and kill -9: `make chaos`."""
