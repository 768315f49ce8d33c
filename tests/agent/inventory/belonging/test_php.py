"""Files of Composer's packages."""

import json

import pytest

from tests.agent.inventory.belonging.looking import Looking


@pytest.fixture
def app(tmp_path):
    packages = [
        {"name": "monolog/monolog", "version": "3.0.0", "install-path": "../monolog/monolog"},
        {"name": "psr/log", "version": "2.0.0", "install-path": "../psr/log"},
        {"name": "meta/package", "version": "1.0.0", "install-path": None},
    ]
    return Looking(tmp_path, {"srv/app/vendor/composer/installed.json": json.dumps({"packages": packages})})


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("/srv/app/vendor/monolog/monolog/src/Logger.php", [("monolog/monolog", "3.0.0")]),
        ("/srv/app/vendor/psr/log/src/LoggerInterface.php", [("psr/log", "2.0.0")]),
        ("/srv/app/vendor/autoload.php", []),
        ("/srv/app/vendor/composer/ClassLoader.php", []),
        ("/srv/app/index.php", []),
    ],
)
def test_a_file_belongs_to_the_package_whose_folder_it_is_in(app, file, names):
    assert app.names(file) == names
    assert app.gaps == []
