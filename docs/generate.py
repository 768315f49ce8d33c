"""Writes the parts of README.md and docs/ that come from the code: python docs/generate.py [--check]."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from agent.checks.engine import vocabulary
from agent.checks.engine.catalogue import checks
from agent.checks.engine.published import BENCHMARKS
from agent.cli.parser import build
from agent.config.show import written
from agent.daemon.metrics import METRICS
from agent.model.keys import KEYS
from agent.model.records import HOMES, class_of
from agent.worker.collectors import load, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.checks.engine.benchmark import Recommendation
    from agent.checks.engine.published import Benchmark

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
EVERYTHING = "/**"
_KERNEL = ("/proc/", "/sys/")
"""Paths of what the kernel shows, where no walk goes."""


def main(words: list[str]) -> int:
    """Bring the files up to date, or with --check tell which are not."""
    stale = []
    for path in (
        ROOT / "README.md",
        ROOT / "docs" / "records.md",
        ROOT / "docs" / "compliance.md",
        ROOT / "docs" / "operations.md",
    ):
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


def kinds_table() -> str:
    """Give every kind of record with its section and what it is."""
    rows = ((f"`{HOMES[kind][0]}`", f"`{kind}`", (class_of(kind).__doc__ or "").splitlines()[0]) for kind in HOMES)
    return table(("Module", "Record", "What it tells"), rows)


def metrics_table() -> str:
    """Give every metric of the daemon."""
    rows = ((f"`{name}`", kind, text) for name, (kind, text) in METRICS.items())
    return table(("Metric", "Type", "Meaning"), rows)


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


def benchmarks_table() -> str:
    """Give every benchmark: what it is, and to which systems it is applied by itself."""
    rows = (
        (
            f"`{benchmark.name}`",
            f"{benchmark.title} {benchmark.version}",
            benchmark.written_for,
            ", ".join(f"{name} {version}" for name, version in benchmark.systems),
        )
        for benchmark in BENCHMARKS.values()
    )
    return table(("Name", "Benchmark", "Written for", "Applied to"), rows)


def words_table() -> str:
    """Give the words of checks of a site's own."""
    rows = [
        (f"`{name}`", ", ".join(f"`{each}`" for each in word.takes), word.text)
        for name, word in vocabulary.WORDS.items()
    ]
    lists = (
        ("all_of", "every rule of a list holds"),
        ("any_of", "one rule of a list holds"),
        ("none_of", "no rule of a list holds"),
    )
    return table(("Word", "Takes", "Holds where"), [*rows, *((f"`{name}`", "a list", text) for name, text in lists)])


def coverage_tables() -> str:
    """Give for every benchmark that was written for a system how much of it is judged, and then every section."""
    own = [benchmark for benchmark in BENCHMARKS.values() if not benchmark.is_derived]
    shares = table(("Benchmark", "Automated", "Judged", "Part", "For a person"), map(_share, own))
    return shares + "".join(_coverage(benchmark) for benchmark in own)


def _share(benchmark: Benchmark) -> tuple[str, ...]:
    rows = list(benchmark.recommendations())
    automated = [row for row in rows if row.automated]
    judged = [row for row in automated if row.check]
    part = f"{100 * len(judged) / len(automated):.1f} %"
    return f"`{benchmark.name}`", str(len(automated)), str(len(judged)), part, str(len(rows) - len(automated))


def _coverage(benchmark: Benchmark) -> str:
    known = checks()
    rows = (
        (
            row.section,
            f"`{row.check}`" if row.check else "",
            known[row.check].told(known[row.check].title, row.parameters) if row.check else "",
            _status(row),
        )
        for row in benchmark.recommendations()
    )
    return f"\n### {benchmark.title} ({benchmark.name})\n" + table(
        ("Section", "Check", "What is wanted", "Status"), rows
    )


def _status(row: Recommendation) -> str:
    if not row.automated:
        return "for a person"
    return "judged" if row.check else "missing"


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
    "kinds": kinds_table,
    "metrics": metrics_table,
    "benchmarks": benchmarks_table,
    "words": words_table,
    "coverage": coverage_tables,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
