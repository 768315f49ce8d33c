"""The results of checks as JUnit's XML, the form in which build systems take test reports."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TextIO
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, not even escaped (XML 1.0, 2.2)."""
_FAILURES = {"fail": "failure", "error": "error"}


class JUnit:
    """One test suite: a test case for each check, skipped where it has no verdict of its own."""

    def __init__(self, out: TextIO) -> None:
        self._out = out.buffer
        self._cases: list[str] = []
        self._counts = dict.fromkeys(("failure", "error", "skipped"), 0)

    def begin(self) -> None:
        """Nothing can be written before the counts are known."""

    def records(self, block: bytes) -> None:
        """Take results and gaps."""
        for line in block.splitlines():
            record = json.loads(line)
            if record["kind"] == "check_result":
                self._add(record)
            elif record["kind"] == "gap":
                self._case(record["subject"], "gap", self._element("error", f"{record['reason']}: {record['detail']}"))

    def close(self, closing: Mapping[str, Any]) -> None:
        """Take an error of the section as one of the suite."""
        if closing["error"]:
            self._case("section", closing["status"], self._element("error", closing["error"]))

    def end(self) -> None:
        """Write the suite."""
        counts = self._counts
        head = (
            f'<testsuite name="stocktake compliance" tests="{len(self._cases)}" failures="{counts["failure"]}" '
            f'errors="{counts["error"]}" skipped="{counts["skipped"]}">'
        )
        lines = ('<?xml version="1.0" encoding="UTF-8"?>', head, *self._cases, "</testsuite>", "")
        self._out.write("\n".join(lines).encode("utf-8", "replace"))
        self._out.flush()

    def _add(self, record: Mapping[str, Any]) -> None:
        told = f"expected: {record['expected']}; found: {record['found']}; where: {', '.join(record['where']) or '-'}"
        verdict = record["verdict"]
        inner = ""
        if verdict in _FAILURES:
            inner = self._element(_FAILURES[verdict], told)
        elif verdict != "pass":
            inner = self._element("skipped", f"{verdict}: {record['waiver'] or told}")
        self._case(f"{record['benchmark']}.{record['section']}", f"{record['check']}: {record['title']}", inner)

    def _case(self, group: str, name: str, inner: str) -> None:
        self._cases.append(f"  <testcase classname={_quoted(group)} name={_quoted(name)}>{inner}</testcase>")

    def _element(self, name: str, message: str) -> str:
        self._counts[name] += 1
        return f"<{name} message={_quoted(message)}/>"


def _quoted(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))
