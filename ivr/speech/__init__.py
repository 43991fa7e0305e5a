"""Text to sound: people's recordings, speech that an engine built, and the engines."""


class Unsuitable(Exception):
    """A sound file that is not decoded: longer than a clip may be, or of an unusual rate or channel count."""
