"""What made a Kubernetes pod, as far as its name tells it (apimachinery's names, apps/v1)."""

from __future__ import annotations

import re

_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
"""The characters of generated names: no vowels, so that they make no words."""
_OF_DEPLOYMENT = re.compile(rf"(.+)-{_RANDOM}{{6,10}}-{_RANDOM}{{5}}")


def workload(pod: str | None) -> str | None:
    """Give what made a pod, as deployment/name; None where its name does not tell.

    A Deployment's pods have two generated parts at the end, of its ReplicaSet and their own. One such part may be a
    DaemonSet's, a Job's or a ReplicaSet's, and a number a StatefulSet's or nobody's.
    """
    match = _OF_DEPLOYMENT.fullmatch(pod or "")
    return f"deployment/{match[1]}" if match else None
