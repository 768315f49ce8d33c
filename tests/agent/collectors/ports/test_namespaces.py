import os

LISTEN = 'kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))'


def test_the_sockets_of_another_namespace_are_listed_under_its_inode(world):
    world.python(LISTEN)
    pid = world.python(LISTEN, "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    inode = os.readlink(f"{world.proc}/{pid}/ns/net")
    assert set(world.listeners()) == {"host/tcp/127.0.0.1/11001", f"{inode}/tcp/127.0.0.1/11001"}


def test_a_wildcard_in_a_namespace_that_has_loopback_alone_is_loopback(world):
    world.python(
        'kept = bound(AF_INET, SOCK_STREAM, ("0.0.0.0", 11001))',
        *("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"),
    )
    (listener,) = world.listeners().values()
    assert listener.exposure == "loopback"
    assert "no other than loopback" in listener.exposure_reason


def test_a_named_namespace_that_no_process_is_in_is_entered_and_left_again(world):
    """The socket's holder has gone back to its first namespace, so that it is found in another one than its socket."""
    own = os.readlink("/proc/thread-self/ns/net")
    world.run("mount", "-t", "tmpfs", "tmpfs", "/run")
    world.run("ip", "netns", "add", "stocktake")
    pid = world.python("""
        import ctypes
        libc = ctypes.CDLL(None)
        back, there = os.open("/proc/self/ns/net", 0), os.open("/run/netns/stocktake", 0)
        assert libc.setns(there, 0) == 0
        os.system("ip link set lo up")
        kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        assert libc.setns(back, 0) == 0
    """)
    with open(f"{world.proc}/1/mountinfo") as mounts:
        name = next(line.split()[3] for line in mounts if "/run/netns/stocktake " in line)
    # the world's mounts are not those of the root that the collector reads: give it the world's root
    listeners = world.listeners(root=f"/proc/{world.leader}/root")
    assert {key: record.pid for key, record in listeners.items()} == {f"{name}/tcp/127.0.0.1/11001": pid}
    assert os.readlink("/proc/thread-self/ns/net") == own


def test_a_namespace_that_cannot_be_entered_is_a_gap_that_hides_its_records(world):
    """The mount is below a root that the collector was not given."""
    world.run("mount", "-t", "tmpfs", "tmpfs", "/run")
    world.run("ip", "netns", "add", "stocktake-absent")
    (found,) = (record for record in world.records().values() if record.KIND == "gap")
    assert found.reason == "absent"
    assert found.hides == f"{found.subject}/"
    assert found.subject.startswith("net:[")
