#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from skillquest.environment import SettingError

if __name__ == "__main__":
    os.umask(0o077)  # databases, mails and exports are for the user of the server only
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skillquest.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(f"Settings: {error}")
