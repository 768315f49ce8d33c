"""When too many new files are opened to look at each."""

from agent.watch.opens.storm import MOST, SAMPLE, SECONDS, Storm


def counted(files, mounts=(1,)):
    storm = Storm(0.0)
    for number in range(files):
        if storm.count():
            storm.sample(mounts[number // SAMPLE % len(mounts)])
    return storm


def test_the_mount_that_most_came_through_is_named_when_there_were_too_many():
    assert counted(int(MOST * SECONDS) + 1, (1, 2, 2)).worst(SECONDS) == 2


def test_a_burst_that_is_over_is_none():
    assert counted(int(MOST * SECONDS)).worst(SECONDS) is None


def test_nothing_is_said_before_the_time_is_over_and_then_it_is_counted_anew():
    storm = counted(int(MOST * SECONDS * 2))
    assert storm.worst(SECONDS / 2) is None
    assert storm.worst(SECONDS) == 1
    assert storm.worst(SECONDS * 2) is None


def test_files_of_unknown_mounts_name_none():
    assert counted(int(MOST * SECONDS) + 1, (None,)).worst(SECONDS) is None
