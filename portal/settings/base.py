"""Everything the site reads from its environment; dev, test and production only override.

One image plays two roles: ``public`` (no staff address exists) and ``staff``; ``both`` on a laptop.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import environ
import structlog

from portal.core.logs import hide_tokens

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.FileAwareEnv()

ROLE = env.str("DAYLIGHT_ROLE", default="both")
DATA_DIR = Path(env.str("DAYLIGHT_DATA_DIR", default=str(BASE_DIR / "var" / "data")))
DEMO_PEOPLE = env.bool("DAYLIGHT_DEMO", default=False)
EMBEDDED_SERVICES = env.bool("DAYLIGHT_EMBEDDED", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="").strip()
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
STAFF_BASE_URL = env.str("STAFF_BASE_URL", default=PUBLIC_BASE_URL).rstrip("/")
CSRF_TRUSTED_ORIGINS = sorted({PUBLIC_BASE_URL, STAFF_BASE_URL})

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "portal.core.apps.CoreConfig",
    "portal.audit.apps.AuditConfig",
    "portal.accounts.apps.AccountsConfig",
    "requests_app.law.apps.LawConfig",
    "requests_app.docket.apps.DocketConfig",
    "requests_app.clock.apps.ClockConfig",
    "requests_app.correspondence.apps.CorrespondenceConfig",
    "requests_app.custody.apps.CustodyConfig",
    "requests_app.fees.apps.FeesConfig",
    "redaction.plans.apps.PlansConfig",
    "redaction.release.apps.ReleaseConfig",
    "redaction.workbench.apps.WorkbenchConfig",
    "requests_app.intake.apps.IntakeConfig",
    "requests_app.tracking.apps.TrackingConfig",
    "requests_app.appeals.apps.AppealsConfig",
    "requests_app.transparency.apps.TransparencyConfig",
    "requests_app.desk.apps.DeskConfig",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "portal.core.http.NoStoreMiddleware",
    "portal.accounts.middleware.SignInRequiredMiddleware",
    "portal.audit.middleware.RefusalMiddleware",
    "portal.core.http.DomainErrorMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.core.context.site",
                "requests_app.law.context.agency",
            ],
            "builtins": ["portal.core.templatetags.daylight"],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///daylight")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def redis_dialects(url: str, offset: int = 0) -> tuple[str, str]:
    """This will give (Celery broker URL, Django cache URL) for one ``REDIS_URL``.

    A unix socket is spelt ``redis+socket://`` by kombu and ``unix://`` by redis-py. The URL's database
    (default 0, plus ``offset``) carries the broker, the next one the cache.
    """
    parts = urlsplit(url)
    if parts.scheme in {"unix", "redis+socket"}:
        number = int(parse_qs(parts.query).get("db", ["0"])[0]) + offset
        return f"redis+socket://{parts.path}?virtual_host={number}", f"unix://{parts.path}?db={number + 1}"
    number = int(parts.path.strip("/") or 0) + offset
    base = parts._replace(path="").geturl().rstrip("/")
    return f"{base}/{number}", f"{base}/{number + 1}"


REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379").strip()
CELERY_BROKER_URL, _CACHE_URL = redis_dialects(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _CACHE_URL,
        "VERSION": 2,  # what lies under 1 was pickled
        "OPTIONS": {"serializer": "portal.core.caching.Plain"},
    }
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # Postgres re-rings what was lost; a broker loop would not stop
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BEAT_SCHEDULER = "celery.beat.PersistentScheduler"
CELERY_BEAT_SCHEDULE = {
    "remind-of-deadlines": {"task": "desk.remind", "schedule": 3600.0},  # once a local day, too
    "count-open-requests": {"task": "clock.nightly", "schedule": 3600.0},  # once a local day: the job's key
    "press-for-preservation": {"task": "requests_app.custody.tasks.press", "schedule": 900.0},
    "look-over-retention": {"task": "requests_app.custody.tasks.look_over", "schedule": 3600.0},
    "prune-previews": {"task": "workbench.prune_previews", "schedule": 3600.0},
    "sweep-jobs": {"task": "portal.core.tasks.sweep", "schedule": 15.0},
    "reconcile-payments": {"task": "fees.reconcile", "schedule": 600.0},
    "read-bounces": {"task": "correspondence.read_bounces", "schedule": 300.0},
    "delete-stale-drafts": {
        "task": "requests_app.intake.tasks.delete_stale_drafts",
        "schedule": 3600.0,
    },
    "lower-late-fees": {"task": "fees.lower_late", "schedule": 3600.0},
    "charge-interest": {"task": "fees.charge_interest", "schedule": 6 * 3600.0},
    # by the one kind of worker that has a way out of the machine
    "ask-about-unanswered-payments": {
        "task": "fees.reconcile",
        "schedule": 600.0,
        "options": {"queue": "mail"},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600  # seconds; IA-5(1): a code lives ten minutes at most
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_EMAIL_VERIFICATION = "none"  # entering the e-mailed code is the verification
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.StaffLoginForm",
    "request_login_code": "portal.accounts.forms.RequestCodeForm",
    "confirm_login_code": "portal.accounts.forms.ConfirmCodeForm",
    "change_password": "portal.accounts.forms.PasswordForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {"authenticate": "portal.accounts.forms.AuthenticatorForm"}
MFA_TOTP_ISSUER = "Daylight"
# a code has six digits: the tries that new codes give are few enough an hour to find none (ASVS 6.3.1)
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,6/h/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # IA-5: sign in again each twelve hours
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # a request's key and a link's token stand in addresses
SECURE_CONTENT_TYPE_NOSNIFF = True
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "form-action": ["'self'", "https://checkout.stripe.com"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="America/Chicago")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR}},
    "staticfiles": {"BACKEND": "portal.core.assets.HashedStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="records@daylight.example")
# where reports about our mails come back to (name+<mail>.<token>@domain), the maildir they are dropped into,
# and the secret by which a mail provider signs its events; each is off while it is empty
MAIL_BOUNCE_ADDRESS = env.str("MAIL_BOUNCE_ADDRESS", default="").strip()
MAIL_BOUNCE_FOLDER = env.str("MAIL_BOUNCE_FOLDER", default="").strip()
MAIL_WEBHOOK_SECRET = env.str("MAIL_WEBHOOK_SECRET", default="").strip()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.accounts.policies.SignedInHere"],
    # without it a client chooses its own address for the throttle by X-Forwarded-For
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "portal.core.api.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "600/min", "token": "10/min"},
}
REST_KNOX = {"TOKEN_TTL": timedelta(hours=10), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Daylight",
    "DESCRIPTION": "File, follow and answer public-records requests.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["portal.accounts.policies.SignedInHere"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"RequestStatusEnum": "requests_app.docket.rules.STATUS_CHOICES"},
}

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="").strip()
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="").strip()
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["counter"])
RELEASE_SIGNING_KEY_FILE = env.str(
    "RELEASE_SIGNING_KEY_FILE", default=str(DATA_DIR / "keys" / "release-ed25519.pem")
)
RELEASE_KEY_MAY_BE_MADE = False  # an administrator makes it once: manage.py release_key --create
RELEASE_LINK_DAYS = env.int("RELEASE_LINK_DAYS", default=30)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024**3)

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_tokens,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": structlog.processors.JSONRenderer(),
            # what Django and libraries log by themselves goes the same way
            "foreign_pre_chain": [structlog.stdlib.add_log_level, hide_tokens],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # they tell each step of each letter
    "loggers": {name: {"level": "WARNING"} for name in ("weasyprint", "fontTools", "pikepdf", "pdfminer")},
}
