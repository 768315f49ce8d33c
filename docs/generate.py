"""Writes the parts of README.md and docs/ that come from the code: python docs/generate.py [--check]."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.parser import build
from agent.config.show import written
from agent.model.keys import KEYS
from agent.model.records import HOMES, class_of
from agent.worker.collectors import load, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
EVERYTHING = "/**"
_KERNEL = ("/proc/", "/sys/")
"""Paths of what the kernel shows, where no walk goes."""


def main(words: list[str]) -> int:
    """Bring the files up to date, or with --check tell which are not."""
    stale = []
    for path in (ROOT / "README.md", ROOT / "docs" / "records.md"):
        before = path.read_text()
        after = MARK.sub(lambda match: f"{match[1]}{PARTS[match[2]]()}{match[3]}", before)
        if before != after:
            stale.append(path.name)
            if "--check" not in words:
                path.write_text(after)
    if stale:
        print(f"{'stale' if '--check' in words else 'written'}: {', '.join(stale)}")
    return 1 if stale and "--check" in words else 0


def help_block() -> str:
    """Give what `stocktake --help` and `stocktake scan --help` print."""
    return f"\n```text\n{printed(['--help'])}\n{printed(['scan', '--help'])}```\n\n"


def printed(words: list[str]) -> str:
    """Give what the parser prints for some words before it exits."""
    out = io.StringIO()
    with redirect_stdout(out):
        try:
            build().parse_args(words)
        except SystemExit:
            pass
    return out.getvalue()


def settings_table() -> str:
    """Give every setting."""
    return table(
        ("Setting", "Variable", "Default", "Meaning"),
        (
            (
                f"`{key.name}`",
                f"`{key.variable}`",
                f"`{written(key, key.default)}`",
                f"{key.help} Expected: {key.expected}.",
            )
            for key in KEYS
        ),
    )


def sections_table() -> str:
    """Give every section: what it holds, how often, under which limits."""
    rows = []
    for name in sections():
        spec = load(name).SPEC
        limits = f"{spec.memory} MiB, {spec.seconds} s"
        rows.append((f"`{name}`", spec.summary, f"{spec.every} s", limits, ", ".join(sorted(spec.needs))))
    return table(("Section", "What it holds", "Every", "At most", "Needs"), rows)


def reads_table() -> str:
    """Give all that each section reads below the root and proc."""
    rows = ((f"`{name}`", " ".join(f"`{glob}`" for glob in _distinct(load(name).SPEC.reads()))) for name in sections())
    return table(("Section", "Reads nothing but"), rows)


def _distinct(globs: Sequence[str]) -> list[str]:
    """Leave out what comes twice, and beside the walk over the whole tree what else is read in it."""
    whole = EVERYTHING in globs
    return [glob for glob in dict.fromkeys(globs) if not whole or glob.startswith(_KERNEL) or glob == EVERYTHING]


def wants_table() -> str:
    """Give the privileges that sections want, and what they miss without."""
    rows = [(f"`{want.capability}`", f"`{name}`", want.effect) for name in sections() for want in load(name).SPEC.wants]
    return table(("Capability", "Section", "Not reported without it"), rows)


def records_tables() -> str:
    """Give every kind of record with every field."""
    return "".join(record_table(kind) for kind in HOMES)


def record_table(kind: str) -> str:
    """Give the fields of one kind of record."""
    record = class_of(kind)
    lines = (record.__doc__ or "").splitlines()
    told = dict(line.strip().split(": ", 1) for line in lines[1:] if ": " in line)
    volatile = record.VOLATILE  # type: ignore[attr-defined]
    rows = [
        (f"`{field.name}`", f"`{field.type}`", "no" if field.name in volatile else "yes", told[field.name])
        for field in dataclasses.fields(record)
    ]
    key = (record.key.__doc__ or "").strip()  # type: ignore[attr-defined]
    heading = f"\n### `{kind}`\n\n{lines[0]} Key: `{key}`\n"
    return heading + table(("Field", "Type", "Part of the digest", "Meaning"), rows)


def table(heading: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]] | object) -> str:
    """Write a table in Markdown."""
    lines = [heading, tuple("---" for _ in heading), *rows]  # type: ignore[misc]
    return (
        "\n"
        + "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
        + "\n"
    )


PARTS = {
    "help": help_block,
    "settings": settings_table,
    "sections": sections_table,
    "reads": reads_table,
    "wants": wants_table,
    "records": records_tables,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
