"""What opens the account, as the environment has it: apart from the client, which takes long to load."""

from collections.abc import Mapping


def configured(env: Mapping[str, str]) -> bool:
    """Whether the environment names an account and opens it: by the auth token, or by an API key."""
    return bool(env.get("TWILIO_ACCOUNT_SID")) and all(way_in(env))


def way_in(env: Mapping[str, str]) -> tuple[str, str]:
    """User name and password: those of the API key, where there is one."""
    key, secret = env.get("TWILIO_API_KEY", ""), env.get("TWILIO_API_SECRET", "")
    return (
        (key, secret)
        if key and secret
        else (env.get("TWILIO_ACCOUNT_SID", ""), env.get("TWILIO_AUTH_TOKEN", ""))
    )
