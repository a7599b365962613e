"""`make messages`: collect every text of the product into locale/, and compile the translations."""

import re
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands import makemessages

PROGRAMS = ("xgettext", "msguniq", "msgmerge", "msgattrib", "msgfmt")
# What no learner, client or member of staff meets: tests, tools, the texts of commands.
IGNORED = [
    *("tests", "benchmarks", "clients", "conformance", "docs", "examples", "static", "staticfiles", "build"),
    *("*/migrations/*", "*/management/commands/*", "requirements*", "manage.py", "gunicorn.conf.py"),
]
TIME_OF_EXTRACTION = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)


class Command(makemessages.Command):
    help = __doc__
    # `later` is gettext_lazy in modules whose `_` is gettext.
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=later"]
    # Sorted, without places and times, so that a difference shows what was changed; new texts get no guesses.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching", "--sort-output"]

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        parser.set_defaults(locale=languages, no_location=True, no_wrap=True, no_obsolete=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
            raise CommandError(f"Install GNU gettext (apt-get install gettext). Missing: {', '.join(missing)}.")
        super().handle(*args, **options | {"ignore_patterns": list(IGNORED)})
        call_command("compilemessages", locale=options["locale"], ignore_patterns=[".venv"], verbosity=0)

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        file = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        file.write_text(TIME_OF_EXTRACTION.sub("", file.read_text("utf-8")), "utf-8")
