"""Settings: everything that differs between installations comes from the environment.

README.md documents each variable. With an invalid value, SMS Center doesn't start, and says why.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import FileAwareEnv, validate

from messaging import carriers
from messaging import settings as sending
from smscenter import guards, private_files
from smscenter.accounts import settings as accounts
from smscenter.database import time_limits
from smscenter.database.replica import settings as replica
from smscenter.support import settings as support

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# Each variable can also be in a file, for secrets that are mounted: SECRET_KEY_FILE and so on.
env = FileAwareEnv(file_suffix="_FILE", strip_whitespace=True)
# With `recurse`, a .env file in a parent folder would be read if this one is missing.
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- The installation -------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Set it to a long random string, or set DEBUG=on to try things out."
    )
if not DEBUG and len(SECRET_KEY) < guards.SHORTEST_SECRET_KEY:
    raise ImproperlyConfigured(
        f"SECRET_KEY has only {len(SECRET_KEY)} characters, and anyone who guesses it can sign in: "
        f"set it to a random string of {guards.SHORTEST_SECRET_KEY} characters or more."
    )

# The address that browsers and carriers use. Links in emails and callback URLs start with it.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
if urlsplit(PUBLIC_URL).scheme not in {"http", "https"} or not urlsplit(PUBLIC_URL).hostname:
    raise ImproperlyConfigured(f"PUBLIC_URL is {PUBLIC_URL!r}, not an address like https://host.")
PUBLIC_HOST = str(urlsplit(PUBLIC_URL).hostname)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[PUBLIC_HOST, "localhost", "127.0.0.1"])
EXPOSED_HOSTS = [host for host in [PUBLIC_HOST, *ALLOWED_HOSTS] if not guards.is_loopback(host)]
if DEBUG and EXPOSED_HOSTS:
    raise ImproperlyConfigured(
        f"DEBUG is on, and PUBLIC_URL or ALLOWED_HOSTS names {EXPOSED_HOSTS[0]!r}, which other "
        "machines can reach: remove DEBUG from the environment and from .env."
    )
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# How many proxies in front append to X-Forwarded-For (smscenter/client_address.py).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0, validate=validate.Range(min=0))

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "smscenter",
    "smscenter.accounts",
    "search",
    "smscenter.audit",
    "smscenter.notifications",
    "smscenter.exports",
    "leads",
    "messaging",
    "smscenter.support",
    "smscenter.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tasks",
    "django_tasks_db",
    "heroicons",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "smscenter.middleware.compression.CompressPagesMiddleware",
    "smscenter.middleware.request_log.RequestLogMiddleware",
    # Carriers' callbacks need none of the following.
    "messaging.incoming.webhooks.WebhookMiddleware",
    "csp.middleware.CSPMiddleware",
    "smscenter.accounts.middleware.PrivatePagesMiddleware",
    "smscenter.middleware.limits.BodyLimitMiddleware",
    "smscenter.database.replica.own_writes.OwnWritesMiddleware",
    "smscenter.database.timeouts.StatementTimeoutMiddleware",
    "smscenter.middleware.full_disk.FullDiskMiddleware",
    "smscenter.middleware.null_characters.NullCharacterMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "smscenter.accounts.signing_in.session_limits.SessionLimitsMiddleware",
    # Every view requires a signed-in user unless it says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "smscenter.audit.context.AuditMiddleware",
    "smscenter.view_as.middleware.ViewAsMiddleware",
    "smscenter.accounts.page_owner.PageOwnerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "smscenter.accounts.signing_in.second_factor.SecondFactorMiddleware",
    "smscenter.accounts.read_only.ReadOnlyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "smscenter.accounts.middleware.PartsOfPagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "smscenter.accounts.middleware.TimeZoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "smscenter.urls"
WSGI_APPLICATION = "smscenter.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["smscenter.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

FORM_RENDERER = "smscenter.rendering.form_renderer.FormRenderer"

# --- Database and queue -----------------------------------------------------------------------

VAR_DIR.mkdir(mode=0o700, exist_ok=True)
DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_URL",
        default=f"sqlite:///{VAR_DIR / 'smscenter.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
TEST_DATABASE_NAME = env.str("TEST_DATABASE_NAME", default="test_smscenter")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL, the timeout, and IMMEDIATE are all needed for several writers: WAL alone still fails with
    # "database is locked". A statement that fires a trigger writes a journal, by default to a
    # temporary file. In memory, writing a message takes a third of the time.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
        ),
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
    }
    if DATABASES["default"]["NAME"] != ":memory:":
        private_files.create(Path(DATABASES["default"]["NAME"]))
    # A file, because the server and the worker of browser tests are other threads and processes.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"{TEST_DATABASE_NAME}.sqlite3"}
else:
    DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE_NAME}
    DATABASES["default"]["ENGINE"] = "smscenter.database.postgresql"
    # Parallel workers and JIT cost more to start than a page of 50 rows takes.
    DATABASES["default"]["OPTIONS"] = {"options": "-c jit=off -c max_parallel_workers_per_gather=0"}

# A replica to read lists from, unless it's so many seconds behind. Without one, there's no router.
REPLICA_LAG_SECONDS = env.int("REPLICA_LAG_SECONDS", default=5, validate=validate.Range(min=3))
globals().update(replica.read(env, DATABASES["default"]))

# How long PostgreSQL can work on one statement of a page, in seconds: longer than any page needs,
# and shorter than a proxy waits (docs/nginx.conf). 0 means no limit. See database/timeouts.py.
STATEMENT_TIMEOUT_SECONDS = env.int(
    "STATEMENT_TIMEOUT_SECONDS", default=15, validate=validate.Range(min=0)
)

# How long people wait for a search, by what they wait for.
globals().update(time_limits.read(env))

# One per process. A process that is missing the count of a view counts it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
globals().update(accounts.read(env, debug=DEBUG))

# --- Mail -------------------------------------------------------------------------------------

# `submission://user:password@host:587` is encrypted, `smtp://host:25` isn't, `console:` prints.
EMAIL = env.dj_email_url("EMAIL_URL", default="console:" if DEBUG else "smtp://localhost:25")
if "EMAIL_BACKEND" not in EMAIL:
    raise ImproperlyConfigured(
        "EMAIL_URL isn't the address of a mail server, such as submission://user:password@host:587."
    )
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL["EMAIL_FILE_PATH"]
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = EMAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL["EMAIL_USE_SSL"]
# For each response of the mail server, in seconds.
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"SMS Center <sms-center@{PUBLIC_HOST}>")

# --- Sending ----------------------------------------------------------------------------------

# Keys of the carriers that this installation uses: folders of messaging/carriers.
CARRIERS = env.list("CARRIERS", default=[carriers.DEFAULT_IN_DEBUG if DEBUG else carriers.DEFAULT])
# Each carrier reads its other settings in its settings.py.
globals().update(carriers.read_settings(env, CARRIERS, debug=DEBUG))
globals().update(sending.read(env))

# --- Support ----------------------------------------------------------------------------------

globals().update(support.read(env))

# --- Language, time, files --------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["smscenter.rendering.formats"]

# Read `acme.com` in a URL field as https. This is the default in Django 6.
FORMS_URLFIELD_ASSUME_HTTPS = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "smscenter.rendering.stylesheets.StylesheetFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# The default depends on DEBUG, which tests turn off without collecting files.
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_USE_FINDERS = DEBUG
# The largest form has five files of 5 MB (smscenter/support/requests/uploads.py).
LONGEST_BODY = 26 * 1024 * 1024
# Uploaded files, which only views serve. Several web servers must share this folder.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=VAR_DIR / "private")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PRIVATE_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# How long to keep rows that no one needs anymore, in days (smscenter/retention.py). 0 is forever.
KEEP_SIGN_INS_DAYS = env.int("KEEP_SIGN_INS_DAYS", default=90, validate=validate.Range(min=0))
KEEP_AUDIT_DAYS = env.int("KEEP_AUDIT_DAYS", default=0, validate=validate.Range(min=0))
KEEP_DRAFTS_DAYS = env.int("KEEP_DRAFTS_DAYS", default=90, validate=validate.Range(min=0))
KEEP_NOTIFICATIONS_DAYS = env.int(
    "KEEP_NOTIFICATIONS_DAYS", default=90, validate=validate.Range(min=0)
)
# What carriers said about each text, in case of a dispute: a year and a month.
KEEP_CARRIER_EVENTS_DAYS = env.int(
    "KEEP_CARRIER_EVENTS_DAYS", default=400, validate=validate.Range(min=0)
)

# --- Security ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "smscenter.accounts.signing_in.session_store"
SESSION_COOKIE_HTTPONLY = True

HTTPS = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
# A redirect would lose the text of a carrier's callback. Callbacks over http are rejected anyway,
# because their signature covers the https address.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^webhooks/"]
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# These affect all hosts of a domain, and the preload list is hard to leave, so the owner decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = [
    "models.W040",  # SQLite ignores the additional columns of PostgreSQL's indexes
    "security.W005",  # HSTS_INCLUDE_SUBDOMAINS is off
    "security.W021",  # HSTS_PRELOAD is off
]

# --- Logging ----------------------------------------------------------------------------------

LOG_RENDERER = (
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    if DEBUG
    else structlog.processors.JSONRenderer()
)
SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # As text, without the values of variables. The console renderer does this itself.
    *([] if DEBUG else [structlog.processors.format_exc_info]),
]
# Log refusals and errors, and changes, which end with a redirect.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = DJANGO_STRUCTLOG_STATUS_2XX_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestLogMiddleware removes the others
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": LOG_RENDERER,
            "foreign_pre_chain": SHARED_PROCESSORS,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Without Django's own handlers, because root has handlers too.
        "django": {"level": "INFO"},
        # RequestLogMiddleware logs the same, with the user.
        "django.request": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # It logs forty lines for each PDF.
        "fontTools": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
