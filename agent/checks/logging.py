"""Checks of journald, rsyslog, and the files that they write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import journald, log_files, manual, package, rsyslog, unit
from agent.checks.predicates.combine import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule, Value

_LOST = "Messages are lost, and with them what happened."
_JOURNALD = "Set it in [Journal] of a file in /etc/systemd/journald.conf.d, and restart systemd-journald."
_RSYSLOG = "Change it in /etc/rsyslog.conf or a file of /etc/rsyslog.d, and restart rsyslog."


def _one_system() -> Rule:
    other = unit.off("syslog-ng.service")
    return any_of(all_of(unit.on("rsyslog.service"), other), all_of(unit.on("systemd-journald.service"), other))


def _uploads() -> Rule:
    keys = ("URL", "ServerKeyFile", "ServerCertificateFile", "TrustedCertificateFile")
    return all_of(*(journald.upload(key) for key in keys))


def _check(name: str, title: str, why: str, fix: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(name, title, why, fix, rule, parameters)


def _journal(name: str, key: str, value: str, why: str) -> Check:
    rule = partial(journald.journal, key)
    return _check(f"journald_{name}", f"{key} of journald is {value}", why, _JOURNALD, rule, wanted=value)


def _review(name: str, what: str, why: str, *where: str) -> Check:
    return Check(
        name, what, why, "Look at the files, and change what is not as wanted.", partial(manual.review, what, where)
    )


CHECKS = (
    _review(
        "journald_access_reviewed",
        "Journals are readable for those alone who may",
        "Messages hold what users do, and now and then their passwords.",
        *("/etc/tmpfiles.d/systemd.conf", "/usr/lib/tmpfiles.d/systemd.conf"),
    ),
    _review(
        "journald_rotation_reviewed",
        "Journals are kept as long as the site's policy asks, and no longer",
        _LOST,
        *("/etc/systemd/journald.conf", "/etc/systemd/journald.conf.d/*.conf"),
    ),
    _review(
        "rsyslog_rules_reviewed",
        "rsyslog keeps what the site's policy asks for",
        _LOST,
        *("/etc/rsyslog.conf", "/etc/rsyslog.d/*.conf"),
    ),
    _review(
        "logrotate_reviewed",
        "Logs are kept as long as the site's policy asks, and no longer",
        _LOST,
        *("/etc/logrotate.conf", "/etc/logrotate.d/*"),
    ),
    _check(
        "journald_runs",
        "journald is enabled and runs",
        _LOST,
        "Unmask systemd-journald, and start it.",
        partial(unit.on, "systemd-journald.service"),
    ),
    _check(
        "one_log_system",
        "One log system is in use",
        "Messages are kept twice, or part of them where nobody looks.",
        "Choose journald or rsyslog, and stop the others.",
        _one_system,
    ),
    _check(
        "package_journal_remote_installed",
        "systemd-journal-remote is installed",
        "The journal cannot be sent to another host, so that who becomes root can wipe all of it.",
        "Install the package systemd-journal-remote.",
        partial(package.installed, "systemd-journal-remote"),
    ),
    _check(
        "journal_upload_configured",
        "journald sends to another host, encrypted",
        "Whoever becomes root can wipe all of the journal.",
        "Set URL and the files of keys in [Upload] of /etc/systemd/journal-upload.conf.",
        _uploads,
    ),
    _check(
        "journal_upload_runs",
        "systemd-journal-upload is enabled and runs",
        "Whoever becomes root can wipe all of the journal.",
        "Enable systemd-journal-upload.service, and start it.",
        partial(unit.on, "systemd-journal-upload.service"),
    ),
    _check(
        "journal_remote_off",
        "The host takes no journals from others",
        "Others could fill the disk, and pretend what happened.",
        "Mask systemd-journal-remote.socket and its service.",
        partial(unit.masked, "systemd-journal-remote.socket"),
    ),
    _journal("forwards_not", "ForwardToSyslog", "no", "Messages are kept twice, once where nobody looks after them."),
    _journal("forwards", "ForwardToSyslog", "yes", "rsyslog does not see messages of the journal."),
    _journal("compresses", "Compress", "yes", "Large messages push out others."),
    _journal("persists", "Storage", "persistent", "Messages are lost when the host is started again."),
    _check(
        "package_rsyslog_installed",
        "rsyslog is installed",
        _LOST,
        "Install the package rsyslog.",
        partial(package.installed, "rsyslog"),
    ),
    _check(
        "rsyslog_runs",
        "rsyslog is enabled and runs",
        _LOST,
        "Enable rsyslog.service, and start it.",
        partial(unit.on, "rsyslog.service"),
    ),
    _check(
        "rsyslog_create_mode",
        "rsyslog makes log files that are closed to others",
        "Messages hold what users do, and now and then their passwords.",
        _RSYSLOG,
        rsyslog.create_mode,
        mode="0640",
    ),
    _check(
        "rsyslog_forwards",
        "rsyslog sends messages to another host",
        "Whoever becomes root can wipe all of them.",
        _RSYSLOG,
        rsyslog.forwards,
    ),
    _check(
        "rsyslog_does_not_listen",
        "rsyslog takes no messages from the network",
        "Others could fill the disk, and pretend what happened.",
        _RSYSLOG,
        rsyslog.does_not_listen,
    ),
    _check(
        "log_files_closed",
        "Files below /var/log are closed to others",
        "Messages hold what users do, and now and then their passwords.",
        "Use chmod, chown and chgrp, and make logrotate and the programs that write them keep it so.",
        log_files.closed,
    ),
    _check(
        "rsyslog_files_closed",
        "Files that rsyslog writes are root's alone",
        "Messages hold what users do, and now and then their passwords.",
        "Use chmod, chown and chgrp.",
        partial(rsyslog.files_of, "root", "root"),
        mode="0640",
    ),
)
