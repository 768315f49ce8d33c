"""The rules that the unit of nftables loads at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.nftables import Chain, Ruleset, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

CONFIGS = ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf")
_FOLDERS = ("/etc", "/etc/nftables", "/etc/sysconfig")
"""Where names without a directory are looked for: nft's own, and that in which the file is."""
_LIMIT = 4 * 1024 * 1024


class Loaded(NamedTuple):
    """What is loaded.

    where: The file that is loaded; None where there is none.
    """

    rules: Ruleset
    where: str | None

    def base_chains(self, hook: str) -> list[tuple[Table, Chain]]:
        """Give the base chains of a hook that filter what goes through the host."""
        return [
            (table, chain)
            for table in self.rules.tables.values()
            for chain in table.chains.values()
            if chain.base.get("hook") == hook and chain.base.get("type") == "filter" and table.family in _FILTERING
        ]

    def rules_of(self, hook: str) -> Iterator[tuple[str, ...]]:
        """Give the rules of the tables that have a base chain of a hook: of that chain, and of all it may jump to."""
        for table, chain in self.base_chains(hook):
            todo, seen = [chain], []
            while todo:
                each = todo.pop()
                if each in seen:
                    continue
                seen.append(each)
                yield from each.rules
                todo += [table.chains[name] for name in _targets(each) if name in table.chains]


_FILTERING = ("ip", "ip6", "inet")


def loaded(system: System) -> Loaded:
    """Read the first of the files that is there, with all that it includes."""
    ruleset = Ruleset(
        lambda pattern: [system.root.read(path, _LIMIT).decode("utf-8", "replace") for path in _found(system, pattern)]
    )
    for path in CONFIGS:
        if system.root.exists(path):
            ruleset.add(system.root.read(path, _LIMIT).decode("utf-8", "replace"))
            return Loaded(ruleset, path)
    return Loaded(ruleset, None)


def _found(system: System, pattern: str) -> list[str]:
    patterns = (
        [pattern] if pattern.startswith("/") else [f"{folder}/{pattern.removeprefix('./')}" for folder in _FOLDERS]
    )
    return next((found for each in patterns if (found := list(system.root.glob(each)))), [])


def _targets(chain: Chain) -> set[str]:
    return {rule[at + 1] for rule in chain.rules for at, word in enumerate(rule[:-1]) if word in ("jump", "goto")}
