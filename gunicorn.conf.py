"""Settings of gunicorn, which reads this file from the folder that it is started in."""

LARGEST_BODY = 1024 * 1024  # bytes; SYNC_BODY_LIMIT of skillquest/settings.py


def pre_request(_worker, request) -> None:
    """Answer `Connection: close` where the body may not be read to its end."""
    headers = dict(request.headers)
    length = headers.get("CONTENT-LENGTH", "0")
    if "TRANSFER-ENCODING" in headers or int(length) > LARGEST_BODY:
        request.force_close()
