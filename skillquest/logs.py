"""What is logged and what is not. gunicorn.conf.py imports this module, so it needs nothing of Django."""

import logging
import re
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# The addresses in password reset mails and of claim links; gunicorn logs paths as they were sent, possibly
# percent-encoded.
RESET_LINK = re.compile(r"((?:new(?:-|%2d)password|(?:\b|(?<=%2f))claim)(?:/|%2f))[^\s/?#\"'&]+", re.IGNORECASE)


def without_reset_tokens(text: str) -> str:
    return RESET_LINK.sub(r"\1[token]", text)


class ResetTokenFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = without_reset_tokens(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        return True


def logging_configuration(level: str) -> dict[str, Any]:
    """The setting LOGGING: one line for each record, with the id of its request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "skillquest.api.middleware.RequestIdFilter"},
            "reset_tokens": {"()": "skillquest.logs.ResetTokenFilter"},
        },
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id", "reset_tokens"],
            }
        },
        # Without the handlers that Django gives them, so that no line is written without the filters.
        "loggers": {"django": {"propagate": True}, "django.server": {"propagate": True}},
        "root": {"handlers": ["console"], "level": level},
    }
