"""Every setting, read from the environment; `.env.example` explains each variable."""

from datetime import timedelta
from pathlib import Path

from . import static_files
from .api import configuration
from .api.rate_limit_settings import rate_limits
from .database.options import caches, postgresql_options, sqlite_options
from .environment import Environment, SettingError
from .logs import LEVELS, logging_configuration

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file(BASE_DIR / ".env")

DAY = 86_400  # seconds
YEAR = 365  # days

# --- Security ---------------------------------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
# Allows `load_demo`, which creates accounts with publicly known passwords.
DEMO = env.boolean("DEMO", default=False)
KEY_FOR_DEBUGGING = "only-for-debugging-never-for-people"
SECRET_KEY = env.text("SECRET_KEY", default=KEY_FOR_DEBUGGING) if DEBUG else env.required("SECRET_KEY")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default=[])
# Pages of other sites that may call the API.
CORS_ALLOWED_ORIGINS = env.page_origins("CORS_ALLOWED_ORIGINS")
vars().update(configuration.CROSS_ORIGIN)

# Where links in e-mails lead. Never the host of a request, which its sender chooses.
SITE_URL = env.origin("SITE_URL", default="http://localhost:8000")
# The path below which everything is served: "" or "/skillquest". Django then ignores SCRIPT_NAME of the server.
SITE_PATH = env.site_path("SITE_PATH")
FORCE_SCRIPT_NAME = SITE_PATH

SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=False)
SECURE_COOKIES = env.boolean("SECURE_COOKIES", default=SECURE_SSL_REDIRECT)
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", default=31_536_000 if SECURE_SSL_REDIRECT else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
# ForwardedHeadersMiddleware removes the header from requests that do not come from a trusted proxy.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = SITE_PATH or "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "skillquest.accounts.browser_sessions"
X_FRAME_OPTIONS = "DENY"

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "skillquest.admin_site.apps.SkillQuestAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "skillquest.accounts",
    "skillquest.database",
    "skillquest.deployment",
    "skillquest.learner_page",
    "skillquest.machines",
    "skillquest.moving",
    "skillquest.pages",
    "tracking",
    "conformance",
    "gamification",
    "levels",
    "jobs",
    "analytics",
    "approvals",
    "charts",
    "exchange",
]

MIDDLEWARE = [
    "skillquest.api.addresses.ForwardedHeadersMiddleware",
    "skillquest.api.middleware.SitePathMiddleware",
    "skillquest.api.middleware.HeadMiddleware",
    "skillquest.api.middleware.RequestIdMiddleware",
    "skillquest.api.middleware.UnreadBodyMiddleware",
    # These three stand before every middleware that answers itself (redirects to HTTPS, static files, unreadable
    # requests), so that those answers carry their headers too.
    "skillquest.api.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "skillquest.api.cross_origin.CrossOriginMiddleware",
    "jobs.middleware.JobThreadMiddleware",
    "skillquest.api.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "skillquest.api.languages.LanguageMiddleware",
    "skillquest.api.middleware.ReadableRequestMiddleware",
    "skillquest.api.middleware.OptionalSlashMiddleware",
    "skillquest.api.middleware.AnswerHeadersMiddleware",
    "skillquest.machines.use_log.ServerKeyLogMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "skillquest.api.middleware.PersonalAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "skillquest.accounts.staff_sessions.StaffSessionsMiddleware",
    "skillquest.api.languages.ProfileLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "skillquest.pages.access.PageRateLimitMiddleware",
    "skillquest.api.query_parameters.QueryParametersMiddleware",
    "skillquest.api.idempotency.IdempotencyKeyMiddleware",
]

ROOT_URLCONF = "skillquest.urls"
WSGI_APPLICATION = "skillquest.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SIMPLE_HISTORY_DATE_INDEX = False  # the history of a row is found by the row's key

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

# --- Storage ----------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASE_ENGINE = DATABASES["default"]["ENGINE"].rpartition(".")[2]
PGBOUNCER = env.boolean("PGBOUNCER", default=False)
# Set by wsgi.py. Long commands (verify_ledger over a million learners) must not run under the time limits of requests.
SERVING = env.boolean("SERVING", default=False)
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", default=10, minimum=1, maximum=10_000)

options = sqlite_options()
if DATABASE_ENGINE == "postgresql":
    options = postgresql_options(serving=SERVING, pgbouncer=PGBOUNCER, pool_size=DATABASE_POOL_SIZE)
if PGBOUNCER:
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASES["default"]["OPTIONS"] = options | DATABASES["default"].get("OPTIONS", {})

REDIS_URL = env.redis("REDIS_URL")
CACHES = caches(REDIS_URL)

STATIC_URL = f"{SITE_PATH}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
vars().update(static_files.settings_for(BASE_DIR, debug=DEBUG))

# --- Accounts ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["skillquest.accounts.backends.UsernameOrEmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "sign-in"

# W004 wants `unique=True` on the username; here a constraint on its case-folded form makes it unique.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
# Without a mail server, each e-mail is written to a file.
vars().update(env.email("EMAIL_URL", default=f"filemail:///{BASE_DIR / 'mail'}"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="SkillQuest <no-reply@localhost>")

ACCESS_TOKEN_LIFETIME = timedelta(minutes=30)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)
GUEST_EXPIRE_AFTER = timedelta(days=env.integer("GUEST_EXPIRE_AFTER", default=90, minimum=8, maximum=10 * YEAR))
# When two tabs refresh at the same time, the slower one gets a 401 and the session stays valid.
REFRESH_REUSE_GRACE = timedelta(seconds=10)

# Sign-ins of staff by cookie: from the beginning, and from the last request on.
STAFF_SESSION_AGE = timedelta(hours=env.integer("STAFF_SESSION_HOURS", default=12, minimum=1, maximum=YEAR * 24))
STAFF_SESSION_IDLE = timedelta(
    minutes=env.integer("STAFF_SESSION_IDLE_MINUTES", default=120, minimum=5, maximum=YEAR * 24 * 60)
)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# What a visitor chose without signing in; the profile has the choice of everybody else.
LANGUAGE_COOKIE_AGE = YEAR * DAY
LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "skillquest.formats"

# --- API --------------------------------------------------------------------------------------------------------------

API_BODY_LIMIT = 64 * 1024  # bytes
SYNC_BODY_LIMIT = 1024 * 1024  # bytes
EVENTS_BODY_LIMIT = 2 * 1024 * 1024  # bytes, the largest of all; gunicorn.conf.py repeats it
# How apps check a body inside a body, such as one event of a batch.
API_BODY_CHECK = "skillquest.api.parsing.check_body"

REST_FRAMEWORK = configuration.REST_FRAMEWORK
SPECTACULAR_SETTINGS = configuration.SPECTACULAR | {"SERVERS": [{"url": SITE_PATH}] if SITE_PATH else []}

RATELIMIT_ENABLE = env.boolean("RATELIMIT_ENABLE", default=True)
RATELIMIT_USE_CACHE = "ratelimits"
RATE_LIMITS = rate_limits(env)
# All signed-in users at one address together may send this many times the limit of one user (a classroom shares one).
RATE_LIMIT_SHARED_FACTOR = 20
# django-ratelimit wants a cache shared between processes (E003). Without Redis we run one process with threads, where
# local memory counts exactly. With Redis we use a subclass of its cache that django-ratelimit does not know (W001).
SILENCED_SYSTEM_CHECKS += ["django_ratelimit.E003", "django_ratelimit.W001"]

# --- Gamification -----------------------------------------------------------------------------------------------------

STREAK_FREEZES_AT_FIRST = 3
STREAK_FREEZES_AT_MOST = 3
STREAK_DAYS_FOR_A_FREEZE = 7
TIME_ZONE_CHANGE_INTERVAL = timedelta(hours=24)
LEADERBOARD_BACKEND = env.choice(
    "LEADERBOARD_BACKEND", default="redis" if REDIS_URL else "database", choices=("database", "redis")
)
if LEADERBOARD_BACKEND == "redis" and not REDIS_URL:
    raise SettingError("LEADERBOARD_BACKEND", "redis needs a REDIS_URL.")
# The greatest age of a leaderboard of a day, week or month before it is computed again.
LEADERBOARD_WINDOW_AGE = timedelta(minutes=15)
# The greatest age of the counts behind `rarity_percent`.
RARITY_AGE = timedelta(minutes=15)
# Called with the changed profiles whenever totals are saved, to update leaderboards outside the database.
TOTALS_OBSERVERS = ["gamification.leaderboards.score_updates.follow_totals"]
# How the app of levels learns what a level may pay by the rules in force.
MOST_XP_OF_LEVEL = "gamification.rule_sets.estimates.xp_estimator"
# Functions that find when a learner reached a threshold, each for the metrics of its own tables.
METRIC_HISTORIES = [
    "gamification.ledger.when_reached.of_ledger",
    "gamification.streaks.when_reached.of_streaks",
    "gamification.earnables.when_reached.of_unlocks",
    "tracking.maintenance.when_reached.of_tracking",
]

# Changes of more XP than this need the approval of a second person (approvals/).
XP_APPROVAL_ABOVE = env.integer("XP_APPROVAL_ABOVE", default=1000)
# What a server key may give and take in a UTC day, all learners together; it needs no second person.
SERVER_KEY_AWARD_PER_DAY = env.integer("SERVER_KEY_AWARD_PER_DAY", default=10_000)

# --- Tracking ---------------------------------------------------------------------------------------------------------

ENABLE_SERVER_SIDE_TRACKING = env.boolean("ENABLE_SERVER_SIDE_TRACKING", default=True)
SERVER_SIDE_TRACKING_PERCENT = env.percent("SERVER_SIDE_TRACKING_PERCENT", default=100)
SESSION_RESTART_WINDOW = timedelta(seconds=env.integer("SESSION_RESTART_SECONDS", default=5, maximum=DAY))
SESSION_MAX_AGE = timedelta(hours=env.integer("SESSION_MAX_HOURS", default=24, minimum=1, maximum=YEAR * 24))
DUPLICATE_WINDOW = timedelta(seconds=env.integer("DUPLICATE_SECONDS", default=10, maximum=DAY))
EVENT_MAX_AGE = timedelta(days=env.integer("EVENT_MAX_AGE_DAYS", default=30, maximum=10 * YEAR))
EVENT_MAX_AHEAD = timedelta(minutes=env.integer("EVENT_MAX_AHEAD_MINUTES", default=5, maximum=24 * 60))
# The times of a client whose clock (`sent_at`) differs by more than this are shifted by the difference.
CLOCK_TOLERANCE = timedelta(minutes=env.integer("CLOCK_TOLERANCE_MINUTES", default=2, maximum=24 * 60))
IDEMPOTENCY_KEY_LIFETIME = timedelta(days=30)
# What may be kept for one person at a time; the answer to one completion has about 1.5 KB.
IDEMPOTENCY_KEYS_AT_MOST = env.integer("IDEMPOTENCY_KEYS_AT_MOST", default=10_000, minimum=1)
IDEMPOTENCY_BYTES_AT_MOST = env.integer("IDEMPOTENCY_BYTES_AT_MOST", default=20 * 1024 * 1024, minimum=1)
# Metadata of a completion: key -> (type, greatest value or length); see tracking/recording/metadata.py.
COMPLETION_METADATA = {
    "hints_used": ("whole_number", 10_000),
    "mistakes": ("whole_number", 10_000),
    "words_learned": ("whole_number", 500),
    "conversations": ("whole_number", 50),
    "language": ("language_tag", 35),
    "client_version": ("text", 40),
}
# Whether results are held to the limits that staff publish (admin: Limits).
TRUST_LIMITS = env.boolean("TRUST_LIMITS", default=True)

# --- Jobs -------------------------------------------------------------------------------------------------------------

# Jobs run in a thread of each web process. Where a separate process runs `run_jobs`, this can be switched off.
JOBS_IN_PROCESS = env.boolean("JOBS_IN_PROCESS", default=True)

# --- Imports and exports of staff -------------------------------------------------------------------------------------

# Files with more rows are imported in the background, and lists with more rows are exported as CSV and JSON only.
EXCHANGE_ROWS_AT_ONCE = env.integer("EXCHANGE_ROWS_AT_ONCE", default=5_000, minimum=1, maximum=100_000)
IMPORT_BYTES_AT_MOST = env.integer("IMPORT_BYTES_AT_MOST", default=20 * 1024 * 1024, minimum=1)

# --- Logs -------------------------------------------------------------------------------------------------------------

LOGGING = logging_configuration(env.choice("LOG_LEVEL", default="INFO", choices=LEVELS))
