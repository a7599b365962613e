from skillquest.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.floor"
