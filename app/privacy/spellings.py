"""How e-mails and phones were spelt, which a process remembers to read them fast: until somebody is erased, an hour at most."""

import asyncio

from app.domain.normalise import email, phone
from app.domain.search import national

FORGET_S = 3_600.0  # what another process erased is remembered no longer here; to read all anew costs a second or two


def forget_spellings() -> None:
    for reads in (email, phone, national):
        reads.cache_clear()


async def forget_now_and_then() -> None:
    while True:
        await asyncio.sleep(FORGET_S)
        forget_spellings()
