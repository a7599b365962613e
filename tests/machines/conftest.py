import logging

import pytest


@pytest.fixture(autouse=True)
def _security_log(caplog):
    """Captured, whatever an earlier test has done to the levels."""
    caplog.set_level(logging.INFO, logger="skillquest.security")
