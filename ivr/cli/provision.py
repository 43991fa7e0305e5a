"""`ivr provision`: what the Twilio account must say so that calls reach the line."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from twilio.rest import Client

from ivr import translations
from ivr.account.client import FAILURES, NotConfigured, client
from ivr.account.owned import change, owned
from ivr.account.plan import Plan, PlannedChange, Problem, plan
from ivr.account.troubles import is_final, problem
from ivr.cli.common import Context, in_context, public_address
from ivr.cli.reading import line_or_exit
from ivr.model.numbers import written


@click.command()
@click.option("--apply", "applies", is_flag=True, help="Make the changes; without this nothing is changed.")
@click.option("--public-url", help="The line's public address.  [default: IVR_PUBLIC_URL, or public_url]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@in_context
def provision(context: Context, applies: bool, public_url: str | None, as_json: bool) -> None:
    """Compare the Twilio account with what the configuration needs of it, and tell what must change.

    Needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or TWILIO_API_KEY and TWILIO_API_SECRET), and a public
    address. Looks at every number and SIP domain of every municipality, examples left out.
    Exits with 1 where a problem remains that needs somebody.
    """
    line = line_or_exit(context)
    address = public_address(context, line, public_url)
    if not address:
        raise click.UsageError(context.say("public-url-missing"))
    try:
        account = client(context.env)
    except NotConfigured:
        raise click.UsageError(context.say("not-configured")) from None
    outcome = Outcome(context, address, applies)
    try:
        outcome.plan = plan(line, address, owned(account))
    except FAILURES as error:
        outcome.problems.append(problem(error))
    try:
        _apply(account, outcome, quiet=as_json)
    finally:
        # Also after Ctrl-C: whoever stopped it wants to know how far it came.
        outcome.print_json() if as_json else outcome.print()
    sys.exit(1 if outcome.problems or outcome.plan.problems else 0)


def _apply(account: Client, outcome: "Outcome", *, quiet: bool) -> None:
    """Make the changes, if they are to be made; after one refusal the rest is still done."""
    for entry in outcome.steps(quiet=quiet):
        try:
            change(account, entry)
        except FAILURES as error:
            outcome.problems.append(problem(error))
            if is_final(outcome.problems[-1]):
                return
        else:
            outcome.done.append(entry)


@dataclass(slots=True)
class Outcome:
    """What was found and what was done, and how it is told."""

    context: Context
    address: str
    applies: bool
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    done: list[PlannedChange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What went wrong on the way."""

    def steps(self, *, quiet: bool) -> Iterator[PlannedChange]:
        """The entries that are to be changed, one by one; none where nothing is to be applied."""
        if not (self.applies and self.plan.changes):
            return
        if quiet or not sys.stderr.isatty():
            yield from self.plan.changes
            return
        label = self.context.say("provision-applying")
        with click.progressbar(self.plan.changes, label=label, file=sys.stderr) as bar:
            yield from bar

    def print(self) -> None:
        for entry in self.plan.entries:
            self._print_entry(entry)
        self._print_problems([*self.plan.problems, *self.problems])
        if self.applies and self.plan.changes:
            for entry in self.plan.changes:
                name = "provision-done" if entry in self.done else "provision-not-done"
                click.echo(self.context.say(name, **_about(entry)))
        if summary := self._summary():
            click.echo(summary)

    def _print_entry(self, entry: PlannedChange) -> None:
        click.secho("{municipalities} · {address}".format_map(_about(entry)), bold=True)
        if not entry.changes:
            click.echo(f"  {self.context.say('provision-in-place')}")
        empty = self.context.say("provision-empty")
        for each in entry.changes:
            setting = self.context.say(f"setting-{each.setting}")
            click.echo(f"  {setting}: {each.now or empty} → {each.wanted or empty}")
        if entry.bare:
            click.echo(f"  {self.context.say('provision-bare')}")
        click.echo()

    def _print_problems(self, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        click.secho(self.context.say("provision-problems"), bold=True)
        for each in problems:
            told = _told(each, self.context)
            click.echo(f"  {told['fact']}\n    {self.context.say('what-to-do', remedy=told['remedy'])}")
        click.echo()

    def _summary(self) -> str:
        entries, changes = self.plan.entries, self.plan.changes
        if not changes and (self.problems or self.plan.problems):
            return ""
        if not entries:
            return self.context.say("provision-nobody")
        if not changes:
            return self.context.say("provision-well", entries=len(entries))
        if self.applies:
            return self.context.say("provision-applied", done=len(self.done), entries=len(changes))
        count = sum(len(entry.changes) for entry in changes)
        return self.context.say("provision-planned", changes=count, entries=len(changes))

    def print_json(self) -> None:
        told = {
            "public_url": self.address,
            "entries": [self._as_dict(entry) for entry in self.plan.entries],
            "problems": [_told(each, self.context) for each in [*self.plan.problems, *self.problems]],
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))

    def _as_dict(self, entry: PlannedChange) -> dict[str, Any]:
        return {
            "kind": entry.owned.kind,
            "address": entry.owned.name,
            "municipalities": entry.municipalities,
            "bare": entry.bare,
            "changes": [
                {"setting": each.setting, "now": each.now, "wanted": each.wanted} for each in entry.changes
            ],
            "done": entry in self.done,
        }


def _about(entry: PlannedChange) -> dict[str, str]:
    name = entry.owned.name
    shown = written(name) if entry.owned.kind == "number" else name
    return {"address": shown, "municipalities": ", ".join(entry.municipalities)}


def _told(problem: Problem, context: Context) -> dict[str, str]:
    return {
        "code": problem.code,
        "fact": translations.diagnosis(problem.code, "fact", context.language, **problem.values),
        "remedy": translations.diagnosis(problem.code, "do", context.language, **problem.values),
    }
