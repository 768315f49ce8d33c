"""Services of every kind, each of which writes down itself what it has loaded: the truth that usage is compared with.

A service is a tree's files, a command, and packages that are there and must not be said to be used.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

from tests.e2e.usage.test_java import jar
from tests.hosts.downloads import from_debian, from_npm, from_pypi

TRUTH = "/truth"
"""Folder in which services write, a file each, the paths of what they have loaded; the last is called ready."""
SITE = "opt/site-packages"
NODE = "app/node_modules"

PYTHON = """
import os, site, sys
site.addsitedir("/opt/site-packages")
def tell(name="ready"):
    found = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    with open(f"/truth/.{name}", "w") as truth:
        truth.write("\\n".join(filter(None, found)))
    os.rename(f"/truth/.{name}", f"/truth/{name}")
def wait():
    tell()
    import signal
    signal.pause()
"""
NODE_TELL = """
const fs = require('fs');
function tell(name = 'ready', more = []) {
  fs.writeFileSync('/truth/.' + name, Object.keys(require.cache).concat(more).join('\\n'));
  fs.renameSync('/truth/.' + name, '/truth/' + name);
}
"""
RUBY_WAIT = """
File.write("/truth/.ready", $LOADED_FEATURES.select { |path| path.start_with?("/") }.join("\\n"))
File.rename("/truth/.ready", "/truth/ready")
sleep
"""
PHP_WAIT = """
file_put_contents("/truth/.ready", implode("\\n", get_included_files()));
rename("/truth/.ready", "/truth/ready");
while (true) { sleep(1000); }
"""
PERL_WAIT = """
open(my $truth, ">", "/truth/.ready"); print $truth join("\\n", values %INC); close $truth;
rename "/truth/.ready", "/truth/ready";
sleep;
"""


class Service(NamedTuple):
    """A service.

    name: What it is.
    files: Files of its tree, beside those of the root below it.
    command: Words that start it.
    idle: Packages that are there, too, and are not used, as ecosystem/name.
    loaded: Files that it loads and cannot tell of itself.
    """

    name: str
    files: dict[str, bytes | str]
    command: tuple[str, ...]
    idle: frozenset[str] = frozenset()
    loaded: tuple[str, ...] = ()


def services(folder: Path) -> list[Service]:
    """Give all of them; what takes building is built below a folder."""
    return [*_python(), *_node(), *_ruby(folder), *_php(folder), *_perl(), *_java(), *_native()]


def wheels(*requirements: str) -> dict[str, bytes | str]:
    """Give the files of wheels, installed."""
    return {f"{SITE}/{path}": each for name in requirements for path, each in tree_of(from_pypi(name)).items()}


def packages(*names: str) -> dict[str, bytes | str]:
    """Give the files of packages of npm, installed; a name may have the folder in which it is nested before it."""
    found: dict[str, bytes | str] = {}
    for written in names:
        nest, _, name = written.rpartition(">")
        place = f"{NODE}/{nest}/node_modules" if nest else NODE
        top = min(from_npm(name).rglob("package.json"), key=lambda path: len(path.parts))
        called = json.loads(top.read_text())["name"]
        found.update((f"{place}/{called}/{path}", each) for path, each in tree_of(top.parent).items())
    return found


def tree_of(folder: Path) -> dict[str, bytes | str]:
    """Give the files below a folder by their paths in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _python() -> list[Service]:
    def service(name: str, code: str, files: dict[str, bytes | str] | None = None, *idle: str) -> Service:
        program = {"app/main.py": f"{PYTHON}\n{code}\nwait()\n"}
        command = ("/usr/bin/python3", "/app/main.py")
        return Service(
            f"python {name}", {**program, **(files or {})}, command, frozenset(f"pypi/{each}" for each in idle)
        )

    templates = wheels("MarkupSafe==2.1.5", "Jinja2==3.1.4", "itsdangerous==2.2.0", "click==8.1.7")
    web = wheels(
        "requests==2.32.3",
        "urllib3==2.2.2",
        "idna==3.7",
        "certifi==2024.7.4",
        "charset-normalizer==3.3.2",
        "six==1.16.0",
    )
    child = 'import subprocess\nsubprocess.run([sys.executable, "/app/child.py"], check=True)'
    child_code = {"app/child.py": f'{PYTHON}\nimport six\ntell("child")\n'}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("__main__.py", f"{PYTHON}\nimport packed\nwait()\n")
        packed.writestr("packed.py", "")
        packed.writestr("packed-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: packed\nVersion: 1.0\n\n")
    library = "import ctypes\nlibrary = ctypes.CDLL('libbz2.so.1.0')\nimport _ctypes\n_ctypes.dlclose(library._handle)"
    return [
        service("of Debian", "import yaml"),
        service("with templates", "import jinja2", templates, "itsdangerous", "click"),
        service("that asks others", "import requests", web, "six"),
        service(
            "with a namespace",
            "import zope.event",
            wheels("zope.event==5.0", "zope.interface==7.0.1"),
            "zope.interface",
        ),
        service("that starts others", child, {**child_code, **wheels("six==1.16.0", "idna==3.7")}, "idna"),
        service(
            "that imports late", "import time; time.sleep(1)\nimport idna", wheels("six==1.16.0", "idna==3.7"), "six"
        ),
        service("that loads and unloads a library", library, wheels("idna==3.7"), "idna")._replace(
            loaded=("/usr/lib/x86_64-linux-gnu/libbz2.so.1.0",)
        ),
        Service(
            "python in an archive",
            {"app/service.pyz": archive.getvalue(), **wheels("six==1.16.0")},
            ("/usr/bin/python3", "/app/service.pyz"),
            frozenset(("pypi/six",)),
            ("/app/service.pyz",),
        ),
    ]


def _node() -> list[Service]:
    def service(name: str, code: str, files: dict[str, bytes | str], *idle: str, main: str = "main.js") -> Service:
        program = {f"app/{main}": f"{NODE_TELL if main.endswith('.js') else ''}\n{code}\n"}
        command = ("/usr/bin/node", f"/app/{main}")
        return Service(f"node {name}", {**program, **files}, command, frozenset(f"npm/{each}" for each in idle))

    wait = "tell(); setInterval(() => {}, 1e6);"
    child = "require('child_process').execFileSync(process.execPath, ['/app/child.js']);"
    modern = """
import { createRequire } from 'module';
import { fileURLToPath } from 'url';
import fs from 'fs';
const { nanoid } = await import('nanoid');
nanoid();
const found = [fileURLToPath(import.meta.resolve('nanoid'))];
fs.writeFileSync('/truth/.ready', found.join('\\n'));
fs.renameSync('/truth/.ready', '/truth/ready');
setInterval(() => {}, 1e6);
"""
    return [
        service(
            "with a dependency",
            f"require('debug');{wait}",
            packages("debug@4.3.4", "ms@2.1.2", "is-number@7.0.0"),
            "is-number",
        ),
        service(
            "with a scope", f"require('@noble/hashes/sha256');{wait}", packages("@noble/hashes@1.4.0", "ms@2.1.2"), "ms"
        ),
        service("with modules", modern, packages("nanoid@5.0.7", "is-number@7.0.0"), "is-number", main="main.mjs"),
        service(
            "that starts others",
            child + wait,
            {
                **packages("semver@7.6.3", "debug@4.3.4", "ms@2.1.2"),
                "app/child.js": f"{NODE_TELL}require('semver');tell('child');",
            },
            "debug",
            "ms",
        ),
    ]


def _ruby(folder: Path) -> list[Service]:
    home = folder / "gems"
    for name in ("useful", "idle"):
        source = folder / name
        (source / "lib").mkdir(parents=True)
        (source / f"lib/{name}.rb").write_text("")
        (source / f"{name}.gemspec").write_text(
            f'Gem::Specification.new {{ |s| s.name = "{name}"; s.version = "1.2"; s.summary = "x"; s.authors = ["x"]; s.files = ["lib/{name}.rb"] }}'
        )
        quiet = {"check": True, "capture_output": True, "cwd": source}
        subprocess.run(["gem", "build", f"{name}.gemspec"], **quiet)
        install = ["gem", "install", "--local", "--no-document", "--install-dir", str(home), f"{name}-1.2.gem"]
        subprocess.run(install, **quiet)
    gems: dict[str, bytes | str] = {f"opt/gems/{path}": each for path, each in tree_of(home).items()}
    script = 'Gem.use_paths("/opt/gems", ["/opt/gems"])\nrequire "useful"\n'
    return [
        Service(
            "ruby of Debian",
            {"app/main.rb": f'require "json"; require "webrick"\n{RUBY_WAIT}'},
            ("/usr/bin/ruby", "/app/main.rb"),
            frozenset(("gem/pstore",)),
        ),
        Service(
            "ruby with gems",
            {**gems, "app/main.rb": script + RUBY_WAIT},
            ("/usr/bin/ruby", "/app/main.rb"),
            frozenset(("gem/idle",)),
        ),
    ]


def _php(folder: Path) -> list[Service]:
    app = folder / "php"
    for name in ("useful", "idle"):
        library = app / "libraries" / name
        (library / "src").mkdir(parents=True)
        class_name = name.capitalize()
        (library / f"src/{class_name}.php").write_text(f"<?php namespace Some\\{class_name}; class {class_name} {{}}\n")
        described = {
            "name": f"some/{name}",
            "version": "1.0.0",
            "autoload": {"psr-4": {f"Some\\{class_name}\\": "src/"}},
        }
        (library / "composer.json").write_text(json.dumps(described))
    project = {
        "name": "an/app",
        "require": {"some/useful": "*", "some/idle": "*"},
        "repositories": [
            {"type": "path", "url": "libraries/*", "options": {"symlink": False}},
            {"packagist.org": False},
        ],
    }
    (app / "composer.json").write_text(json.dumps(project))
    environment = {**os.environ, "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_HOME": str(folder / "composer")}
    install = ["composer", "install", "--no-interaction", "--quiet"]
    subprocess.run(install, cwd=app, check=True, env=environment, capture_output=True)
    vendor: dict[str, bytes | str] = {f"app/vendor/{path}": each for path, each in tree_of(app / "vendor").items()}
    script = '<?php require "/app/vendor/autoload.php"; new Some\\Useful\\Useful();\n' + PHP_WAIT
    console = '<?php require "/usr/share/php/Symfony/Component/Finder/autoload.php"; new Symfony\\Component\\Finder\\Finder();\n'
    return [
        Service(
            "php of Debian",
            {"app/main.php": console + PHP_WAIT},
            ("/usr/bin/php", "/app/main.php"),
            frozenset(("dpkg/php-symfony-console",)),
        ),
        Service(
            "php with packages",
            {**vendor, "app/main.php": script},
            ("/usr/bin/php", "/app/main.php"),
            frozenset(("composer/some/idle",)),
        ),
    ]


def _perl() -> list[Service]:
    return [
        Service(
            "perl with a module",
            {"app/main.pl": f"use JSON;\n{PERL_WAIT}"},
            ("/usr/bin/perl", "/app/main.pl"),
            frozenset(("dpkg/libdpkg-perl",)),
        ),
        Service(
            "perl of dpkg",
            {"app/main.pl": f"use Dpkg::Version;\n{PERL_WAIT}"},
            ("/usr/bin/perl", "/app/main.pl"),
            frozenset(("dpkg/libjson-perl",)),
        ),
    ]


def _java() -> list[Service]:
    shell = next(from_debian("libbsh-java").glob("usr/share/java/bsh-*.jar")).read_bytes()
    script = 'new java.io.FileWriter("/truth/ready").close(); Thread.sleep(1000000);\n'
    inner = jar("org.example", "inner", "1.5")
    fat = jar("org.example", "service", "3.0", shell, **{"inner-1.5.jar": inner})
    idle = {"app/idle-1.0.jar": jar("org.example", "idle", "1.0"), "app/main.bsh": script}

    def service(name: str, path: str, content: bytes) -> Service:
        command = ("/usr/bin/java", "-cp", f"/app/{path}", "bsh.Interpreter", "/app/main.bsh")
        files: dict[str, bytes | str] = {**idle, f"app/{path}": content}
        return Service(f"java {name}", files, command, frozenset(("maven/org.example:idle",)), (f"/app/{path}",))

    return [
        service("with a library", "plain-2.0.jar", jar("org.example", "plain", "2.0", shell)),
        service("in one archive", "service-3.0.jar", fat),
    ]


def _native() -> list[Service]:
    loop = "while :; do xz --version > /dev/null; sort < /dev/null; sleep 0.1; [ -e /truth/ready ] || { sleep 0.3; touch /truth/ready; }; done"
    return [
        Service(
            "programs that run for a moment",
            {},
            ("/bin/bash", "-c", loop),
            frozenset(("dpkg/bzip2", "dpkg/tar")),
            ("/usr/bin/xz", "/usr/bin/sort", "/usr/bin/sleep", "/usr/bin/touch"),
        ),
        Service(
            "a program that waits",
            {},
            ("/bin/sh", "-c", "mkfifo /fifo; touch /truth/ready; exec tar -cf /dev/null /fifo /fifo -T /fifo"),
            frozenset(("dpkg/xz-utils",)),
            ("/usr/bin/mkfifo", "/usr/bin/touch", "/usr/bin/dash"),
        ),
        Service(
            "a program of libraries",
            {},
            ("/bin/sh", "-c", "touch /truth/ready; exec openssl s_server -accept 4433 -nocert -quiet"),
            frozenset(("dpkg/tar",)),
            ("/usr/bin/touch", "/usr/bin/dash"),
        ),
    ]
