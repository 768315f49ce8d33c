"""The limits of the service's memory, on a kernel of its own; minutes long, and so only where STOCKTAKE_TEST_QEMU is set."""

import os

import pytest

from tests.hosts.emulated import results

SCRIPT = """
cd /root
dpkg -i stocktake_*.deb
mkdir -p /etc/systemd/system/stocktake.service.d
printf 'delivery: {sink: file, path: /var/lib/stocktake/reports, splay: 0s}\\nintegrity: {trees: ["/etc", "/usr/bin"]}\\n' >/etc/stocktake/agent.yaml
printf '[Service]\\nCPUQuota=\\n' >/etc/systemd/system/stocktake.service.d/quota.conf
systemctl daemon-reload
attempted() {
    stocktake status --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(int(all(s["status"] != "never attempted" for s in d["sections"].values()) and not d["delivery"]["undelivered"]))'
}
service=/sys/fs/cgroup/system.slice/stocktake.service
systemctl start stocktake
for _ in $(seq 100); do sleep 5; [ "$(attempted)" = 1 ] && break; done
for _ in $(seq 20); do [ "$(wc -l <$service/cgroup.procs)" = 1 ] && break; sleep 3; done
echo RESULT rest $(systemctl show --value -p MemoryCurrent stocktake)
echo RESULT anonymous $(sed -n 's/^anon //p' $service/memory.stat)
echo RESULT peak $(cat $service/memory.peak)
stocktake status
printf '[Service]\\nMemoryHigh=infinity\\nMemoryMax=24M\\nMemorySwapMax=0\\n' >/etc/systemd/system/stocktake.service.d/tight.conf
systemctl daemon-reload
systemctl stop stocktake
rm -r /var/lib/stocktake/sections
systemctl start stocktake
for _ in $(seq 60); do sleep 5; stocktake status --json | grep -q '"failed"' && break; done
stocktake status
echo RESULT killed $(sed -n 's/^oom_kill //p' $service/memory.events)
echo RESULT active $(systemctl is-active stocktake)
echo RESULT restarts $(systemctl show --value -p NRestarts stocktake)
echo RESULT failed $(stocktake status --json | python3 -c 'import json, sys; print(*(name for name, s in json.load(sys.stdin)["sections"].items() if "memory" in (s.get("error") or "")))')
"""


@pytest.mark.skipif(
    "STOCKTAKE_TEST_QEMU" not in os.environ,
    reason="an emulated machine takes minutes; set STOCKTAKE_TEST_QEMU=1 to boot one",
)
def test_a_worker_that_exceeds_the_services_memory_ends_alone_and_that_is_told(dist, tmp_path):
    found = results(SCRIPT, next(dist.glob("stocktake_*_amd64.deb")), tmp_path, 1500)
    print(found)
    assert int(found["killed"]) >= 1
    assert (found["active"], found["restarts"]) == ("active", "0")
    assert found["failed"]
    assert int(found["rest"]) <= 20 * 1024 * 1024
