"""What the cloud says of a host that is one of its instances."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class CloudInstance:
    """The instance that the host is, as the metadata service of its cloud says. There is at most one such record.

    provider: ec2, gce or azure, as the firmware says before anybody is asked.
    id: Id of the instance, evidence of identity: i-... of EC2, the number of GCE, the vmId of Azure.
    type: Its type or size.
    region: Region of it.
    zone: Availability zone.
    account: Account of AWS, project of Google Cloud, subscription of Azure.
    group: Resource group of Azure.
    image: Image that it was started from; of Azure publisher:offer:sku:version.
    tags: Tags, each written name=value, sorted: of EC2 where its owner lets the service tell them, of Azure; network tags of GCE, which have no values.
    """

    KIND: ClassVar[str] = "cloud_instance"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    provider: str
    id: str | None = None
    type: str | None = None
    region: str | None = None
    zone: str | None = None
    account: str | None = None
    group: str | None = None
    image: str | None = None
    tags: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """cloud_instance"""
        return "cloud_instance"
