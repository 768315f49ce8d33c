"""agent/daemon/metrics.py: the page is what Prometheus reads, and tells what the daemon knows."""

import re

import pytest

from agent.daemon.metrics import METRICS, STATUSES, render
from agent.daemon.plan import Period
from agent.model import status

REPORT = '{\\"status\\":\\"partial\\",\\"count\\":7,\\"gaps\\":2,\\"started_at\\":900,\\"seconds\\":1.5,\\"cpu_seconds\\":0.5,\\"peak_mib\\":3,\\"changed\\":true}'
WORKER = f'[ $1 = deliver ] && echo "{{\\"sent\\":[],\\"undelivered\\":[\\"ports\\"],\\"bytes\\":12}}" >&3 || echo "{REPORT}" >&3'
SAMPLE = re.compile(r'([a-z_]+)(\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})? ([0-9.e+-]+)')


def samples(page):
    """Read a page as Prometheus does, and see that every metric is described before its samples, once."""
    found, described = {}, []
    for line in page.decode().splitlines():
        if line.startswith("# HELP "):
            described.append(line.split()[2])
        elif not line.startswith("# TYPE "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name == described[-1]
            found[name + (labels or "")] = float(value)
    assert len(described) == len(set(described))
    return found


@pytest.fixture
def page(bench):
    at = bench(WORKER, sections={"ports": Period(600, 60)}, splay=0, watches={"files": ["/bin/sleep", "1000"]})
    at.go_on(lambda: at.daemon.health.delivered > 0 and "ports" in at.daemon.health.sections)
    yield render(at.daemon, 100)
    at.daemon.stop()
    at.daemon.step()


def test_the_last_attempt_of_a_section_is_told(page):
    found = samples(page)
    assert found['stocktake_section_status{section="ports",status="partial"}'] == 1
    assert found['stocktake_section_status{section="ports",status="complete"}'] == 0
    assert found['stocktake_section_records{section="ports"}'] == 7
    assert found['stocktake_section_gaps{section="ports"}'] == 2
    assert found['stocktake_section_last_success_timestamp_seconds{section="ports"}'] == 900
    assert found['stocktake_section_peak_memory_bytes{section="ports"}'] == 3 * 1024 * 1024
    assert found['stocktake_section_period_seconds{section="ports"}'] == 600


def test_deliveries_and_the_daemon_itself_are_told(page):
    found = samples(page)
    assert found['stocktake_deliveries_total{result="delivered"}'] == 1
    assert found["stocktake_delivery_sent_bytes_total"] == 12
    assert found["stocktake_delivery_waiting_sections"] == 1
    assert found["stocktake_start_time_seconds"] == 100
    assert found['stocktake_watcher_running{watches="files"}'] == 1
    assert found["stocktake_resident_memory_bytes"] > 1024 * 1024


def test_every_metric_is_on_the_page(page):
    assert {name.partition("{")[0] for name in samples(page)} == set(METRICS)


def test_what_is_not_known_yet_is_left_out(bench):
    found = samples(render(bench(sections={"ports": Period(600, 60)}).daemon, 100))
    assert 'stocktake_section_period_seconds{section="ports"}' in found
    assert not any(name.startswith("stocktake_section_status") for name in found)
    assert "stocktake_delivery_last_success_timestamp_seconds" not in found


def test_the_statuses_are_those_of_the_model():
    assert set(STATUSES) == set(status.STATUSES)
