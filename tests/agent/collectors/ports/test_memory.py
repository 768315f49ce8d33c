import re
import time

LISTEN = 'kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))'


def descriptor_listings(observed):
    return [path for path in observed if re.fullmatch(r".*/\d+/fd", path)]


def second_pass(world):
    """Take stock, and again with what was found; give the records of both and the paths that the second read."""
    first = world.records()
    observed = []
    second = world.records(
        observe=observed.append, previous=lambda: iter(first.values()), previous_at=int(time.time()) + 2
    )
    return first, second, observed


def test_a_second_pass_lists_the_descriptors_of_no_process_and_finds_the_same(world):
    world.python(LISTEN)
    world.python(r'kept = [bound(AF_INET6, SOCK_DGRAM, ("::", 11002)), bound(AF_UNIX, SOCK_STREAM, "\0stocktake")]')
    first, second, observed = second_pass(world)
    assert second == first
    assert len(first) == 3
    assert descriptor_listings(observed) == []


def test_a_second_pass_reads_no_file_list_of_dpkg_while_its_status_is_unchanged(world):
    world.python(LISTEN)
    _first, _second, observed = second_pass(world)
    assert not [path for path in observed if path.startswith("/var/lib/dpkg/info")]


def test_a_socket_without_owner_is_not_searched_for_again(world):
    world.python("""
        kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        pair = socketpair()
        send_fds(pair[0], [b"x"], [kept.fileno()])
        kept.close()
    """)
    first, second, observed = second_pass(world)
    assert second == first
    assert first["host/tcp/127.0.0.1/11001"].owner_unknown
    assert descriptor_listings(observed) == []


def test_workers_that_share_a_port_are_verified_by_one_link(world):
    world.python("""
        kept = [bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001), (SOL_SOCKET, SO_REUSEPORT)) for _ in range(100)]
    """)
    first, second, observed = second_pass(world)
    assert second == first
    assert len(first["host/tcp/127.0.0.1/11001"].inodes) == 64
    assert descriptor_listings(observed) == []
    assert len([path for path in observed if re.fullmatch(r".*/fd/\d+", path)]) == 1


def test_a_socket_that_is_new_since_is_found(world):
    world.python(LISTEN)
    first = world.records()
    world.python(LISTEN.replace("11001", "11002"))
    second = world.records(previous=lambda: iter(first.values()))
    assert second["host/tcp/127.0.0.1/11002"].pid
    assert second["host/tcp/127.0.0.1/11001"] == first["host/tcp/127.0.0.1/11001"]


def test_a_remembered_owner_that_is_gone_is_replaced(world):
    old = world.python(LISTEN)
    first = world.records()
    world.kill(old)
    new = world.python(LISTEN)
    second = world.records(previous=lambda: iter(first.values()))
    assert second["host/tcp/127.0.0.1/11001"].pid == new != old
