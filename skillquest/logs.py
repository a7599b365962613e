"""What must not appear in a log. gunicorn.conf.py imports this module, so it needs nothing of Django."""

import logging
import re

# The address in a password reset mail; gunicorn logs paths as they were sent, possibly percent-encoded.
RESET_LINK = re.compile(r"(new(?:-|%2d)password(?:/|%2f))[^\s/?#\"'&]+", re.IGNORECASE)


def without_reset_tokens(text: str) -> str:
    return RESET_LINK.sub(r"\1[token]", text)


class ResetTokenFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = without_reset_tokens(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        return True
