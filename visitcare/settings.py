"""Settings: one file, from the environment only. `.env.example` lists every variable."""

import secrets
import sys
from pathlib import Path

import environ
import pghistory
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse

from visitcare.kit.positions import Box

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("VISITCARE_DEBUG", default=False)
VAR = Path(env.str("VISITCARE_VAR", default=str(BASE_DIR / "var"))).resolve()
"""The folder of the embedded data, media, exports and keys; made with mode 0700 when first written to."""


def _kept_secret(name: str) -> str:
    """A secret kept in the data folder, made at first use; only this user may read it."""
    path = VAR / name
    try:
        VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f".{name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:  # link, not rename: of two first starts at once one wins and both read the same
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"Cannot keep {name} in {VAR} ({error.strerror}). Set VISITCARE_VAR to a folder this user may write to."
        ) from error


SECRET_KEY = env.str("VISITCARE_SECRET_KEY", default="") or _kept_secret("secret_key")
PERSONAL_DATA_KEY = env.str("VISITCARE_KEY", default="")
"""Keyring for personal data (see kit.encryption); empty: the file `personal_data_key` in VAR."""

ALLOWED_HOSTS = env.list("VISITCARE_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("VISITCARE_ORIGINS", default=[])
HTTPS = env.bool("VISITCARE_HTTPS", default=False)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its own config would put its site in the place of ours
    "visitcare.console.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "pghistory",
    "csp",
    "visitcare.audit",
    "visitcare.org",
    "visitcare.policy",
    "elders",
    "visits",
    "subsidies",
    "visitcare.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # weak signal; Django masks the one secret of its pages, the CSRF token
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "visitcare.org.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "visitcare.org.middleware.PrivatePagesMiddleware",
    "visitcare.org.middleware.SessionLimitsMiddleware",
    "visitcare.org.middleware.FirstPasswordMiddleware",
]

ROOT_URLCONF = "visitcare.urls"
WSGI_APPLICATION = "visitcare.wsgi.application"

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
            ],
        },
    },
]

_database_url = env.str("DATABASE_URL", default="")
if _database_url:
    try:
        DATABASES = {"default": env.db_url_config(_database_url)}
    except (ValueError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            "DATABASE_URL is not understood; write postgresql://user:password@host:5432/name"
        ) from error
    if "postgresql" not in DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL (15 or newer): postgresql://…")
else:
    DATABASES = {"default": {"ENGINE": "visitcare.kit.embedded", "NAME": "visitcare", "USER": "visitcare"}}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("VISITCARE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(
    db_index=False
)  # only what history is looked up by has an index
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["visitcare.org.backends.MobileOrLogin", "visitcare.org.backends.ByCard"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "visitcare.org.passwords.NotTheMobileNumber"},
]
SESSION_COOKIE_AGE = 90 * 24 * 3600  # for a phone; sliding, and shorter for an office: org.middleware
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "visitcare.org.views.csrf_failure"
if HTTPS:  # with this prefix browsers take them from this host alone, not from its neighbours on the domain
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from the machine itself
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("VISITCARE_HSTS_SUBDOMAINS", default=False)
# Subdomains may hold sites of others that speak no HTTPS, and the preload list takes whole domains such as a county's
# own: neither is for one application on a domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

COUNTY_NAME = env.str("VISITCARE_COUNTY_NAME", default="启东市")
try:
    COUNTY_BOX = Box.parse(env.list("VISITCARE_COUNTY_BOX", default=["31.5", "121.2", "32.3", "122.0"]))
except ValueError as error:
    raise ImproperlyConfigured(
        "VISITCARE_COUNTY_BOX is not understood; write south,west,north,east in degrees: 31.5,121.2,32.3,122.0"
    ) from error
"""A position outside of it is flagged; generous, for nobody is flagged at the border."""

UNFOLD = {
    "SITE_TITLE": "探访关爱工作台",
    "SITE_HEADER": "探访关爱工作台",
    "SITE_SUBHEADER": f"{COUNTY_NAME}特殊困难老年人",
    "GLOBAL_CALLBACK": "visitcare.console.sidebar.who",
    "SITE_SYMBOL": "volunteer_activism",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("care.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "light",  # the pages' own colours were measured on white
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("console/console.css")],
    "SCRIPTS": [lambda request: static("console/console.js")],
    "LOGIN": {"form": "visitcare.console.signing_in.OfficeSignInForm"},
    "ACCOUNT": {
        "navigation": [{"title": "修改密码", "link": lambda request: reverse("change_password")}],
    },
    "SIDEBAR": {"navigation": "visitcare.console.sidebar.navigation"},
    "COLORS": {
        "primary": {
            "50": "#f1f5fb",
            "100": "#e6edf7",
            "200": "#cbd9ee",
            "300": "#a3bce0",
            "400": "#7396cb",
            "500": "#4a73b3",
            "600": "#1f4580",
            "700": "#193a6d",
            "800": "#142f5c",
            "900": "#10264a",
            "950": "#0a1830",
        },
    },
}

# Pages are strict. The admin theme evaluates its small expressions and writes styles into its markup: /admin/ alone may
# do so too (visitcare.console.site).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "visitcare" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "media"
FILE_UPLOAD_HANDLERS = ["visitcare.kit.uploads.NamelessUploadHandler"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "visitcare.kit.files.NamedByContent"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "visitcare.kit.api.problem_handler",
    "DEFAULT_PAGINATION_CLASS": "visitcare.kit.paging.Pages",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "探访关爱 API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

FILING_NUMBER = env.str("VISITCARE_FILING_NUMBER", default="")
"""备案号, shown in the footer of every page when set."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
