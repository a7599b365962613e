"""Mail is sent in the background, one message at a time, so that the answer never depends on the mail server."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from .models import User

logger = logging.getLogger(__name__)

# Its thread is not a daemon: a process that stops sends what is queued first.
EXECUTOR = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def compose(name: str, *, to: User, subject: str, context: dict) -> EmailMultiAlternatives:
    """From templates/mail/, in the language of `to`. Without an address in `to` the message has no recipient."""
    with translation.override(to.language):
        text, html = (render_to_string(f"mail/{name}.{kind}", context) for kind in ("txt", "html"))
        message = EmailMultiAlternatives(str(subject), text, to=[to.email] if to.email else [])
    message.attach_alternative(html, "text/html")
    return message


def post(message: EmailMultiAlternatives) -> None:
    """A message without recipients is queued too, so that the time is the same; Django does not send it."""
    EXECUTOR.submit(_send, message)


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except Exception as error:
        # Only the type: messages of mail servers contain addresses.
        logger.error("A mail could not be sent: %s", type(error).__name__)
