"""The benchmark: `make bench` compares the service with what one would build instead, and with its own ceilings.

Every figure of one run comes from one machine within minutes, interleaved; compare within a run, never across runs.
"""
