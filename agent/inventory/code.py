"""Which files are code that something runs, as told from their names, and which programs can run it.

Metadata is none: whoever lists what is installed reads METADATA, package.json or *.gemspec and uses nothing.
"""

from __future__ import annotations

import re

PYTHON, NODE, RUBY, PHP, PERL, JAVA, DOTNET, NATIVE = (
    "python",
    "node",
    "ruby",
    "php",
    "perl",
    "java",
    "dotnet",
    "native",
)

_LANGUAGES = {
    PYTHON: (".py", ".pyc", ".pyo", ".egg", ".pyz", ".pyzw", ".pex"),
    NODE: (".js", ".cjs", ".mjs", ".node", ".wasm"),
    RUBY: (".rb",),
    PHP: (".php", ".phar", ".inc"),
    PERL: (".pm", ".pl", ".al", ".pmc"),
    JAVA: (".jar", ".war", ".ear", ".jmod", ".class"),
    DOTNET: (".dll",),
    NATIVE: (".so",),
}
LANGUAGE_OF = {ending: language for language, endings in _LANGUAGES.items() for ending in endings}
"""Language by the ending of a file's name, in lower case."""

_VERSIONED = re.compile(r"\.so(?:\.\d+)+$")
_RUNNERS = (
    (PYTHON, re.compile(rb"python|pypy|uwsgi|mod_wsgi")),
    (NODE, re.compile(rb"^node|^nodejs|libnode|^deno|^bun|electron")),
    (RUBY, re.compile(rb"ruby")),
    (PHP, re.compile(rb"php")),
    (PERL, re.compile(rb"perl")),
    (JAVA, re.compile(rb"^java$|libjvm")),
    (DOTNET, re.compile(rb"^dotnet|libcoreclr|^mono|libmono")),
)


def language(name: str) -> str | None:
    """Give the language of a file that is code by its name; None for any other file.

    name: Its name, or its whole path.
    """
    lower = name[-24:].lower()
    ending = lower[lower.rfind(".") :] if "." in lower else ""
    found = LANGUAGE_OF.get(ending)
    if found is None and ".so." in lower and _VERSIONED.search(lower):
        return NATIVE
    return found


def languages_run_by(name: bytes) -> frozenset[str]:
    """Give the languages that a program or library of a name runs, by that name alone: libpython3.11.so.1.0 runs Python."""
    return frozenset(language for language, pattern in _RUNNERS if pattern.search(name))
