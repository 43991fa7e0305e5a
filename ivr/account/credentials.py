"""The account's credentials in the environment. A module of its own, because the client is slow to import."""

from collections.abc import Mapping


def configured(env: Mapping[str, str]) -> bool:
    """Whether the environment has an account SID, and an auth token or an API key with its secret."""
    return bool(env.get("TWILIO_ACCOUNT_SID")) and all(credentials(env))


def credentials(env: Mapping[str, str]) -> tuple[str, str]:
    """Return user name and password for HTTP Basic: the API key's, or else account SID and auth token."""
    key, secret = env.get("TWILIO_API_KEY", ""), env.get("TWILIO_API_SECRET", "")
    return (
        (key, secret)
        if key and secret
        else (env.get("TWILIO_ACCOUNT_SID", ""), env.get("TWILIO_AUTH_TOKEN", ""))
    )
