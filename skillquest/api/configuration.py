"""The settings of REST framework, drf-spectacular and cors-headers. None of them depends on the environment."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "skillquest.machines.authentication.ServerKeyAuthentication",
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

SPECTACULAR = {
    "TITLE": "SkillQuest",
    "DESCRIPTION": "Learning sessions and level completions, recorded once, turned into XP that explains itself.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "levels.choices.Kind",
        "LearnerKindEnum": "gamification.models.LearnerKind",
        "QuestionKindEnum": "levels.choices.QuestionKind",
        "DifficultyEnum": "levels.choices.Difficulty",
        "DifficultyNameEnum": "levels.choices.DIFFICULTY_NAMES",
        "DayStatusEnum": "gamification.streaks.status.DAY_STATUSES",
        "LevelStatusEnum": "tracking.progress.levels.STATUSES",
        "ReasonEnum": "gamification.models.LedgerEntry.Reason",
        "TrustEnum": "gamification.models.Trust",
        "BoardTrustEnum": "gamification.models.BoardPolicy.Trust",
        "LockReasonEnum": "levels.errors.LOCK_REASONS",
        "AttemptStatusEnum": "tracking.attempts.services.STATUSES",
        "TakenEventStatusEnum": "tracking.sync.serializers.TAKEN",
        "RejectedEventStatusEnum": "tracking.sync.serializers.REJECTED",
        "LevelCompletionEventTypeEnum": "tracking.sync.serializers.LEVEL_COMPLETION",
        "SessionEventTypeEnum": "tracking.sync.serializers.SESSION",
        "TrainingStatusEnum": "tracking.training.services.STATUSES",
    },
    "TAGS": [
        {"name": name}
        for name in (
            *("Account", "Levels", "Sessions", "Offline", "Challenges", "Plays", "Training"),
            *("XP", "Streaks", "Achievements", "Badges", "Leaderboards", "Why?", "Users", "Learners", "Events"),
            "Metrics",
            "Practice",
        )
    ],
    "PREPROCESSING_HOOKS": ["skillquest.api.schema.hooks.only_described_paths"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "skillquest.api.schema.hooks.complete",
    ],
}

# What pages of CORS_ALLOWED_ORIGINS may send and read. SkillQuest-Learner is missing on purpose: it goes with a server
# key, and a key in a page would be everybody's.
CROSS_ORIGIN = {
    "CORS_URLS_REGEX": r"^/api/",
    "CORS_ALLOW_CREDENTIALS": False,
    "CORS_ALLOW_METHODS": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "CORS_ALLOW_HEADERS": [
        *("accept", "accept-language", "authorization", "content-type"),
        *("idempotency-key", "if-match", "if-none-match", "x-request-id"),
    ],
    "CORS_EXPOSE_HEADERS": [
        *("Content-Disposition", "Date", "Deprecation", "ETag", "Idempotent-Replayed", "Link", "Location"),
        *("RateLimit", "RateLimit-Policy", "Retry-After", "Sunset", "WWW-Authenticate", "X-Request-ID"),
    ],
    "CORS_PREFLIGHT_MAX_AGE": 7_200,  # seconds; the longest time that Chromium keeps one
}
