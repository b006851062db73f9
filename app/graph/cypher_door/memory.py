"""A reader process's memory limit, and its end when it meets it."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_MEMORY = 77
"""A reader's exit code when it met its memory limit and could still say so."""


def limit_memory(most_bytes: int) -> None:
    """From now on allocating more than this fails; and no core file is written when that ends the process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


@contextmanager
def ending_when_out_of_memory() -> Iterator[None]:
    """Ends the process at once: tidying up needs memory too, and time that the caller has not got."""
    try:
        yield
    except MemoryError:
        os._exit(EXIT_MEMORY)
    except BaseException as error:
        # The Rust half of the driver panics, outside of Exception, when it gets no memory.
        if type(error).__name__ == "PanicException":
            os._exit(EXIT_MEMORY)
        raise
