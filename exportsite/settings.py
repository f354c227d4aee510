"""Django's settings, all from the environment (docs/operate.md lists the variables)."""

from __future__ import annotations

import os
import secrets
import warnings

from exportsite import env

BASE_DIR = env.BASE_DIR
_env = env.Env(os.environ)

PRODUCTION = _env.read("LABELTRAIL_PRODUCTION", env.boolean, False)
DEBUG = False
LABELTRAIL_HOME = env.home(os.environ)
LABELTRAIL_KEY_DIR = _env.read("LABELTRAIL_KEY_DIR", env.path, LABELTRAIL_HOME / "keys")
LABELTRAIL_FILES = _env.read("LABELTRAIL_FILES", env.path, LABELTRAIL_HOME / "files")
LABELTRAIL_ARTEFACTS = _env.read("LABELTRAIL_ARTEFACTS", env.path, LABELTRAIL_HOME / "artefacts")
# The first part of every log's origin; decided once, when a log is made.
LABELTRAIL_HOST = _env.read("LABELTRAIL_HOST", env.host_name, "labeltrail.localhost", required=PRODUCTION)
ALLOWED_HOSTS = _env.read(
    "LABELTRAIL_ALLOWED_HOSTS", env.words, ["localhost", "127.0.0.1", "[::1]", "testserver"], required=PRODUCTION
)
# Without a key the process makes its own: sessions then end when it does. Production must name one.
SECRET_KEY = _env.read("LABELTRAIL_SECRET_KEY", env.long_secret, secrets.token_urlsafe(48), required=PRODUCTION)
REPORT_MEMORY_MIB = _env.read("LABELTRAIL_REPORT_MEMORY_MIB", env.integer(256, 65536), 2048)
# Hosts of sources that may be at private addresses, or be asked without TLS.
SOURCE_ALLOW_HOSTS: list[str] = _env.read("LABELTRAIL_ALLOW_HOSTS", env.words, [])
WORKERS = _env.read("LABELTRAIL_WORKERS", env.integer(1, 64), 2)
# Processes that draw the labels of one export, beside the one that reads and writes; 1: none does.
LABELTRAIL_EXPORT_PROCESSES = _env.read("LABELTRAIL_EXPORT_PROCESSES", env.integer(1, 64), env.cores(8))
REPORT_SECONDS = _env.read("LABELTRAIL_REPORT_SECONDS", env.integer(10, 86400), 900)
# How long browsers have to ask over TLS only, once they did.
SECURE_HSTS_SECONDS = _env.read("LABELTRAIL_HSTS_SECONDS", env.integer(0, 63_072_000), 31_536_000 if PRODUCTION else 0)
# Proxies in front of us that each add the address they were asked from to X-Forwarded-For.
PROXIES = _env.read("LABELTRAIL_PROXIES", env.integer(0, 5), 1 if PRODUCTION else 0)
# Of a file that is sent to be loaded, in MiB; where it waits for a worker, and while it comes.
UPLOAD_MIB = _env.read("LABELTRAIL_UPLOAD_MIB", env.integer(1, 1_048_576), 2048)
UPLOADS = LABELTRAIL_FILES / "uploads"
INCOMING = LABELTRAIL_HOME / "incoming"
SESSION_HOURS = _env.read("LABELTRAIL_SESSION_HOURS", env.integer(1, 720), 12)

# Settings never start a server: manage.py does, and hands its address on in DATABASE_URL.
_no_database: dict[str, object] = {"ENGINE": "django.db.backends.dummy"}
DATABASES = {"default": _env.read("DATABASE_URL", env.database, _no_database, required=PRODUCTION)}
if PRODUCTION and os.environ.get("LABELTRAIL_PRIVATE_POSTGRES"):
    _env.problems.append(
        "LABELTRAIL_PRODUCTION=1 refuses the private PostgreSQL: set DATABASE_URL to a server you operate"
    )
_env.check()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_q",
    "exportsite",
    "audit",
    "exports",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "exportsite.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "exportsite.slash.Slash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Views of the API have their own way to say who is not known: 401 instead of the page to sign in.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "exportsite.urls"
WSGI_APPLICATION = "exportsite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = LABELTRAIL_HOME / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS >= 31_536_000
SECURE_SSL_REDIRECT = PRODUCTION
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "dashboard"
SESSION_ENGINE = "exportsite.sessions"
SESSION_COOKIE_AGE = 60 * 60 * SESSION_HOURS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    # Browsers then refuse them from another host, or from this one without TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_FAILURE_VIEW = "exportsite.problems.forbidden"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["exportsite.bodies.StrictJson"],
    # What an address takes stands in the description: OPTIONS is a method like any other that it does not have.
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # What is answered is negotiated with Accept; `format` is a query key like others.
    "EXCEPTION_HANDLER": "exportsite.problems.handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["audit.api.auth.TokenAuthentication", "audit.api.auth.SignedIn"],
    "DEFAULT_PERMISSION_CLASSES": ["audit.api.auth.Allowed"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Labeltrail",
    "DESCRIPTION": "The audit trail and export service for annotation projects.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "audit.api.describe.finish",
        "audit.api.examples.add",
        "exports.api.examples.add",
    ],
}

# Runs (exportsite.jobs). Seconds: how long a lease lasts, and between two heartbeats; after which a queued run gets
# another message; after which a cluster with idle workers has to have taken a message; for a clean stop.
RUN_LEASE, RUN_BEAT, RUN_PATIENCE, RUN_KNOCK, RUN_GRACE = 30.0, 5.0, 60.0, 10.0, 10.0
# Runs have no time limit, and a message lost, repeated or late has no effect: django-q2 need not keep one safe.
warnings.filterwarnings("ignore", message="Retry and timeout are misconfigured")
Q_CLUSTER = {
    "name": "labeltrail",
    "orm": "default",
    "workers": WORKERS,
    "timeout": None,
    "retry": 3600,
    "max_attempts": 1,
    "ack_failures": True,
    # Messages that a cluster holds in memory, where no other can take them.
    "queue_limit": 1,
    "bulk": 1,
    "save_limit": -1,
    "scheduler": False,
    "recycle": 50,
    "log_level": "WARNING",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # These write one line for every glyph table of a font they subset.
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}
