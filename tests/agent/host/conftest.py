"""Trees to resolve in, by the kernel and by the walk that stands in for it."""

import pytest


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def in_kernel(request):
    return request.param


@pytest.fixture
def tree(tmp_path):
    """A root with something beside it that no path may reach."""
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0\n")
    return root
