"""Fetches the console's design system with npm, and writes what is used of it to ivr/console/static/vendor.

Run by `make vendor`. Of each package it takes the rules of the components named in vendor.toml, and of the
design tokens those that these rules, or our own style sheets, refer to. So the style sheet stays small.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tomllib
from base64 import b64encode
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import tinycss2

HERE = Path(__file__).parent
STATIC = HERE.parent / "ivr/console/static"
VENDOR = STATIC / "vendor"
REFERENCE = re.compile(r"var\(\s*(--[\w-]+)")
ORIGIN = """# Origin

Written by `make vendor` from the npm packages below. Each has its licence file (EUPL-1.2) beside its style
sheet. Nothing is changed in what is taken. What is not used is left out: components that `tools/vendor.toml`
does not name, rules with an image inside (`url(data:…)`, which the Content-Security-Policy forbids), and
design tokens to which no rule refers. Our own colours and fonts are in `../theme.css`.

| package | version | file | sha512 of the package |
|---|---|---|---|
"""


def fetch(package, folder):
    """Return the files of a package, read from its tarball. Ends the program where the sum differs."""
    npm = which("npm") or sys.exit("npm is missing (Debian: npm). Install it, and try again.")
    wanted = f"{package['name']}@{package['version']}"
    command = [npm, "pack", "--silent", "--pack-destination", folder, wanted]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
    path = Path(folder) / name
    found = b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != package["sha512"]:
        sys.exit(f"{wanted} is another file than before: its sum is {found}. Nothing is written.")
    with tarfile.open(path) as tar:
        return {
            part: tar.extractfile(f"package/{part}").read().decode()
            for part in (package["css"], package["licence"])
        }


def rules(css):
    return tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)


def of_components(css, components):
    """Return the rules of a style sheet that are about one of the components."""
    names = "|".join(map(re.escape, components))
    wanted = re.compile(rf"\.utrecht-(?:{names})(?![\w-])|\.utrecht-(?:{names})(?=--|__)")
    return "\n".join(filter(None, (_chosen(rule, wanted) for rule in rules(css))))


def _chosen(rule, wanted):
    if rule.type == "qualified-rule":
        selectors = tinycss2.serialize(rule.prelude)
        text = rule.serialize()
        other_ways = all(re.search("html-table|rich-text", each) for each in selectors.split(","))
        return text if wanted.search(selectors) and not other_ways and "url(" not in text else ""
    if rule.type == "at-rule" and rule.content and rule.lower_at_keyword in {"media", "supports"}:
        inside = "".join(_chosen(each, wanted) for each in tinycss2.parse_rule_list(rule.content))
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}" if inside else ""
    return ""


def of_tokens(css, others):
    """Return the tokens of a theme that other style sheets refer to, directly or through other tokens."""
    (theme,) = (rule for rule in rules(css) if rule.type == "qualified-rule")
    declared = {
        each.name: tinycss2.serialize(each.value).strip()
        for each in tinycss2.parse_declaration_list(theme.content, skip_comments=True, skip_whitespace=True)
        if each.type == "declaration"
    }
    wanted, waiting = set(), set(REFERENCE.findall(others))
    while waiting:
        name = waiting.pop()
        if name in declared and name not in wanted:
            wanted.add(name)
            waiting |= set(REFERENCE.findall(declared[name]))
    # The last pass of the loop may leave names that no token has: a rule then uses its own default.
    lines = "".join(f"  {name}: {value};\n" for name, value in declared.items() if name in wanted)
    return f"{tinycss2.serialize(theme.prelude).strip()} {{\n{lines}}}\n"


def notice(css):
    """Return the comments with a copyright at the start of a style sheet."""
    return "\n".join(sorted(set(re.findall(r"/\*\*\n \* @license.*?\*/", css, re.DOTALL))))


def main():
    packages = tomllib.loads((HERE / "vendor.toml").read_text("utf-8"))["package"]
    taken, origin = {}, ORIGIN
    with TemporaryDirectory() as folder:
        for package in packages:
            files = fetch(package, folder)
            css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", files[package["css"]])
            if components := package.get("components"):
                chosen = notice(css) + "\n" + of_components(css, components)
            elif package.get("tokens"):
                own = "".join(each.read_text("utf-8") for each in sorted(STATIC.glob("*.css")))
                chosen = of_tokens(css, own + "".join(text for text, _ in taken.values()))
            else:
                chosen = css
            taken[package["folder"]] = (chosen.strip() + "\n", files[package["licence"]])
            origin += (
                f"| {package['name']} | {package['version']} | `{package['css']}` | `{package['sha512']}` |\n"
            )
    for name, (css, licence) in taken.items():
        (VENDOR / name).mkdir(parents=True, exist_ok=True)
        (VENDOR / name / f"{name}.css").write_text(css, "utf-8")
        (VENDOR / name / "LICENSE.md").write_text(licence, "utf-8")
    (VENDOR / "ORIGIN.md").write_text(origin, "utf-8")


if __name__ == "__main__":
    main()
