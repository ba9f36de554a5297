"""Settings: everything that differs between installations comes from the environment (docs/operate/settings.md)."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from config.database import database
from conventus.core.rules import N_

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("CONVENTUS_VAR") or ROOT / "var")


def _secret_key() -> str:
    """The key from the environment, or one kept in a private file of this installation."""
    if key := os.environ.get("CONVENTUS_SECRET_KEY"):
        return key
    path = VAR / "secret_key"
    if not path.exists():
        _keep_new_key(path)
    return path.read_text(encoding="ascii")


def _keep_new_key(path: Path) -> None:
    """Write a key whole before it gets its name: of two processes that start at once, one wins."""
    VAR.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=VAR)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    with suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()


def _names(variable: str, default: str) -> list[str]:
    return [name for name in os.environ.get(variable, default).split(",") if name]


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("CONVENTUS_DEBUG") == "1"
HTTPS = os.environ.get("CONVENTUS_HTTPS") == "1"
ALLOWED_HOSTS = _names("CONVENTUS_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _names("CONVENTUS_ORIGINS", "")

INSTALLED_APPS = [
    "conventus.portal",
    "conventus.elections",
    "conventus.cycle",
    "conventus.directives",
    "conventus.org",
    "conventus.core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_tables2",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "conventus.core.middleware.LiveSource",
    "conventus.core.middleware.Remembering",
    "conventus.core.middleware.OwnLanguage",
    "conventus.core.middleware.Refused",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "config.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "conventus.core.templatetags.ui",
                "conventus.core.templatetags.values",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("CONVENTUS_DATABASE", str(VAR / "conventus.sqlite3")))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}
MEDIA_ROOT = Path(os.environ.get("CONVENTUS_FILES", VAR / "files"))

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_ADAPTER = "conventus.core.accounts.ClosedSignup"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = False
ACCOUNT_SESSION_REMEMBER = None
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Conventus"
USERSESSIONS_TRACK_ACTIVITY = True
EMAIL_BACKEND = os.environ.get("CONVENTUS_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = os.environ.get("CONVENTUS_EMAIL_FROM", "conventus@localhost")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", N_("English")), ("vi", N_("Vietnamese"))]
LOCALE_PATHS = [ROOT / "conventus" / "locale"]
USE_TZ = True
TIME_ZONE = os.environ.get("CONVENTUS_TIME_ZONE", "Asia/Ho_Chi_Minh")

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DJANGO_TABLES2_TEMPLATE = "django_tables2/conventus.html"

LIVE_URL = os.environ.get("CONVENTUS_LIVE_URL", "")
"""Where browsers reach the event stream; empty: the page's host, next port (see conventus.core.live)."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("CONVENTUS_BEHIND_PROXY") == "1" else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
UPLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes that one uploaded paper may have."""
SCANS_LIMIT = 4 * 1024 * 1024 * 1024
"""Bytes of scans that may be uploaded at once."""
SCANNERS = Path(os.environ.get("CONVENTUS_SCANNERS", VAR / "scanners"))
"""Folders that scanners are set to fill, one for each."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CONVENTUS_LOG", "WARNING")},
}
