"""Files of Node.js packages."""

import pytest

from tests.agent.inventory.belonging.looking import Looking


def package(name, version="1.0.0"):
    return f'{{"name": "{name}", "version": "{version}"}}'


@pytest.fixture
def app(tmp_path):
    return Looking(
        tmp_path,
        {
            "app/package.json": package("app"),
            "app/node_modules/express/package.json": package("express", "4.18.0"),
            "app/node_modules/express/lib/esm/package.json": '{"type": "module"}',
            "app/node_modules/express/node_modules/debug/package.json": package("debug", "2.0.0"),
            "app/node_modules/debug/package.json": package("debug", "4.0.0"),
            "app/node_modules/@scope/inner/package.json": package("@scope/inner"),
            "app/node_modules/.pnpm/ms@2.1.0/node_modules/ms/package.json": package("ms", "2.1.0"),
            "usr/share/nodejs/acorn/package.json": package("acorn", "8.0.0"),
        },
    )


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("/app/node_modules/express/index.js", [("express", "4.18.0")]),
        ("/app/node_modules/express/lib/esm/index.js", [("express", "4.18.0")]),
        ("/app/node_modules/express/node_modules/debug/src/index.js", [("debug", "2.0.0")]),
        ("/app/node_modules/debug/src/index.js", [("debug", "4.0.0")]),
        ("/app/node_modules/@scope/inner/a.js", [("@scope/inner", "1.0.0")]),
        ("/app/node_modules/.pnpm/ms@2.1.0/node_modules/ms/index.js", [("ms", "2.1.0")]),
        ("/usr/share/nodejs/acorn/dist/acorn.js", [("acorn", "8.0.0")]),
        ("/app/server.js", []),
        ("/elsewhere/a.js", []),
    ],
)
def test_a_file_belongs_to_the_innermost_package_around_it(app, file, names):
    assert app.names(file) == names
    assert app.gaps == []
