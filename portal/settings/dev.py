"""A laptop or the demo: one process plays both roles, on loopback, with embedded services."""

import secrets

from portal.settings.base import *  # noqa: F403  settings modules layer by star import
from portal.settings.base import DATA_DIR, SECRET_KEY, env


def _remembered_secret() -> str:
    # each machine makes its own key, kept beside its data, so that sessions survive a restart
    path = DATA_DIR / "keys" / "django-secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = SECRET_KEY or _remembered_secret()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
PAYMENT_GATEWAYS = ["counter", "demo"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
RELEASE_KEY_MAY_BE_MADE = True
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns when it is missing
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # no connection leaves the machine
EMAIL_FILE_PATH = DATA_DIR / "mail"
