"""agent/host/cloud.py: the firmware tells the cloud, before anybody is asked."""

import pytest

from agent.host.cloud import provider
from agent.host.root import HostRoot
from tests.hosts.trees import plant

DMI = "sys/class/dmi/id"
AZURES_TAG = "7783-7084-3265-9085-8269-3286-77"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({f"{DMI}/sys_vendor": "Amazon EC2\n", f"{DMI}/product_name": "t3.micro\n"}, "ec2"),
        (
            {f"{DMI}/sys_vendor": "Xen\n", f"{DMI}/bios_vendor": "Xen\n", "sys/hypervisor/uuid": "ec2e1916-9099\n"},
            "ec2",
        ),
        ({f"{DMI}/sys_vendor": "Google\n", f"{DMI}/product_name": "Google Compute Engine\n"}, "gce"),
        ({f"{DMI}/sys_vendor": "Microsoft Corporation\n", f"{DMI}/chassis_asset_tag": f"{AZURES_TAG}\n"}, "azure"),
        ({f"{DMI}/sys_vendor": "Microsoft Corporation\n", f"{DMI}/chassis_asset_tag": "1234-5\n"}, None),
        ({f"{DMI}/sys_vendor": "QEMU\n", "sys/hypervisor/uuid": "11111111-1111\n"}, None),
        ({f"{DMI}/sys_vendor": "My Amazon EC2 clone\n"}, None),
        ({}, None),
    ],
    ids=["ec2", "ec2 on xen", "gce", "azure", "hyper-v", "qemu", "another", "no firmware"],
)
def test_the_cloud_is_told_by_the_firmware(tmp_path, files, expected):
    plant(tmp_path, {path: text.encode() for path, text in files.items()})
    assert provider(HostRoot(str(tmp_path))) == expected
