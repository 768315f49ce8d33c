from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks import audit_rules
from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

PEOPLE = "-F auid>=1000 -F auid!=unset"
IDENTITY = audit_rules._IDENTITY
ACCESS = ",".join(audit_rules._ACCESS)
OPENING = "creat,open,openat,truncate,ftruncate"


def rules(*lines: str) -> Files:
    """Give one file of rules.d."""
    return {"etc/audit/rules.d/50-ours.rules": "".join(f"{line}\n" for line in lines).encode()}


def both(line: str) -> tuple[str, str]:
    """Give a rule for 64-bit and one for 32-bit programs."""
    return line.replace("ARCH", "b64"), line.replace("ARCH", "b32")


def watches(*paths: str) -> tuple[str, ...]:
    """Give the short form for some paths."""
    return tuple(f"-w {path} -p wa -k x" for path in paths)


def starts(path: str) -> str:
    """Give the usual rule for the start of a program."""
    return f"-a always,exit -F path={path} -F perm=x {PEOPLE} -k x"


CHMOD = f"-a always,exit -F arch=ARCH -S {ACCESS} {PEOPLE} -F key=x"
SUDOERS = watches("/etc/sudoers", "/etc/sudoers.d/")
TIME = (
    *both("-a always,exit -F arch=ARCH -S adjtimex,settimeofday -k time"),
    *both("-a always,exit -F arch=ARCH -S clock_settime -F a0=0x0 -k time"),
    "-w /etc/localtime -p wa -k time",
)
NETWORK = (
    *both("-a always,exit -F arch=ARCH -S sethostname,setdomainname -k x"),
    *watches("/etc/issue", "/etc/issue.net", "/etc/hosts", "/etc/network/"),
)
REFUSED = (
    *both(f"-a always,exit -F arch=ARCH -S {OPENING} -F exit=-EACCES {PEOPLE} -k x"),
    *both(f"-a always,exit -F arch=ARCH -S {OPENING} -F exit=-EPERM {PEOPLE} -k x"),
)
OTHERS = both("-a always,exit -F arch=ARCH -C euid!=uid -F auid!=unset -S execve -k x")
SUID = (
    *both("-a always,exit -F arch=ARCH -S execve -C uid!=euid -F euid=0 -k x"),
    *both("-a always,exit -F arch=ARCH -S execve -C gid!=egid -F egid=0 -k x"),
)
MODULES = (
    f"-a always,exit -F arch=b64 -S init_module,finit_module,delete_module,create_module,query_module {PEOPLE} -k x",
    starts("/usr/bin/kmod"),
)
REMOVALS = both(f"-a always,exit -F arch=ARCH -S unlink,unlinkat,rename,renameat {PEOPLE} -k x")

ROWS: list[tuple[str, Files, str]] = [
    ("audit_rules_sudoers", rules(*SUDOERS), "pass"),
    ("audit_rules_sudoers", rules(SUDOERS[0]), "fail"),
    ("audit_rules_sudoers", rules(*(f"#{line}" for line in SUDOERS)), "fail"),
    ("audit_rules_sudoers", rules("-w /etc/sudoers -p wa", "-w /etc/sudoers.d -p w"), "fail"),
    ("audit_rules_sudoers", rules("-w /etc -p rwxa -k all"), "pass"),
    ("audit_rules_sudoers", rules("-a always,exit -F dir=/etc -F perm=aw -F key=x"), "pass"),
    ("audit_rules_sudoers", rules("-a exit,always -F path=/etc/sudoers -F perm=wa", SUDOERS[1]), "pass"),
    ("audit_rules_sudoers", rules("-a always,exit -F arch=b64 -F path=/etc/sudoers -F perm=wa", SUDOERS[1]), "fail"),
    (
        "audit_rules_sudoers",
        rules(*both("-a always,exit -F arch=ARCH -S all -F path=/etc/sudoers -F perm=wa"), SUDOERS[1]),
        "pass",
    ),
    ("audit_rules_sudoers", rules("-w /etc/sudoers-p wa", SUDOERS[1]), "fail"),
    ("audit_rules_sudoers", rules("-a always,exit -F path=/etc/sudoers -F perm=wa -F uid=33", SUDOERS[1]), "fail"),
    ("audit_rules_sudoers", rules("-a never,task", *SUDOERS), "fail"),
    ("audit_rules_sudoers", rules("-a never,exit -F dir=/etc", *SUDOERS), "fail"),
    ("audit_rules_sudoers", rules(*SUDOERS, "-a never,exit -F dir=/etc"), "pass"),
    ("audit_rules_sudoers", rules(*SUDOERS, "-W /etc/sudoers -p wa -k x"), "fail"),
    ("audit_rules_sudoers", {"etc/audit/audit.rules": "\n".join(SUDOERS).encode()}, "pass"),
    ("audit_rules_sudoers", {"etc/audit/audit.rules": "\n".join(SUDOERS).encode(), **rules("-b 8192")}, "fail"),
    ("audit_rules_sudoers", {"etc/audit/rules.d/a.conf": "\n".join(SUDOERS).encode()}, "fail"),
    ("audit_rules_access_changes", rules(*both(CHMOD)), "pass"),
    ("audit_rules_access_changes", rules(both(CHMOD)[0]), "fail"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace(",fchownat", ""))), "fail"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("unset", "4294967295"))), "pass"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("unset", "-1"))), "pass"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace(PEOPLE, ""))), "pass"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("auid>=1000", "auid>999"))), "pass"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("auid>=1000", "auid>=2000"))), "fail"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("auid>=1000", "auid=0"))), "fail"),
    (
        "audit_rules_access_changes",
        rules(*both(CHMOD.replace(",", " -S ").replace("always -S exit", "always,exit"))),
        "pass",
    ),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("always,exit", "never,exit"))), "fail"),
    ("audit_rules_access_changes", rules(*both(f"-a always,exit -S {ACCESS} {PEOPLE} -F arch=ARCH")), "pass"),
    ("audit_rules_access_changes", rules(*both(CHMOD.replace("-S ", "-S fsync -S "))), "pass"),
    ("audit_rules_access_changes", {**rules(*both(CHMOD)), "etc/login.defs": b"UID_MIN 500\n"}, "fail"),
    ("audit_rules_time", rules(*TIME), "pass"),
    ("audit_rules_time", rules(*TIME[:-1]), "fail"),
    ("audit_rules_time", rules(*(line.replace("a0=0x0", "a0=0x1") for line in TIME)), "fail"),
    ("audit_rules_network", rules(*NETWORK), "pass"),
    ("audit_rules_network", rules(*NETWORK[:-1]), "fail"),
    ("audit_rules_refused_access", rules(*REFUSED), "pass"),
    ("audit_rules_refused_access", rules(*REFUSED[:2]), "fail"),
    (
        "audit_rules_refused_access",
        rules(*both(f"-a always,exit -F arch=ARCH -S {OPENING} -F success=0 {PEOPLE}")),
        "pass",
    ),
    ("audit_rules_refused_access", rules(*(line.replace("EACCES", "13") for line in REFUSED)), "pass"),
    ("audit_rules_acting_as_others", rules(*OTHERS), "pass"),
    ("audit_rules_acting_as_others", rules(*SUID), "pass"),
    ("audit_rules_acting_as_others", rules(*SUID[:2]), "fail"),
    ("audit_rules_acting_as_others", rules(OTHERS[0]), "fail"),
    ("audit_rules_sudo_log", rules(*watches("/var/log/sudo.log")), "pass"),
    ("audit_rules_sudo_log", rules(*watches("/var/log/other.log")), "fail"),
    (
        "audit_rules_sudo_log",
        {**rules(*watches("/var/log/other.log")), "etc/sudoers": b"Defaults logfile=/var/log/other.log\n"},
        "pass",
    ),
    ("audit_rules_identity", rules(*watches(*IDENTITY)), "pass"),
    ("audit_rules_identity", rules(*watches(*IDENTITY[1:])), "fail"),
    ("audit_rules_mounts", rules(*both(f"-a always,exit -F arch=ARCH -S mount {PEOPLE} -k x")), "pass"),
    ("audit_rules_mounts", rules(*both(f"-a always,exit -F arch=ARCH -S umount2 {PEOPLE} -k x")), "fail"),
    ("audit_rules_sessions", rules(*watches("/run/utmp", "/var/log/wtmp", "/var/log/btmp")), "pass"),
    ("audit_rules_sessions", rules(*watches("/var/run/utmp", "/var/log/wtmp")), "fail"),
    ("audit_rules_logins", rules(*watches("/var/log/lastlog", "/var/run/faillock")), "pass"),
    ("audit_rules_logins", rules(*watches("/var/log/lastlog")), "fail"),
    ("audit_rules_removals", rules(*REMOVALS), "pass"),
    ("audit_rules_removals", rules(REMOVALS[0]), "fail"),
    ("audit_rules_apparmor", rules(*watches("/etc/apparmor/", "/etc/apparmor.d/")), "pass"),
    ("audit_rules_apparmor", rules(*watches("/etc/apparmor")), "fail"),
    ("audit_rules_selinux", rules(*watches("/etc/selinux", "/usr/share/selinux/")), "pass"),
    ("audit_rules_selinux", rules(*watches("/etc/selinux")), "fail"),
    *(
        row
        for path in ("/usr/bin/chcon", "/usr/bin/setfacl", "/usr/bin/chacl", "/usr/sbin/usermod")
        for name in (f"audit_rules_{path.rpartition('/')[2]}",)
        for row in (
            (name, rules(starts(path)), "pass"),
            (name, rules(starts(path.replace("/usr", ""))), "pass"),
            (name, rules(starts(path).replace("perm=x", "perm=wa")), "fail"),
        )
    ),
    ("audit_rules_modules", rules(*MODULES), "pass"),
    ("audit_rules_modules", rules(*MODULES[:1]), "fail"),
    ("audit_rules_set_id_programs", {"usr/bin/su": (b"", 0o4755), **rules(starts("/usr/bin/su"))}, "pass"),
    ("audit_rules_set_id_programs", {"usr/bin/wall": (b"", 0o2755), **rules(starts("/usr/bin/su"))}, "fail"),
    ("audit_rules_set_id_programs", {"usr/bin/su": (b"", 0o4755), **rules("-w /usr/bin -p x")}, "pass"),
    ("audit_rules_in_step", {**rules(*SUDOERS), "etc/audit/audit.rules": "\n".join(SUDOERS).encode()}, "manual"),
    ("audit_rules_in_step", {**rules(*SUDOERS), "etc/audit/audit.rules": SUDOERS[0].encode()}, "fail"),
    ("audit_rules_in_step", {}, "manual"),
    ("audit_rules_immutable", rules("-b 8192", "-e 2"), "pass"),
    ("audit_rules_immutable", rules("-e 1"), "fail"),
    ("audit_rules_immutable", rules("#-e 2"), "fail"),
    ("audit_rules_immutable", {**rules("-e 2"), "etc/audit/rules.d/99-z.rules": b"-e 1\n"}, "fail"),
    ("audit_rules_immutable", {**rules("-e 1"), "etc/audit/rules.d/99-z.rules": b"  -e 2\n"}, "pass"),
    ("audit_rules_immutable", {**rules("-e 1"), "etc/audit/rules.d/9-z.rules": b"-e 2\n"}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_rules_are_judged_by_what_they_record(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_where_the_service_loads_one_file_that_file_counts(tmp_path: Path) -> None:
    unit = (
        b"[Service]\n#ExecStartPost=-/sbin/augenrules --load\nExecStartPost=-/sbin/auditctl -R /etc/audit/audit.rules\n"
    )
    files: Files = {
        "usr/lib/systemd/system/auditd.service": unit,
        "etc/audit/audit.rules": b"-e 2\n-w /etc/sudoers -p wa\n-w /etc/sudoers.d -p wa\n",
        **rules("-b 8192"),
    }
    assert outcome(tmp_path / "", "audit_rules_immutable", files).verdict == "pass"
    assert outcome(tmp_path, "audit_rules_sudoers", {}).verdict == "fail", "what stands behind -e 2 is refused"
