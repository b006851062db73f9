"""What the benchmark starts, it stops, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

BENCH = """
import sys, time
from pathlib import Path
from bench.processes import end_tidily_when_told_to, running
end_tidily_when_told_to()
with running("a child", ["sleep", "600"], Path(sys.argv[1]) / "log") as child:
    print(child.pid, flush=True)
    time.sleep(600)
"""


def test_told_to_end_it_ends_whom_it_started(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", BENCH, str(tmp_path)], stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        child = psutil.Process(int(bench.stdout.readline()))
        bench.terminate()
        assert bench.wait(60) == 128 + signal.SIGTERM
    assert not child.is_running()
