"""Runs `constintel` under a sampling profiler: `python -m bench.profile_service FILE serve --port 3000`.

A thread looks at the main thread's stack 500 times a second (a sample waits for the interpreter lock, so long calls
into C are counted where they were made). At the end FILE holds folded stacks (`a;b;c count`, what flame graph tools
read), and the costliest functions are printed: `self` is the share of busy samples in it, `total` in it or below.
"""

import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

INTERVAL_S = 0.002
SHOWN = 25

Stack = tuple[str, ...]


class Sampler:
    """Counts stacks of one thread until told to stop."""

    def __init__(self, thread_id: int) -> None:
        self._thread_id = thread_id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="sampler", daemon=True)
        self.stacks: Counter[Stack] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            self.stacks[stack_of(sys._current_frames().get(self._thread_id))] += 1


def stack_of(frame: FrameType | None) -> Stack:
    """Outermost first; a function is its file's last two parts and its name."""
    found = []
    while frame is not None:
        code = frame.f_code
        found.append(f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))


def idle(stack: Stack) -> bool:
    """Nothing but the event loop itself is on the stack: it waits."""
    return not stack or stack[-1].split(":")[0].startswith("asyncio/runners") or stack[-1].endswith(":select")


def summary(stacks: Counter[Stack]) -> str:
    busy = Counter({stack: count for stack, count in stacks.items() if not idle(stack)})
    samples, everything = busy.total() or 1, stacks.total() or 1
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for stack, count in busy.items():
        own[stack[-1]] += count
        for function in set(stack):
            total[function] += count
    lines = [f"busy {samples / everything:.0%} of {everything:,} samples", " self   total"]
    ranked = sorted(total, key=lambda function: (-own[function], -total[function]))[:SHOWN]
    lines += [f"{own[name] / samples:6.1%} {total[name] / samples:6.1%}  {name}" for name in ranked]
    return "\n".join(lines)


def main() -> None:
    target = Path(sys.argv[1]).absolute()
    sys.argv = ["constintel", *sys.argv[2:]]
    import app.running  # noqa: F401, PLC0415 - imports are no part of what is measured
    from app.cli import main as constintel  # noqa: PLC0415

    sampler = Sampler(threading.get_ident())
    sampler.start()
    try:
        constintel()
    finally:
        sampler.stop()
        target.write_text("".join(f"{';'.join(s)} {n}\n" for s, n in sampler.stacks.most_common()), encoding="utf-8")
        sys.stderr.write(summary(sampler.stacks) + "\n")


if __name__ == "__main__":
    main()
