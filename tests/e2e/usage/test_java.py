"""A Java service whose archive has others in it."""

import io
import zipfile

from tests.hosts.downloads import from_debian

SCRIPT = 'new java.io.FileWriter("/ready").close(); Thread.sleep(1000000);\n'


def jar(group, artifact, version, content=None, **inner):
    packed = io.BytesIO(content or b"")
    with zipfile.ZipFile(packed, "a") as archive:
        properties = f"groupId={group}\nartifactId={artifact}\nversion={version}\n"
        archive.writestr(f"META-INF/maven/{group}/{artifact}/pom.properties", properties)
        for name, each in inner.items():
            archive.writestr(f"BOOT-INF/lib/{name}", each)
    return packed.getvalue()


def service():
    """Give a real program, an interpreter of scripts, with another library packed into its archive."""
    shell = next(from_debian("libbsh-java").glob("usr/share/java/bsh-*.jar"))
    inner = jar("org.example", "inner", "1.5")
    return jar("org.example", "service", "3.0", shell.read_bytes(), **{"inner-1.5.jar": inner})


def test_archives_in_one_that_is_open_are_used_through_it_and_one_beside_it_is_not_used(looking, runc, is_ready):
    files = {
        "app/service-3.0.jar": service(),
        "app/idle-1.0.jar": jar("org.example", "idle", "1.0"),
        "app/script.bsh": SCRIPT,
    }
    looking.watch()
    command = ("/usr/bin/java", "-cp", "/app/service-3.0.jar", "bsh.Interpreter", "/app/script.bsh")
    container = runc.start(looking.marks(runc.tree(files)), *command)
    is_ready(container)
    uses = {use.name: use for use in looking.collect().uses(container).values()}
    assert (uses["org.example:service"].evidence, uses["org.example:service"].version) == ("opened", "3.0")
    assert (uses["org.example:inner"].evidence, uses["org.example:inner"].through) == ("opened", "/app/service-3.0.jar")
    assert "org.example:idle" not in uses
    assert any(use.evidence == "executed" and "jre" in use.name for use in uses.values())
