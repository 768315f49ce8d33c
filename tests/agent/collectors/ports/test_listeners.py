import os


def ss(world):
    """What ss shows of the world: protocol, address and port of each socket that listens or is bound."""
    found = set()
    for line in world.run("ss", "-H", "-tuln").splitlines():
        protocol, _state, _received, _sent, local = line.split()[:5]
        address, _, port = local.rpartition(":")
        found.add((protocol, "::" if address == "*" else address.strip("[]"), int(port)))
    return found


def test_every_kind_of_socket_is_found_and_no_other_as_ss_finds_them(world):
    world.python("""
        kept = [
            bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001)),
            bound(AF_INET, SOCK_STREAM, ("0.0.0.0", 11002)),
            bound(AF_INET6, SOCK_STREAM, ("::1", 11003)),
            bound(AF_INET6, SOCK_STREAM, ("::", 11004)),
            bound(AF_INET6, SOCK_STREAM, ("::", 11005), (IPPROTO_IPV6, IPV6_V6ONLY)),
            bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 11006)),
            bound(AF_INET6, SOCK_DGRAM, ("::1", 11007)),
            bound(AF_INET6, SOCK_STREAM, ("::ffff:127.0.0.1", 11008)),
            create_connection(("127.0.0.1", 11001)),
        ]
    """)
    found = {(record.protocol, record.address, record.port) for record in world.listeners().values()}
    assert found == {
        ("tcp", "127.0.0.1", 11001),
        ("tcp", "0.0.0.0", 11002),
        ("tcp", "::1", 11003),
        ("tcp", "::", 11004),
        ("tcp", "::", 11005),
        ("udp", "127.0.0.1", 11006),
        ("udp", "::1", 11007),
        ("tcp", "::ffff:127.0.0.1", 11008),
    }
    assert found == ss(world)


def test_a_listener_names_its_process_executable_user_and_descriptor(world):
    pid = world.python('kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001)); print(kept.fileno(), flush=True)')
    # the descriptor's line came first and was taken for the process id
    fd, listener = pid, world.listeners()["host/tcp/127.0.0.1/11001"]
    assert (listener.executable, listener.uid, listener.user, listener.fd) == (world.program, 0, "root", fd)
    assert listener.process.startswith("python")
    assert os.readlink(f"{world.proc}/{listener.pid}/fd/{fd}") == f"socket:[{listener.inodes[0]}]"
    assert listener.owner_unknown is None
    assert listener.container is None


def test_the_owner_is_the_user_who_opened_the_socket(world):
    world.python('os.setuid(65534); kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))')
    listener = world.listeners()["host/tcp/127.0.0.1/11001"]
    assert (listener.uid, listener.user) == (65534, "nobody")


def test_a_user_whom_passwd_does_not_name_has_no_name(world):
    world.python('os.setuid(54321); kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))')
    listener = world.listeners()["host/tcp/127.0.0.1/11001"]
    assert (listener.uid, listener.user) == (54321, None)


def test_a_connected_udp_socket_is_not_listed(world):
    world.python("""
        kept = [bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 11001)), bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 11002))]
        kept[1].connect(("127.0.0.1", 11001))
    """)
    assert set(world.listeners()) == {"host/udp/127.0.0.1/11001"}


def test_every_loopback_address_is_loopback(world):
    world.python('kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.2", 11001))')
    assert world.listeners()["host/tcp/127.0.0.2/11001"].exposure == "loopback"


def test_a_wildcard_is_any_and_says_which_addresses_it_means(world):
    world.run("ip", "link", "add", "v0", "type", "veth", "peer", "v1")
    world.run("ip", "addr", "add", "198.18.0.1/24", "dev", "v0")
    world.run("ip", "addr", "add", "9.9.9.9/32", "dev", "v0")
    world.run("ip", "-6", "addr", "add", "2a00::1/64", "dev", "v0", "nodad")
    world.run("ip", "link", "set", "v0", "up")
    world.python("""
        kept = [
            bound(AF_INET, SOCK_STREAM, ("0.0.0.0", 11001)),
            bound(AF_INET6, SOCK_STREAM, ("::", 11002)),
            bound(AF_INET, SOCK_STREAM, ("198.18.0.1", 11003)),
            bound(AF_INET, SOCK_STREAM, ("9.9.9.9", 11004)),
            bound(AF_INET6, SOCK_DGRAM, ("2a00::1", 11005)),
        ]
    """)
    found = {record.port: record for record in world.listeners().values()}
    assert {port: record.exposure for port, record in found.items()} == {
        11001: "any",
        11002: "any",
        11003: "private",
        11004: "public",
        11005: "public",
    }
    assert found[11001].exposure_reason.endswith("among them loopback, private, public")
    assert "every IPv4 address unless the socket is IPv6 only" in found[11002].exposure_reason


def test_workers_that_share_a_port_are_one_listener(world):
    code = """
        for _ in range(3):
            if not os.fork():
                kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001), (SOL_SOCKET, SO_REUSEPORT))
                break
        else:
            while open("/proc/net/tcp").read().count(":2AF9") < 3:
                time.sleep(0.01)
    """
    world.python(code)
    listeners = world.listeners()
    assert set(listeners) == {"host/tcp/127.0.0.1/11001"}
    inodes = listeners["host/tcp/127.0.0.1/11001"].inodes
    assert len(inodes) == 3
    assert list(inodes) == sorted(inodes)


def test_two_users_at_one_port_are_two_listeners_with_ordinals(world):
    world.python("""
        kept = [bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 11001), (SOL_SOCKET, SO_REUSEADDR))]
        os.setuid(65534)
        kept.append(bound(AF_INET, SOCK_DGRAM, ("127.0.0.1", 11001), (SOL_SOCKET, SO_REUSEADDR)))
    """)
    listeners = world.listeners()
    assert {key: record.uid for key, record in listeners.items()} == {
        "host/udp/127.0.0.1/11001": 0,
        "host/udp/127.0.0.1/11001#2": 65534,
    }


def test_a_socket_that_processes_share_by_fork_has_the_oldest_as_its_owner(world):
    pid = world.python('kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001)); os.fork() or time.sleep(999)')
    assert world.listeners()["host/tcp/127.0.0.1/11001"].pid == pid


def test_when_the_parent_ends_the_child_that_shares_its_socket_is_the_owner(world):
    pid = world.python('kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001)); child = os.fork()')
    first = world.listeners()["host/tcp/127.0.0.1/11001"]
    world.kill(first.pid)
    assert first.pid == pid
    assert world.listeners()["host/tcp/127.0.0.1/11001"].pid not in (None, pid)


def test_a_socket_at_a_high_descriptor_has_its_owner_too(world):
    pid = world.python("""
        first = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        os.dup2(first.fileno(), 900)
        first.close()
    """)
    listener = world.listeners()["host/tcp/127.0.0.1/11001"]
    assert (listener.pid, listener.fd) == (pid, 900)


def test_the_package_of_an_executable_of_the_host_is_named(world):
    world.python(
        """
        kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        kept.set_inheritable(True)
        print(1, flush=True)
        os.execv("/usr/bin/sleep", ["sleep", "999"])
        """
    )
    while world.listeners()["host/tcp/127.0.0.1/11001"].executable != "/usr/bin/sleep":
        pass
    listener = world.listeners()["host/tcp/127.0.0.1/11001"]
    assert listener.process == "sleep"
    assert listener.package.startswith("dpkg/coreutils:")


def test_a_socket_in_flight_between_processes_has_no_owner_and_says_so(world):
    world.python("""
        kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        pair = socketpair()
        send_fds(pair[0], [b"x"], [kept.fileno()])
        kept.close()
    """)
    listener = world.listeners()["host/tcp/127.0.0.1/11001"]
    assert listener.owner_unknown == "kernel socket without a process"
    assert (listener.process, listener.pid, listener.fd) == (None, None, None)
