import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skillquest.settings")
os.environ.setdefault("SERVING", "1")

application = get_wsgi_application()
