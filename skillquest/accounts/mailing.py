"""Mail goes out behind the answer, one at a time: how long a mail server takes, or that it is away, nobody can see."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from .models import User

logger = logging.getLogger(__name__)

# Not a daemon: a process that is asked to stop sends first what was promised.
POST_OFFICE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def compose(name: str, *, to: User, subject: str, context: dict) -> EmailMultiAlternatives:
    """Out of templates/mail/, in the person's language; without an address in `to` it is for nobody."""
    with translation.override(to.language):
        text, html = (render_to_string(f"mail/{name}.{kind}", context) for kind in ("txt", "html"))
        message = EmailMultiAlternatives(str(subject), text, to=[to.email] if to.email else [])
    message.attach_alternative(html, "text/html")
    return message


def post(message: EmailMultiAlternatives) -> None:
    """A message to nobody goes the same way, up to the mail server's door."""
    POST_OFFICE.submit(_send, message)


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except Exception as error:
        # Only its kind: mail servers repeat addresses in what they say.
        logger.error("A mail could not be sent: %s", type(error).__name__)
