"""The two ways in which the backend says no: to a client over HTTP, to an operator on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refused(Exception):
    """A request that is answered with an error.

    status: HTTP status.
    error: What is wrong; never any content of the request.
    hint: What to do about it.
    have: Members that the answer carries besides, for example {"have": ...} of a 409.
    retry_after: Seconds after which to try again, for 429 and 503.
    """

    def __init__(
        self,
        status: int,
        error: str,
        hint: str,
        *,
        have: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.hint = hint
        self.have = have or {}
        self.retry_after = retry_after

    def answer(self) -> dict[str, Any]:
        """Give the JSON object to answer with."""
        return {"error": self.error, "hint": self.hint, **self.have}

    def headers(self) -> dict[str, str]:
        """Give the headers that belong to the status."""
        headers = {}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers


class Misused(Exception):
    """Something that the operator must set right: exit code 2. The text says what, where and what to do."""
