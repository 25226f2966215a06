"""The tests: real Postgres and Valkey (portal.services.testing starts them), plain static files."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from portal.settings.base import *  # noqa: F403  settings modules layer by star import
from portal.settings.base import CACHES, DATABASES, REDIS_URL, REST_FRAMEWORK, redis_dialects

SECRET_KEY = "only-for-tests-and-worth-nothing-elsewhere-0123456789"  # noqa: S105  guards nothing
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
if given := os.environ.get("DAYLIGHT_DATA_DIR"):  # a worker that a test started shares the test's files
    DATA_DIR = Path(given)
else:
    DATA_DIR = Path(tempfile.mkdtemp(prefix="daylight-test-", dir="/var/tmp"))
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
# each xdist worker has its own database, so it needs its own broker and cache too
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_BROKER_URL, _CACHE_URL = redis_dialects(REDIS_URL, offset=2 * _WORKER)
CACHES = {"default": {**CACHES["default"], "LOCATION": _CACHE_URL}}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a live server's threads must leave no session behind
RELEASE_SIGNING_KEY_FILE = str(DATA_DIR / "keys" / "release-ed25519.pem")
RELEASE_KEY_MAY_BE_MADE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; production keeps PBKDF2
PAYMENT_GATEWAYS = ["counter", "demo", "stripe"]
STRIPE_SECRET_KEY = "sk_test_made_up"  # noqa: S105  no network in tests
STRIPE_WEBHOOK_SECRET = "whsec_made_up"  # noqa: S105  signs the tests' own webhooks
DEMO_PEOPLE = True
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"anon": None, "user": None, "token": None}}
RATELIMIT_ENABLE = False
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # how allauth spells “none”
LOGGING = {"version": 1, "disable_existing_loggers": False}
