"""`ivr provision`: compares the settings of the Twilio account with the configuration, and changes them."""

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
from ivr.account.plan import Plan, PlanEntry, Problem, plan
from ivr.account.troubles import is_final, problem
from ivr.cli.common import Context, in_context, public_url_of
from ivr.cli.reading import line_or_exit
from ivr.model.numbers import written


@click.command()
@click.option("--apply", "applies", is_flag=True)
@click.option("--public-url")
@click.option("--json", "as_json", is_flag=True)
@in_context
def provision(context: Context, applies: bool, public_url: str | None, as_json: bool) -> None:
    """Compare the Twilio account with what the configuration needs. Exits with 1 where a problem remains."""
    line = line_or_exit(context)
    url = public_url_of(context, line, public_url)
    if not url:
        raise click.UsageError(context.say("public-url-missing"))
    try:
        account = client(context.env)
    except NotConfigured:
        raise click.UsageError(context.say("not-configured")) from None
    provisioning = Provisioning(context, url, applies)
    try:
        provisioning.plan = plan(line, url, owned(account))
    except FAILURES as error:
        provisioning.problems.append(problem(error))
    try:
        _apply(account, provisioning, quiet=as_json)
    finally:
        # Printed after Ctrl-C too, as some changes were made already.
        provisioning.print_json() if as_json else provisioning.print()
    sys.exit(1 if provisioning.problems or provisioning.plan.problems else 0)


def _apply(account: Client, provisioning: "Provisioning", *, quiet: bool) -> None:
    """Make the planned changes, each also after an error in another; stop at an error that is final."""
    for entry in provisioning.steps(quiet=quiet):
        try:
            change(account, entry)
        except FAILURES as error:
            provisioning.problems.append(problem(error))
            if is_final(provisioning.problems[-1]):
                return
        else:
            provisioning.done.append(entry)


@dataclass(slots=True)
class Provisioning:
    """The plan, the changes made and the problems; prints them."""

    context: Context
    public_url: str
    applies: bool
    """Whether to make the changes."""
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    done: list[PlanEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Errors while the account was read or changed; `plan.problems` has those of the plan."""

    def steps(self, *, quiet: bool) -> Iterator[PlanEntry]:
        """Yield the changes to make; none without --apply. On a terminal show a progress bar."""
        if not (self.applies and self.plan.changes):
            return
        if quiet or not sys.stderr.isatty():
            yield from self.plan.changes
            return
        label = self.context.say("provision-applying")
        with click.progressbar(self.plan.changes, label=label, file=sys.stderr) as bar:
            yield from bar

    def print(self) -> None:
        """Print the plan, the problems, and with --apply what was done."""
        for entry in self.plan.entries:
            self._print_entry(entry)
        self._print_problems([*self.plan.problems, *self.problems])
        if self.applies and self.plan.changes:
            for entry in self.plan.changes:
                name = "provision-done" if entry in self.done else "provision-not-done"
                click.echo(self.context.say(name, **_values(entry)))
        if summary := self._summary():
            click.echo(summary)

    def _print_entry(self, entry: PlanEntry) -> None:
        click.secho("{municipalities} · {address}".format_map(_values(entry)), bold=True)
        if not entry.changes:
            click.echo(f"  {self.context.say('provision-in-place')}")
        empty = self.context.say("provision-empty")
        for each in entry.changes:
            setting = self.context.say(f"setting-{each.setting}")
            click.echo(f"  {setting}: {each.now or empty} → {each.wanted or empty}")
        if entry.lacks_fallback:
            click.echo(f"  {self.context.say('provision-without-fallback')}")
        click.echo()

    def _print_problems(self, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        click.secho(self.context.say("provision-problems"), bold=True)
        for each in problems:
            shown = _as_dict(each, self.context)
            remedy = self.context.say("what-to-do", remedy=shown["remedy"])
            click.echo(f"  {shown['fact']}\n    {remedy}")
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
        """Print the same as JSON."""
        shown = {
            "public_url": self.public_url,
            "entries": [self._entry_as_dict(entry) for entry in self.plan.entries],
            "problems": [_as_dict(each, self.context) for each in [*self.plan.problems, *self.problems]],
        }
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))

    def _entry_as_dict(self, entry: PlanEntry) -> dict[str, Any]:
        return {
            "kind": entry.owned.kind,
            "address": entry.owned.name,
            "municipalities": entry.municipalities,
            "lacks_fallback": entry.lacks_fallback,
            "changes": [
                {"setting": each.setting, "now": each.now, "wanted": each.wanted} for each in entry.changes
            ],
            "done": entry in self.done,
        }


def _values(entry: PlanEntry) -> dict[str, str]:
    name = entry.owned.name
    shown = written(name) if entry.owned.kind == "number" else name
    return {"address": shown, "municipalities": ", ".join(entry.municipalities)}


def _as_dict(problem: Problem, context: Context) -> dict[str, str]:
    return {
        "code": problem.code,
        "fact": translations.diagnosis(problem.code, "fact", context.language, **problem.values),
        "remedy": translations.diagnosis(problem.code, "do", context.language, **problem.values),
    }
