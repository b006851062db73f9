"""What a machine or a person may do to `make` before anything is set up."""

import os
import subprocess
import time
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parents[1] / "Makefile"


def make(folder: Path, *arguments: str, more: str = "", **given: str) -> subprocess.CompletedProcess[str]:
    """Its run there; `more` is added to the Makefile."""
    command = ["make", "--no-print-directory", "-f", str(MAKEFILE), "-f", "-", *arguments]
    return subprocess.run(
        command, cwd=folder, input=more, env=os.environ | given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ['a"b', "a$b", "a{b}", "a:b", "a\\b", "a`b"])
def test_a_folder_that_installers_do_not_take_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    run = make(folder, "setup")
    assert run.returncode == 2
    assert str(folder) in run.stderr
    assert "move the checkout" in run.stderr
    assert not list(folder.iterdir())


def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    """They made the environment anew under each other's feet."""
    folder = tmp_path / "it's a folder, 100% ünï (1) #&;"
    folder.mkdir()
    slow = "set-up: ; @echo begun >> log; until test -f go; do sleep 0.05; done; echo done >> log\n"
    (folder / "Makefile").write_text(f"include {MAKEFILE}\n{slow}")
    log = folder / "log"

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(["/usr/bin/env", "make", "-s", "setup"], cwd=folder, stderr=subprocess.PIPE, text=True)

    first = start()
    while not log.exists() and first.poll() is None:
        time.sleep(0.05)
    second = start()
    assert second.stderr is not None
    said = ""
    while "Waiting for another set-up" not in said:  # make first warns of a recipe that is another here
        said = second.stderr.readline()
        assert said, log.read_text()
    assert log.read_text() == "begun\n"
    (folder / "go").touch()
    assert [one.communicate(timeout=60) and one.returncode for one in (first, second)] == [0, 0]
    assert log.read_text() == "begun\ndone\n" * 2


def test_what_is_meant_for_other_programs_of_python_does_not_reach_ours(tmp_path: Path) -> None:
    cruel = {"PYTHONPATH": "/elsewhere", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2"}
    run = make(tmp_path, "show", more="show: ; @env\n", **cruel)
    assert run.returncode == 0, run.stderr
    assert not cruel.keys() & {line.partition("=")[0] for line in run.stdout.splitlines()}


@pytest.mark.parametrize("home", ["", "/nonexistent", "/dev/null"])
def test_installers_keep_what_they_keep_here_where_there_is_no_home(tmp_path: Path, home: str) -> None:
    show = "show: ; @echo $$npm_config_cache; echo $$UV_CACHE_DIR\n"
    assert [Path(line).is_relative_to(tmp_path) for line in make(tmp_path, "show", more=show, HOME=home).stdout.split()] == [
        True
    ] * 2
    here = make(tmp_path, "show", more=show, HOME=str(tmp_path), npm_config_cache="/given", UV_CACHE_DIR="/given")
    assert here.stdout.split() == ["/given"] * 2


def test_a_checkout_reached_through_a_link_has_one_environment(tmp_path: Path) -> None:
    """Else it was made anew whenever somebody came the other way."""
    link, folder = tmp_path / "link", tmp_path / "folder"
    folder.mkdir()
    link.symlink_to(folder)
    keys = {
        make(one, "show", "ENVIRONMENT=/dev/null", more="show: ; @echo $(KEY)\n", PWD=str(one)).stdout for one in (folder, link)
    }
    assert len(keys) == 1
    assert keys != {"\n"}


def test_who_may_not_write_where_all_is_set_up_is_not_kept_from_it(tmp_path: Path) -> None:
    """A service's user in a checkout of root's; a file in the folder's place keeps root from writing too."""
    (tmp_path / ".constintel").touch()
    (tmp_path / "Makefile").write_text(f"include {MAKEFILE}\nset-up: ; @echo looked\n")
    run = subprocess.run(
        ["/usr/bin/env", "make", "-s", "setup"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, "looked\n"), run.stderr
