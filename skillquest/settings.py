"""Every setting, read from the environment; `.env.example` explains each variable."""

from datetime import timedelta
from pathlib import Path

from .environment import Environment, SettingError

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file(BASE_DIR / ".env")

# --- Safety -----------------------------------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
# Allows `load_demo`, whose people have passwords that everybody knows.
DEMO = env.boolean("DEMO", default=False)
SECRET_KEY = (
    env.text("SECRET_KEY", default="only-for-debugging-never-for-people") if DEBUG else env.required("SECRET_KEY")
)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default=[])

# The path below which everything is served: "" or "/skillquest".
SITE_PATH = env.site_path("SITE_PATH")
FORCE_SCRIPT_NAME = SITE_PATH or None

SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=False)
SECURE_COOKIES = env.boolean("SECURE_COOKIES", default=SECURE_SSL_REDIRECT)
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", default=31_536_000 if SECURE_SSL_REDIRECT else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = SITE_PATH or "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "skillquest.accounts.browser_sessions"
X_FRAME_OPTIONS = "DENY"

# --- The house --------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "skillquest.accounts",
    "skillquest.database",
    "skillquest.pages",
    "tracking",
    "conformance",
    "gamification",
    "levels",
]

MIDDLEWARE = [
    "skillquest.api.middleware.SitePathMiddleware",
    "skillquest.api.middleware.HeadMiddleware",
    "skillquest.api.middleware.RequestIdMiddleware",
    "skillquest.api.middleware.UnreadBodyMiddleware",
    # Outside all that answers by itself: redirects to HTTPS, static files, refusals of what cannot be read.
    "skillquest.api.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "skillquest.api.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "skillquest.api.middleware.ReadableRequestMiddleware",
    "skillquest.api.middleware.OptionalSlashMiddleware",
    "skillquest.api.middleware.RateLimitHeadersMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "skillquest.api.middleware.PersonalAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "skillquest.api.query_parameters.QueryParametersMiddleware",
    "skillquest.api.idempotency.IdempotencyKeyMiddleware",
]

ROOT_URLCONF = "skillquest.urls"
WSGI_APPLICATION = "skillquest.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
address_options = DATABASES["default"].get("OPTIONS", {})

PGBOUNCER = env.boolean("PGBOUNCER", default=False)
# wsgi.py sets it. Commands that take long (verify_ledger over a million learners) must not meet a request's limits.
SERVING = env.boolean("SERVING", default=False)
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", default=10, minimum=1, maximum=10_000)

if DATABASE_ENGINE == "sqlite3":
    # The default deferred mode turns one race in eight into "database is locked". Deleted rows are overwritten in the
    # file too, so that nothing is left of a person who was erased.
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
else:
    limits = "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
    options = {
        "options": f"{limits} -c statement_timeout=5000" if SERVING else limits,
        # PostgreSQL plans a statement once a connection instead of once a request: half its work for a completion.
        "server_side_binding": True,
        "prepare_threshold": 5,
    }
    if PGBOUNCER:
        # Each transaction may run on another server connection, so nothing may depend on what an earlier one did there.
        # The limits come from the role instead (docs/operations.md).
        options |= {"options": "", "prepare_threshold": None}
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    if SERVING:
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 5}
DATABASES["default"]["OPTIONS"] = options | address_options

REDIS_URL = env.redis("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "ratelimits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "ratelimits",
        # The default of 300 would forget counters, and with them limits.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
if REDIS_URL:
    redis_cache = {
        "LOCATION": REDIS_URL,
        # Redis late must not make a request late.
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", **redis_cache}
    CACHES["ratelimits"] = {"BACKEND": "skillquest.api.ratelimits.RedisOrLocalCache", **redis_cache}

STATIC_URL = f"{SITE_PATH}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# A page may be asked for before `collectstatic` ran (tests, a first look): serve from the sources then.
WHITENOISE_USE_FINDERS = DEBUG
# CORS is closed, for files too: all that ask for them are our own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- People -----------------------------------------------------------------------------------------------------------

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

# Usernames are unique, by a constraint on the folded name; Django looks for one on the column.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
# Without a mail server each mail is a file, for a look.
vars().update(env.email("EMAIL_URL", default=f"filemail:///{BASE_DIR / 'mail'}"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="SkillQuest <no-reply@localhost>")

ACCESS_TOKEN_LIFETIME = timedelta(minutes=30)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)
# Two tabs that refresh together: the slower one gets a 401, not the death of the family.
REFRESH_REUSE_GRACE = timedelta(seconds=10)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- API --------------------------------------------------------------------------------------------------------------

API_BODY_LIMIT = 64 * 1024  # bytes
SYNC_BODY_LIMIT = 1024 * 1024  # bytes; gunicorn.conf.py repeats it
# How the apps have a body inside a body checked: each event of a batch is refused by itself.
API_BODY_CHECK = "skillquest.api.parsing.check_body"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "skillquest.api.authentication.BearerAuthentication",
        "skillquest.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["skillquest.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["skillquest.api.rendering.SuccessJSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["skillquest.api.ratelimits.RateLimit"],
    "DEFAULT_PAGINATION_CLASS": "skillquest.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "skillquest.api.schema.operations.OperationSchema",
    "EXCEPTION_HANDLER": "skillquest.api.errors.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

SPECTACULAR_SETTINGS = {
    "TITLE": "SkillQuest",
    "DESCRIPTION": "Learning sessions and level completions, recorded once, turned into XP that explains itself.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": SITE_PATH}] if SITE_PATH else [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "levels.choices.Kind",
        "DifficultyEnum": "levels.choices.Difficulty",
        "DifficultyNameEnum": "levels.choices.DIFFICULTY_NAMES",
        "DayStatusEnum": "gamification.streaks.status.DAY_STATUSES",
        "LevelStatusEnum": "tracking.progress.levels.STATUSES",
        "ReasonEnum": "gamification.models.LedgerEntry.Reason",
        "LockReasonEnum": "levels.errors.LOCK_REASONS",
        "AttemptStatusEnum": "tracking.attempts.services.STATUSES",
        "TrainingStatusEnum": "tracking.training.services.STATUSES",
    },
    "TAGS": [
        {"name": name}
        for name in (
            *("Account", "Levels", "Sessions", "Offline", "Challenges", "Training"),
            *("XP", "Streaks", "Achievements", "Badges", "Leaderboards", "Why?", "Users"),
        )
    ],
    "PREPROCESSING_HOOKS": ["skillquest.api.schema.hooks.only_described_paths"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "skillquest.api.schema.hooks.complete",
    ],
}

RATELIMIT_ENABLE = env.boolean("RATELIMIT_ENABLE", default=True)
RATELIMIT_USE_CACHE = "ratelimits"
RATE_LIMITS = {
    # Signing in as one person, and by address or person whatever else guesses or makes accounts.
    "auth": env.rate("RATE_LIMIT_AUTH", default="10/m"),
    # Signing in from one address, whoever it is: a classroom begins together.
    "sign_in": env.rate("RATE_LIMIT_SIGN_IN", default="120/m"),
    "write": env.rate("RATE_LIMIT_WRITE", default="60/m"),
    "read": env.rate("RATE_LIMIT_READ", default="300/m"),
}
# How much more all signed-in users at one address may do together than each of them: a classroom has one address.
RATE_LIMIT_SHARED_FACTOR = 20
# django-ratelimit wants a cache shared between processes. The embedded default is one process with threads, where
# local memory is exact (E003); with REDIS_URL the counters live in Redis through our own subclass (W001).
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
# How old a windowed board may be.
LEADERBOARD_WINDOW_AGE = timedelta(minutes=15)
# How old the count may be of which `rarity_percent` is made.
RARITY_AGE = timedelta(minutes=15)
# Called with the profiles whenever running totals are saved: leaderboards outside the database follow.
TOTALS_OBSERVERS = ["gamification.leaderboards.projection.follow_totals"]
# What says when a learner reached a threshold: each module for the metrics whose rows it keeps.
METRIC_HISTORIES = [
    "gamification.ledger.when_reached.of_ledger",
    "gamification.streaks.when_reached.of_streaks",
    "gamification.earnables.when_reached.of_unlocks",
    "tracking.maintenance.when_reached.of_tracking",
]

# An adjustment of more XP than this, either way, takes a second person in the admin.
XP_APPROVAL_ABOVE = env.integer("XP_APPROVAL_ABOVE", default=1000)

# --- Tracking ---------------------------------------------------------------------------------------------------------

DAY = 86_400  # seconds
YEAR = 365  # days
ENABLE_SERVER_SIDE_TRACKING = env.boolean("ENABLE_SERVER_SIDE_TRACKING", default=True)
SERVER_SIDE_TRACKING_PERCENT = env.percent("SERVER_SIDE_TRACKING_PERCENT", default=100)
SESSION_RESTART_WINDOW = timedelta(seconds=env.integer("SESSION_RESTART_SECONDS", default=5, maximum=DAY))
SESSION_MAX_AGE = timedelta(hours=env.integer("SESSION_MAX_HOURS", default=24, minimum=1, maximum=YEAR * 24))
DUPLICATE_WINDOW = timedelta(seconds=env.integer("DUPLICATE_SECONDS", default=10, maximum=DAY))
EVENT_MAX_AGE = timedelta(days=env.integer("EVENT_MAX_AGE_DAYS", default=30, maximum=10 * YEAR))
EVENT_MAX_AHEAD = timedelta(minutes=env.integer("EVENT_MAX_AHEAD_MINUTES", default=5, maximum=24 * 60))
IDEMPOTENCY_KEY_LIFETIME = timedelta(days=30)
# What a client may send about a completion: key -> (kind, largest value or length); see tracking/recording/metadata.py.
COMPLETION_METADATA = {
    "hints_used": ("whole_number", 10_000),
    "mistakes": ("whole_number", 10_000),
    "words_learned": ("whole_number", 500),
    "conversations": ("whole_number", 50),
    "language": ("language_tag", 35),
    "client_version": ("text", 40),
}
# A completion in an hour that has paid this much XP already is held for staff; none by default.
XP_PER_HOUR_CEILING = env.integer("XP_PER_HOUR_CEILING", default=None)

# --- Logs -------------------------------------------------------------------------------------------------------------

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "skillquest.api.middleware.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", default="INFO", choices=LOG_LEVELS)},
}
