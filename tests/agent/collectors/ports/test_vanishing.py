LISTEN = 'kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))'


class WhenRead:
    """Does something once, just before a path is read."""

    def __init__(self, ending, action):
        self._ending = ending
        self._action = action
        self.done = False

    def __call__(self, path):
        if path.endswith(self._ending) and not self.done:
            self.done = True
            self._action()


def test_a_process_that_ends_with_its_socket_before_it_is_looked_at_leaves_no_trace(world):
    pid = world.python(LISTEN)
    ending = WhenRead(f"/{pid}/fd", lambda: world.kill(pid))
    assert world.records(observe=ending) == {}
    assert ending.done


def test_a_process_that_ends_after_its_socket_was_found_leaves_no_trace(world):
    pid = world.python(LISTEN)
    ending = WhenRead(f"/{pid}/stat", lambda: world.kill(pid))
    assert world.records(observe=ending) == {}
    assert ending.done


def test_the_heir_of_a_socket_is_found_when_its_first_holder_ends_meanwhile(world):
    pid = world.python(LISTEN + "; os.fork()")
    ending = WhenRead(f"/{pid}/stat", lambda: world.kill(pid))
    listener = world.records(observe=ending)["host/tcp/127.0.0.1/11001"]
    assert listener.pid not in (None, pid)
    assert ending.done


def test_a_namespace_whose_last_process_ends_leaves_no_gap(world):
    pid = world.python(LISTEN, "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    ending = WhenRead(f"/{pid}/net/tcp", lambda: world.kill(pid))
    assert world.records(observe=ending) == {}
    assert ending.done
