"""Profile strength: how sure we are that we could recognise this person again (0-100)."""

from app.domain.identifiers import TYPES, Channel
from app.domain.profiles import Profile

# Orders delivered to a profile that was already there: 0, 1, 2, 3, 4, 5 and more.
CONFIRMATION = (40, 50, 60, 70, 75, 80)


def strength(profile: Profile) -> int:
    """The larger of what its identifiers say and what its confirming orders say (contract, "Profile strength")."""
    channels = {TYPES[held.type].channel for held in profile.strong} | {TYPES[name].channel for name in profile.anonymous}
    score = _identifier_score(channels, profile)
    if channels & {Channel.EMAIL, Channel.PHONE, Channel.LOYALTY}:
        return max(score, CONFIRMATION[min(profile.confirmed, len(CONFIRMATION) - 1)])
    return score


def _identifier_score(channels: set[Channel], profile: Profile) -> int:
    if Channel.EMAIL in channels and Channel.PHONE in channels:
        extra = 10 * (Channel.LOYALTY in channels) + 5 * (Channel.COOKIE in channels) + 5 * (Channel.DEVICE in channels)
        return min(95, 75 + extra)
    if profile.strong:
        return 40
    return 10 if profile.anonymous else 0
