"""Making keys, and what is shown of them: the key itself once, to whoever asked for it."""

import secrets
import uuid
from datetime import datetime

from app.domain.access import ApiKey, Role, checked_name
from app.domain.times import whole_milliseconds
from app.graph.api_keys import ApiKeys
from app.graph.rows import Row

BEGINS = "ci_"  # so that who finds one in a file or a log knows what it opens
RANDOM_BYTES = 32
HINT = 4


async def issue(keys: ApiKeys, brand_id: str, role: Role, name: str, at: datetime, *, makes_brand: bool) -> tuple[ApiKey, str]:
    """A new key, and what is kept of it. Raises Unprocessable, and as `ApiKeys.create`."""
    secret = BEGINS + secrets.token_urlsafe(RANDOM_BYTES)
    new = ApiKey(brand_id, str(uuid.uuid4()), checked_name(name), role, secret[-HINT:], whole_milliseconds(at))
    await keys.create(new, secret, makes_brand)
    return new, secret


def key_view(key: ApiKey) -> Row:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "role": key.role,
        "hint": key.hint,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
