"""The word that a person probably meant by one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SETTINGS: Final = {
    "name": "naam gemeente functie",
    "number": "nummer telefoon telefoonnummer tel phone mobiel gsm",
    "numbers": "nummers nummer telefoon telefoonnummers phones",
    "hours": "uren uur tijden tijd openingstijden werktijden dagen days times openinghours",
    "holidays": "feestdagen feestdag holiday",
    "confirmed": "bevestigd nagekeken gecontroleerd gebeld controle checked",
    "contacts": "contacten contactpersonen contactpersoon telefoonlijst persons",
    "closed": "gesloten dicht vrij vrijedagen sluitingsdagen closing",
    "callers": "bellers medewerkers",
    "dialled": "gekozen lijn lijnnummer dialed",
    "caller_id": "nummerweergave afzender callerid",
    "accept": "aannemen accepteren opnemen",
    "ring": "overgaan rinkelen seconden bellen",
    "example": "voorbeeld",
    "fallback": "noodtekst terugval",
    "ring_check": "nakijken ringcheck",
    "from": "vanaf van begin",
    "until": "tot einde totenmet",
    "away": "afwezig afwezigheid vakantie weg verlof absent",
    "mail": "email e-mail mailadres",
    "language": "taal",
    "timezone": "tijdzone",
    "tries": "pogingen keren",
    "silence": "stilte",
    "talk": "gesprek gespreksduur duur",
    "voices": "stemmen stem",
    "destinations": "bestemmingen",
    "anonymous": "anoniem",
    "reason": "reden",
    "since": "sinds",
    "say": "zeg tekst",
    "keys": "toetsen",
    "go": "naar ga",
    "dial": "bel",
    "unreached": "nietbereikt",
    "start": "begin",
    "always": "altijd",
    "listen": "luister luistert luisteren adres poort",
    "peers": "centrales centrale toegestaan",
    "as": "als bekendals",
    "address": "adres ip ipadres",
    "lines": "lijnen toestellen internenummers",
    "routes": "routes doorschakelen omleidingen",
    "register": "aanmelden registreren registratie",
    "account": "accountnaam gebruiker",
    "login": "inlognaam aanmeldnaam",
    "calls": "gesprekken tegelijk",
    "practice": "oefenen oefening oefenlijn",
}
"""Setting → words, in Dutch and English, that people write for it."""


def meant(text: str, known: Iterable[str]) -> str | None:
    """Return the known word that is meant by a text: one that people use for it, or the most similar."""
    word, words = text.strip(" -:\"'“”").lower(), list(known)
    for setting in words:
        if (
            setting in {word, word.partition(" ")[0]}
            or word.replace(" ", "") in _SETTINGS.get(setting, "").split()
        ):
            return setting
    near = get_close_matches(text, words, n=1, cutoff=0.6) or get_close_matches(word, words, n=1, cutoff=0.6)
    return near[0] if near else None
