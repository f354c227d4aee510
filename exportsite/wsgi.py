"""The WSGI application: `gunicorn exportsite.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from exportsite import env, launch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exportsite.settings")
if not os.environ.get("DATABASE_URL"):
    raise env.WrongSettings(
        [
            "DATABASE_URL is not set: set it to postgresql://user:password@host:port/name, "
            "or run `python manage.py up`, which starts a private PostgreSQL and the web server on it"
        ]
    )
# A web server that `manage.py up` started holds the private PostgreSQL itself: it may outlive the command.
launch.hold_private_server(os.environ)
application = get_wsgi_application()
