"""Checks of the crypto policy of the whole system."""

from __future__ import annotations

from functools import partial

from agent.checks.engine.check import Check
from agent.checks.predicates import crypto_modules

_FIX = "Write modules to /etc/crypto-policies/policies/modules, and run `update-crypto-policies --set DEFAULT:NO-SHA1:...`."

CHECKS = (
    Check(
        id="crypto_policy_strong",
        title="The crypto policy is {names}, without SHA-1, weak MACs, and weak ciphers of SSH: modules {modules}",
        why="An attacker in the network picks the weakest algorithm that both sides accept.",
        fix=_FIX,
        rule=crypto_modules.applied,
        parameters={
            "names": ("DEFAULT", "FUTURE", "FIPS"),
            "modules": ("NO-SHA1", "NO-SSHCBC", "NO-SSHWEAKCIPHERS", "NO-SSHWEAKMACS", "NO-WEAKMAC", "NO-RPMSHA1"),
        },
    ),
    Check(
        id="crypto_policy_not_overridden_by_sshd",
        title="sshd keeps to the crypto policy of the system",
        why="What the policy forbids would be accepted by the one service that is open to all.",
        fix="Remove CRYPTO_POLICY from /etc/sysconfig/sshd, and restart sshd.",
        rule=crypto_modules.sshd_follows,
    ),
    Check(
        id="crypto_policy_without_chacha20_for_ssh",
        title="The crypto policy gives sshd no ChaCha20-Poly1305",
        why="With it, somebody in between can cut messages from the start of a session of an unpatched peer.",
        fix=_FIX,
        rule=partial(crypto_modules.sshd_without, "Ciphers", "chacha20-poly1305"),
    ),
    Check(
        id="crypto_policy_without_etm_for_ssh",
        title="The crypto policy gives sshd no MACs of the kind encrypt-then-MAC",
        why="With them and CBC, somebody in between can cut messages from the start of a session of an unpatched peer.",
        fix=_FIX,
        rule=partial(crypto_modules.sshd_without, "MACs", "-etm@"),
    ),
)
