"""Settings of gunicorn, which reads this file from the folder that it is started in."""

import os

from gunicorn.glogging import Logger

from skillquest.logs import ResetTokenFilter

worker_class = "skillquest.slow_clients.Worker"

LARGEST_BODY = 2 * 1024 * 1024  # bytes; EVENTS_BODY_LIMIT of skillquest/settings.py

# Log files, and with `umask` the sockets that gunicorn creates, are for the user of the server only.
umask = 0o077
os.umask(umask)

# gunicorn believes no forwarded header from anybody: only skillquest/api/addresses.py does, from TRUSTED_PROXIES.
forwarded_allow_ips = ""
secure_scheme_headers = {}
forwarder_headers = ""
header_map = "drop"  # a header with an underscore, such as SCRIPT_NAME, never reaches the application

limit_request_line = 4094  # bytes
limit_request_fields = 64
limit_request_field_size = 8190  # bytes


class RedactingLogger(Logger):
    """Access and error logs without the tokens of password reset links."""

    def setup(self, cfg) -> None:
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            log.addFilter(ResetTokenFilter())


logger_class = RedactingLogger


def pre_request(_worker, request) -> None:
    """Answer `Connection: close` where the body may not be read to its end."""
    headers = dict(request.headers)
    length = headers.get("CONTENT-LENGTH", "0")
    if "TRANSFER-ENCODING" in headers or int(length) > LARGEST_BODY:
        request.force_close()
