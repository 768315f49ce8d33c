"""Java archives: one in another is a part of what was used, and says so."""

import io
import zipfile

import pytest

from tests.agent.inventory.belonging.looking import Looking


def jar(group, artifact, version, **inner):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        properties = f"groupId={group}\nartifactId={artifact}\nversion={version}\n"
        archive.writestr(f"META-INF/maven/{group}/{artifact}/pom.properties", properties)
        for name, packed in inner.items():
            archive.writestr(f"BOOT-INF/lib/{name}.jar", packed)
    return content.getvalue()


@pytest.fixture
def jars(tmp_path):
    inner = jar("org.slf4j", "slf4j-api", "2.0.0")
    return Looking(
        tmp_path,
        {
            "app/service-1.0.jar": jar("com.example", "service", "1.0", **{"slf4j-api-2.0.0": inner}),
            "lib/slf4j-api-2.0.0.jar": inner,
        },
    )


def test_an_archive_alone_is_its_package(jars):
    (part,) = jars.belongings.parts("/lib/slf4j-api-2.0.0.jar", False)
    assert (part.package.name, part.through) == ("org.slf4j:slf4j-api", None)


def test_archives_in_an_archive_are_used_through_it(jars):
    parts = list(jars.belongings.parts("/app/service-1.0.jar", False))
    assert {(part.package.name, part.through) for part in parts} == {
        ("com.example:service", "/app/service-1.0.jar"),
        ("org.slf4j:slf4j-api", "/app/service-1.0.jar"),
    }
