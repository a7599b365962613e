import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skillquest.settings")
os.environ.setdefault("SERVING", "1")

application = get_wsgi_application()

# What is loaded by now stays, views included: searched for garbage again and again, it takes a tenth of the time.
get_resolver().url_patterns  # noqa: B018 - loads them
gc.collect()
gc.freeze()
