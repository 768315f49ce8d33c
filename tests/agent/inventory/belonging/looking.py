"""A small root in which files are looked up."""

from agent.host.root import HostRoot
from agent.inventory.belonging.belongings import Belongings
from agent.inventory.belonging.tree import Tree
from tests.hosts.trees import plant


class Looking:
    """Looks files of a planted root up; what could not be read is in gaps."""

    def __init__(self, folder, files):
        self.gaps = []
        self.observed = []
        plant(
            folder, {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
        )
        self.tree = Tree(HostRoot(str(folder), self.observed.append), self.gaps.append)
        self.belongings = Belongings(self.tree)

    def names(self, path, executed=False):
        """Give name and version of each package that a file belongs to."""
        return [(part.package.name, part.package.version) for part in self.belongings.parts(path, executed)]


def metadata(name, version="1.0"):
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"
