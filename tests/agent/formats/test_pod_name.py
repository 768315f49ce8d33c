import pytest

from agent.formats.pod_name import workload


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        ("coredns-5d78c9869d-xk2lz", "deployment/coredns"),
        ("my-web-app-7c5ddbdf54-2vxqt", "deployment/my-web-app"),
        ("kube-proxy-xk2lz", None),
        ("web-0", None),
        ("nightly-28375920-hq8x2", None),
        ("my-very-nice-server", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_deployment_shows_in_the_name_of_a_pod(pod, expected):
    assert workload(pod) == expected
