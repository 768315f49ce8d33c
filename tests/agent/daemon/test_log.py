from agent.daemon.log import Log


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_state_is_logged_when_it_changes(capfd):
    log = Log("info", Clock())
    for text in ("complete", "complete", "failed", "complete"):
        log.state("packages", "info", text)
    assert capfd.readouterr().err.count("\n") == 3


def test_a_failure_that_goes_on_is_logged_once_an_hour(capfd):
    clock = Clock()
    log = Log("info", clock)
    for _ in range(180):
        log.state("deliver", "warning", "connection refused")
        clock.now += 60
    assert capfd.readouterr().err.count("connection refused") == 3


def test_what_is_below_the_level_is_not_logged(capfd):
    log = Log("warning", Clock())
    log.write("info", "all is well")
    log.write("error", "it is not")
    assert capfd.readouterr().err == "stocktake: error: it is not\n"
