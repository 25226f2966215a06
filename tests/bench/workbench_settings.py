"""The site as it is served, for measuring: hashed and compressed static files, no debugging, on loopback."""

from portal.settings.base import STORAGES as SERVED
from portal.settings.dev import *  # noqa: F403  settings modules layer by star import
from portal.settings.dev import DATA_DIR, STORAGES

STATIC_ROOT = DATA_DIR / "static"
STORAGES = {"default": STORAGES["default"], "staticfiles": SERVED["staticfiles"]}
WHITENOISE_USE_FINDERS = False
# what browsers are not sent is not compressed either: Brotli's best level would take most of a minute
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("svg", "png", "woff2", "woff", "ttf", "map", "json", "html")
