"""Django's settings: nothing that a service like this doesn't need."""

import os
from urllib.parse import urlsplit

_database = urlsplit(os.environ["PEER_DATABASE"])

SECRET_KEY = "only for benchmarks"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "django_rest.urls"
INSTALLED_APPS = ["django_filters", "rest_framework", "django_rest"]
MIDDLEWARE: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname,
        "PORT": _database.port,
        "USER": _database.username,
        "PASSWORD": _database.password or "",
        "NAME": _database.path.strip("/"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"server_side_binding": True},
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["django_rest.authentication.SevenHeaders"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_rest.filters.Negating",
        "rest_framework.filters.OrderingFilter",
    ],
    "ORDERING_PARAM": "_order_by",
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "UNAUTHENTICATED_USER": None,
}
