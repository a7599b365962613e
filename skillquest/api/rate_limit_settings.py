"""The setting RATE_LIMITS: bucket -> how much of what, in how long."""

from skillquest.environment import Environment


def rate_limits(env: Environment) -> dict[str, str]:
    return {
        # Sign-ins for one account name; also every other request, by address or user, that creates accounts or guesses.
        "auth": env.rate("RATE_LIMIT_AUTH", default="10/m"),
        # Sign-ins from one address, for all accounts: the learners of a classroom sign in together.
        "sign_in": env.rate("RATE_LIMIT_SIGN_IN", default="120/m"),
        "write": env.rate("RATE_LIMIT_WRITE", default="60/m"),
        "read": env.rate("RATE_LIMIT_READ", default="300/m"),
        # The events of a learner's batches. One batch has up to 500, so fewer would refuse it for ever.
        "events": env.rate("RATE_LIMIT_EVENTS", default="2000/10m", minimum=500),
        # Learners' pages; the admin has no limit.
        "page": env.rate("RATE_LIMIT_PAGE", default="300/m"),
        "export": env.rate("RATE_LIMIT_EXPORT", default="3/d"),
        # Of a server key, whatever the view.
        "key_write": env.rate("RATE_LIMIT_KEY_WRITE", default="600/m"),
        "key_read": env.rate("RATE_LIMIT_KEY_READ", default="3000/m"),
        # The events of its batches, which have up to 1 000.
        "key_events": env.rate("RATE_LIMIT_KEY_EVENTS", default="60000/m", minimum=1000),
    }
