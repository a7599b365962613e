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
# A batch of 1 000 events makes tens of thousands of objects, nearly none of them in cycles: looking for cycles after
# every 700 new objects, as Python does by default, would find nothing and take a twentieth of its processor time.
gc.set_threshold(50_000, 20, 20)
