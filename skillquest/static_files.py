"""The settings of static files: where they are found, and how WhiteNoise serves them."""

from pathlib import Path
from typing import Any


def settings_for(base_dir: Path, *, debug: bool) -> dict[str, Any]:
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    hashed = "skillquest.hashed_files.HashedFiles"
    return {
        "STATICFILES_DIRS": [base_dir / "static", ("skillquest/tracker", base_dir / "clients/js/src")],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": plain if debug else hashed},
        },
        # In development, static files are served without running `collectstatic` first.
        "WHITENOISE_USE_FINDERS": debug,
        # Only our own pages use the static files, so other origins get no CORS header for them.
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
    }
