"""The product inside this process: a new database with the shipped catalogue, and the settings of the tests."""

import contextlib
import logging
import os
from collections.abc import Iterator

import django


@contextlib.contextmanager
def product_database() -> Iterator[None]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    logging.disable(logging.CRITICAL)
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("load_catalogue", verbosity=0)
        yield
    finally:
        teardown_databases(databases, verbosity=0)
        teardown_test_environment()


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """What happens inside is undone at the end, so that one part of a benchmark knows nothing of another."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)
