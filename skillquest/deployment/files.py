"""Files with secrets or personal data are for the user of the server only.

The processes create them so (manage.py, skillquest/wsgi.py and gunicorn.conf.py set the umask); files from elsewhere,
such as a restored backup, may be open to other users of the machine.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

OTHERS = 0o077  # permissions of the group and of everybody


def private_paths() -> list[Path]:
    paths = [settings.BASE_DIR / ".env"]
    if settings.DATABASE_ENGINE == "sqlite3":
        name = settings.DATABASES["default"]["NAME"]
        paths += [Path(f"{name}{suffix}") for suffix in ("", "-wal", "-shm")]
    if folder := getattr(settings, "EMAIL_FILE_PATH", None):
        paths.append(Path(folder))
    return paths


@checks.register(checks.Tags.security, deploy=True)
def check_files(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Info(
            f"Other users of this machine may read {path.name}.",
            hint=f"chmod {700 if path.is_dir() else 600} {path}",
            id="skillquest.I001",
        )
        for path in private_paths()
        if path.exists() and path.stat().st_mode & OTHERS
    ]
