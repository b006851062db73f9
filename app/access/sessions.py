"""Sessions of the console: a cookie that says, sealed, which key somebody signed in with. Nothing is kept of one."""

from datetime import datetime, timedelta

from app.domain.access import ApiKey
from app.graph.api_keys import ApiKeys
from app.graph.rows import millis, moment
from app.graph.seal import Seal

COOKIE = "constintel_session"
PURPOSE = "session"
LASTS = timedelta(hours=12)


class Sessions:
    """`seal` is of this purpose alone. A session ends with its key, within seconds of when that is revoked."""

    def __init__(self, seal: Seal, keys: ApiKeys) -> None:
        self._seal = seal
        self._keys = keys

    def begin(self, key: ApiKey, at: datetime) -> str:
        """The cookie's value."""
        return self._seal.close((key.brand_id, key.key_id, str(millis(at))))

    async def caller(self, cookie: str, now: datetime) -> ApiKey | None:
        """Whose session it is; None: nobody's, or nobody's any more. Raises Unavailable."""
        said = self._seal.open(cookie)
        if said is None:
            return None
        brand_id, key_id, began = said
        if now - moment(int(began)) >= LASTS:
            return None
        key = await self._keys.of_id(brand_id, key_id)
        return key if key is not None and key.stands else None
