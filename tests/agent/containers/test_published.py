import json

from agent.containers.published import places, published_ports
from agent.host.root import HostRoot
from tests.agent.containers.fake import ID
from tests.hosts.trees import plant


def test_docker_and_cni_tell_where_ports_are_published(tmp_path):
    docker = {"NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "1/udp": None}}}
    mapping = {"capabilityArgs": {"portMappings": [{"hostPort": 53, "containerPort": 5353, "protocol": "udp"}]}}
    plant(
        tmp_path,
        {
            f"var/lib/docker/containers/{ID}/config.v2.json": json.dumps(docker).encode(),
            f"var/lib/cni/results/net-{ID}-eth0": json.dumps(mapping).encode(),
        },
    )
    root = HostRoot(str(tmp_path))
    assert places(root, ID) == {("tcp", 80): ("0.0.0.0", 8080), ("udp", 5353): ("", 53)}
    assert published_ports(root, ID)["udp", 5353] == "every address port 53"


def test_what_is_malformed_publishes_nothing(tmp_path):
    plant(tmp_path, {f"var/lib/cni/results/net-{ID}-eth0": b'{"capabilityArgs": []}'})
    assert places(HostRoot(str(tmp_path)), ID) == {}
