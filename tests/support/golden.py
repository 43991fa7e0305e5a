"""The golden calls of tests/calls."""

from dataclasses import replace
from datetime import datetime

import yaml

from ivr.cli.common import endpoint_of
from ivr.config import shapes, source
from ivr.config.shipped import shipped
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.model.closure import Closure
from ivr.model.files import CLOSURE
from ivr.model.municipality import Municipality
from ivr.model.trial_call import names_of
from support.homes import HERE, TOWN, make_home
from support.web import reach

CALLS = sorted((HERE / "calls").glob("*.yaml"))


class Golden:
    """One file: who calls which number when, which keys, what the far ends do; and how the call goes.

    `closed` is what config/closed.yaml holds meanwhile; `contacts` are those of Voorbeeldstad instead of the
    shipped ones; `erases` is whether our account is configured.
    """

    def __init__(self, file, line):
        self.told = yaml.safe_load(file.read_text("utf-8"))
        self.closed = yaml.safe_dump(self.told["closed"]) if "closed" in self.told else None
        if self.closed:
            closure, _ = shapes.read(source.parse(self.closed, CLOSURE), Closure)
            line = replace(line, closure=closure.within(line.settings.timezone))
        self.town = self._town() if "contacts" in self.told else None
        if self.town:
            municipality, _ = shapes.read(source.parse(self.town, TOWN), Municipality)
            line = replace(line, municipalities={**line.municipalities, "voorbeeldstad": municipality})
        self.erases = self.told.get("erases", False)
        self.line = replace(line, erases=self.erases)
        self.dialled = endpoint_of(self.told.get("to", "+31 20 000 00 01"))
        self.caller = endpoint_of(self.told.get("from", "+31 20 000 01 99"))
        moment = datetime.fromisoformat(self.told["at"])
        self.moment = moment if moment.tzinfo else moment.replace(tzinfo=line.settings.timezone)
        self.municipality = line.municipality_dialled(self.dialled) or next(
            iter(line.municipalities.values())
        )

    def _town(self):
        """The file of Voorbeeldstad with the contacts of this call."""
        text = (shipped() / TOWN).read_text("utf-8")
        return yaml.safe_dump(
            yaml.load(text, yaml.BaseLoader) | {"contacts": self.told["contacts"]}  # noqa: S506
        )

    def person(self):
        return ScriptedCaller(self.told.get("keys", ""))

    def far_end(self):
        groups = {contact.number: "contacts" for contact in self.municipality.contacts}
        for word, destination in self.line.settings.destinations.items():
            groups |= dict.fromkeys(destination.numbers, word)
        return ScriptedFarEnd(self.told.get("far end", {}), groups)

    def names(self):
        return names_of(self.line, self.municipality)

    def home(self, home, folder):
        """A home as the file tells: the given one, or one of its own with the same audio."""
        if self.closed is None and self.town is None:
            return home
        made = make_home(folder)
        made.audio.symlink_to(home.audio)
        for file, text in ((CLOSURE, self.closed), (TOWN, self.town)):
            if text is not None:
                (made.root / file).write_text(text, "utf-8")
        return made

    def played_on(self, home, **more):
        return self.played_over(reach(home, self.moment, erases=self.erases, **more))

    def played_over(self, reached):
        shown = frozenset({self.municipality.shown})
        exchange = Exchange(reached, self.far_end(), self.names(), shown)
        return steps(exchange.call(self.caller, self.dialled, self.person()))
