"""Every fact that can leave the host: one frozen dataclass per kind of record, one module per section.

A field's documentation is its line in the docstring, from which the README's tables are generated.
None means not known or not applicable, never no. Fields named in VOLATILE travel with a record but
are no part of its identity: a change of them alone is no change of the record.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from agent.model.records.cloud import CloudInstance as CloudInstance
    from agent.model.records.compliance import BenchmarkScore as BenchmarkScore
    from agent.model.records.compliance import CheckResult as CheckResult
    from agent.model.records.containers import ContainedPackage as ContainedPackage
    from agent.model.records.containers import Container as Container
    from agent.model.records.containers import ContainerContents as ContainerContents
    from agent.model.records.gap import Gap as Gap
    from agent.model.records.host import Address as Address
    from agent.model.records.host import AgentFacts as AgentFacts
    from agent.model.records.host import Degradation as Degradation
    from agent.model.records.host import HostFacts as HostFacts
    from agent.model.records.integrity import File as File
    from agent.model.records.integrity import FileChange as FileChange
    from agent.model.records.integrity import FileEvent as FileEvent
    from agent.model.records.integrity import FileWatch as FileWatch
    from agent.model.records.integrity import IntegrityScan as IntegrityScan
    from agent.model.records.kernel import Kernel as Kernel
    from agent.model.records.origins import ModuleStream as ModuleStream
    from agent.model.records.origins import Repository as Repository
    from agent.model.records.origins import Subscription as Subscription
    from agent.model.records.packages import Package as Package
    from agent.model.records.packages import PackageDatabase as PackageDatabase
    from agent.model.records.ports import Listener as Listener
    from agent.model.records.ports import UnixListener as UnixListener
    from agent.model.records.software import Executable as Executable
    from agent.model.records.software import LanguagePackage as LanguagePackage
    from agent.model.records.software import Walk as Walk
    from agent.model.records.usage import PackageUse as PackageUse
    from agent.model.records.usage import UsageScope as UsageScope

HOMES = {
    "gap": ("gap", "Gap"),
    "host": ("host", "HostFacts"),
    "cloud_instance": ("cloud", "CloudInstance"),
    "address": ("host", "Address"),
    "agent": ("host", "AgentFacts"),
    "degradation": ("host", "Degradation"),
    "package": ("packages", "Package"),
    "package_database": ("packages", "PackageDatabase"),
    "language_package": ("software", "LanguagePackage"),
    "executable": ("software", "Executable"),
    "walk": ("software", "Walk"),
    "kernel": ("kernel", "Kernel"),
    "repository": ("origins", "Repository"),
    "module_stream": ("origins", "ModuleStream"),
    "subscription": ("origins", "Subscription"),
    "listener": ("ports", "Listener"),
    "unix_listener": ("ports", "UnixListener"),
    "file": ("integrity", "File"),
    "file_change": ("integrity", "FileChange"),
    "file_event": ("integrity", "FileEvent"),
    "file_watch": ("integrity", "FileWatch"),
    "integrity_scan": ("integrity", "IntegrityScan"),
    "container": ("containers", "Container"),
    "container_contents": ("containers", "ContainerContents"),
    "contained_package": ("containers", "ContainedPackage"),
    "package_use": ("usage", "PackageUse"),
    "usage_scope": ("usage", "UsageScope"),
    "check_result": ("compliance", "CheckResult"),
    "benchmark_score": ("compliance", "BenchmarkScore"),
}
"""Module and class of each kind. A module is loaded when it is asked for: each costs every start some time."""


class Record(Protocol):
    """What every kind of record has."""

    KIND: ClassVar[str]
    VOLATILE: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> str:
        """Name the fact within its section; the same fact keeps its key from run to run."""
        ...


def class_of(kind: str) -> type:
    """Give the class of a kind of record; KeyError when this version has none."""
    module, name = HOMES[kind]
    found: type = getattr(import_module(f"{__name__}.{module}"), name)
    return found


def __getattr__(name: str) -> type:
    """Give a class of this package by its name, loaded now (PEP 562)."""
    for kind, (_, class_name) in HOMES.items():
        if class_name == name:
            return class_of(kind)
    raise AttributeError(name)
