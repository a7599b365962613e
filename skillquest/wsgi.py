import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skillquest.settings")
os.environ.setdefault("SERVING", "1")
os.umask(0o077)  # databases and mails are for the user of the server only

application = get_wsgi_application()

# Load all views, then exempt every object that exists now from garbage collection: checking these permanent objects
# again and again would take a tenth of the processor time.
get_resolver().url_patterns  # noqa: B018 - loads the views
gc.collect()
gc.freeze()
