"""The words of a mail about what wants doing."""

from ivr import translations
from ivr.mail.letters import Letter
from ivr.mail.matters import OPERATOR, Kind, Matter
from ivr.model import files


def subject(letter: Letter, language: str) -> str:
    """Return the subject of a mail."""
    if letter.slug == OPERATOR:
        return translations.say("mail-subject-operator", language)
    return translations.say("mail-subject", language, slug=letter.slug)


def text(letter: Letter, language: str) -> str:
    """Return the text of a mail: each matter once, with what to do about it.

    A paragraph is one line, so that no command or place is broken in two. The reader's program wraps it.
    """

    def say(name: str, **values: str) -> str:
        return translations.say(f"mail-{name}", language, **values)

    role = "operator" if letter.slug == OPERATOR else "coordinator"
    opening = [say(f"hello-{role}")]
    if letter.slug != OPERATOR:
        opening.append(say("file", file=files.municipality(letter.slug)))
    matters = dict.fromkeys(_matter(matter, letter.slug, language) for matter in letter.matters)
    known = [say("known")] if letter.known else []
    return "\n\n".join([*opening, *matters, *known, say(f"foot-{role}")]) + "\n"


def _matter(matter: Matter, slug: str, language: str) -> str:
    def say(name: str) -> str:
        return translations.say(name, language, slug=slug, place=matter.place)

    place = "" if matter.kind is Kind.FAILED else matter.place
    if place and matter.line:
        place = f"{place} ({translations.say('mail-line', language, line=matter.line)})"
    fact = say(f"mail-{matter.kind.value}")
    todo = translations.say("what-to-do", language, remedy=say(f"mail-{matter.kind.value}-do"))
    shown = f"{place}: {fact}" if place else fact
    return f"- {shown}\n  {todo}"
