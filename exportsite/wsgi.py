"""The WSGI application: `gunicorn exportsite.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exportsite.settings")
application = get_wsgi_application()
