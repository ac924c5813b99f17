"""How progress is shown where nobody watches a terminal."""

from __future__ import annotations

import pytest

from verselet.cli.progress import Progress


class Watch:
    """A stopwatch that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        """The time the test says it is."""
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The time of the progress display is in the test's hand."""
    made = Watch()
    monkeypatch.setattr("verselet.cli.progress.time", made)
    return made


def test_in_a_pipe_a_line_comes_every_five_seconds(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    """With count, total and rate; on standard error. product.md §6"""
    with Progress() as progress:
        for second in range(13):
            watch.now = 100.0 + second
            progress(second * 100, 5000, "contact")
    shown = capsys.readouterr()
    assert ("", ["contact: 500 of 5000, 100 per second", "contact: 1000 of 5000, 100 per second"]) == (
        shown.out,
        shown.err.splitlines(),
    )


def test_what_is_done_within_a_second_shows_nothing(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    """product.md §6"""
    with Progress() as progress:
        progress.note("Creating 111 tables")
        watch.now += 0.9
        progress(10, 10, "contact")
    assert "" == capsys.readouterr().err


def test_a_step_without_a_number_is_named(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    """An upgrade of a large store takes its time."""
    with Progress() as progress:
        watch.now += 2
        progress.note("Upgrading the data from format 1 to 2")
    assert "Upgrading the data from format 1 to 2\n" == capsys.readouterr().err


def test_an_unknown_total_is_left_out(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is told "of 0"."""
    with Progress() as progress:
        watch.now += 10
        progress(50, 0, "contact")
    assert "contact: 50, 5 per second\n" == capsys.readouterr().err
