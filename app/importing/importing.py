"""One file, chunk by chunk: what is read is sent, what is refused is written down, and how far it came is kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from app.importing.memory import Came, Memory, Rejects
from app.importing.records import BEGINNING, Reader, Record, Row
from app.importing.sending import MOST_BYTES, MOST_EVENTS, Taken

Take = Callable[[Sequence[bytes]], Taken]
Report = Callable[[Came, float], object]  # how far it came, and the share of the file that was read


@dataclass(frozen=True, slots=True)
class Import:
    """`take` sends events, `report` hears of each chunk."""

    reader: Reader
    take: Take
    memory: Memory
    rejects: Rejects
    report: Report

    def run(self, came: Came) -> Came:
        """Goes on to the end from where it came. Raises as `take`, the reader and the memory; what was taken is kept then."""
        self.rejects.go_on(came.rejected_bytes)
        for chunk in chunks(self.reader.records(came.place)):
            taken = self.take([event for row in chunk for event in row.encoded])
            for row, why in refused(chunk, taken):
                came.rejected_bytes = self.rejects.add(row.record.line, why, row.record.raw)
                came.rejected += 1
            came.rows += len(chunk)
            came.outcomes.update(taken.outcomes)
            came.place = chunk[-1].record.behind
            self.memory.keep(came)
            self.report(came, self.reader.share)
        self.memory.forget()
        return came


@dataclass(frozen=True, slots=True)
class Check:
    """The same without a service: nothing is sent, kept or written. `refuse` hears the line of each bad row, and why."""

    reader: Reader
    take: Take
    report: Report
    refuse: Callable[[int, str], object]

    def run(self) -> Came:
        came = Came()
        for chunk in chunks(self.reader.records(BEGINNING)):
            taken = self.take([event for row in chunk for event in row.encoded])
            for row, why in refused(chunk, taken):
                self.refuse(row.record.line, why)
                came.rejected += 1
            came.rows += len(chunk)
            came.outcomes.update(taken.outcomes)
            self.report(came, self.reader.share)
        return came


def chunks(records: Iterable[Record]) -> Iterator[list[Row]]:
    """Rows in as many as one call bears: a row's events go together, and a row of none is as good as one."""
    chunk: list[Row] = []
    count = size = 0
    for record in records:
        row = encoded(record)
        events, length = max(1, len(row.encoded)), sum(map(len, row.encoded))
        if chunk and (count + events > MOST_EVENTS or size + length > MOST_BYTES):
            yield chunk
            chunk, count, size = [], 0, 0
        chunk.append(row)
        count, size = count + events, size + length
    if chunk:
        yield chunk


def encoded(record: Record) -> Row:
    if len(record.content) > MOST_EVENTS:
        why = f"it is {len(record.content):,} events, and at most {MOST_EVENTS:,} are sent at once; send it in parts"
        return Row(record._replace(fault=why), ())
    try:
        return Row(record, tuple(orjson.dumps(event) for event in record.content))
    except orjson.JSONEncodeError as error:
        return Row(record._replace(fault=f"it cannot be sent: {error}; nest it less deeply", raw=None), ())


def refused(chunk: Sequence[Row], taken: Taken) -> Iterator[tuple[Row, str]]:
    """The rows of which something cannot be taken, each with the first reason why."""
    place = 0
    for row in chunk:
        reasons = [why for at in range(place, place + len(row.encoded)) if (why := taken.refused.get(at)) is not None]
        place += len(row.encoded)
        if row.record.fault or reasons:
            yield row, row.record.fault or reasons[0]
