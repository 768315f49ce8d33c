"""Going into the background on hosts without systemd, with python-daemon."""

from __future__ import annotations

import os


def detach(state_dir: str, keep: tuple[int, ...]) -> None:
    """Leave the terminal and the session: on return this is the process in the background.

    What it says goes to daemon.log in the state folder. keep: Descriptors that stay open.
    """
    import daemon  # noqa: PLC0415 - loaded by those alone who ask for it

    log = os.open(
        os.path.join(state_dir, "daemon.log"),
        os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC,
        0o600,
    )
    output = os.fdopen(log, "ab", buffering=0)
    context = daemon.DaemonContext(
        working_directory="/",
        umask=0o077,
        files_preserve=[*keep, output],
        stdout=output,
        stderr=output,
        detach_process=True,
    )
    context.open()
