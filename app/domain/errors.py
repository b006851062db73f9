"""The one tree of errors. Only `app/problems.py` knows which HTTP status each becomes.

Every message says what was wrong, where, and how to mend it.
"""


class ConstIntelError(Exception):
    """The root: everything the service says no with."""

    title = "The request could not be served"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadInput(ConstIntelError):
    """The request is not what the route takes; nothing was stored."""

    title = "The request is not valid"


class InvalidIdentifier(BadInput):
    title = "An identifier is not valid"


class MissingBrand(BadInput):
    title = "The x-brand-id header is missing or malformed"


class TooLarge(BadInput):
    title = "The body is too large"


class UnsupportedEncoding(BadInput):
    title = "The body is encoded in a way that is not read"


class Unprocessable(BadInput):
    """Well-formed, but its content contradicts the contract."""

    title = "The content is not valid"


class QueryRefused(BadInput):
    """The read-only Cypher door does not let this query through."""

    title = "The query is not allowed"


class NotFound(ConstIntelError):
    title = "Not found"


class ForeignForm(ConstIntelError):
    """A page of another site wants something changed here."""

    title = "This did not come from the console"


class ForeignPage(ConstIntelError):
    """A page of another site led a browser here, or may have."""

    title = "This may come from a page of another site"


class Unidentified(ConstIntelError):
    """A call that does not say whose it is, where it must. `challenge` tells how it could (RFC 9110, 11.6.1)."""

    challenge = ""


class UnknownKey(Unidentified):
    """A key that is nobody's."""

    title = "The write key is not known"
    challenge = 'Basic realm="write key"'


class UnknownKeyOfPage(UnknownKey):
    """The same of a page's script. Told of Basic, a browser would ask the shop's visitors for a name and a password."""

    challenge = "WriteKey"


class KeyWanted(Unidentified):
    """A call without a key of this service, where it asks for one; or with what is none, or none any more."""

    title = "A key is needed"
    challenge = "Bearer"


class Forbidden(ConstIntelError):
    """Who asks is known, and may not."""

    title = "The key does not allow this"


class SenderOff(ConstIntelError):
    """A brand does not want this sender's deliveries."""

    title = "This sender is switched off"


class Unsigned(Unidentified):
    """A call that must be signed by its sender is not."""

    title = "The signature is missing"
    challenge = "Signature"


class Forged(ConstIntelError):
    """A call is not, or cannot be shown to be, from the sender whom it must be from."""

    title = "The signature is wrong"


class Gone(ConstIntelError):
    """It was there, and is not any more."""

    title = "These entries are not kept here"


class Erased(Gone):
    title = "This person was erased"


class Conflict(ConstIntelError):
    """What was asked contradicts what stands; nothing was changed."""

    title = "The request conflicts with what stands"


class StaleDecision(Conflict):
    title = "The review moved or was decided meanwhile"


class StaleRules(Conflict):
    """Who decided on rules looked at others than those that stand now."""

    title = "The rules moved meanwhile"


class ForbiddenPair(Conflict):
    title = "These profiles were judged not to be one person"


class JobRunning(Conflict):
    """Another run of the job holds its lease."""

    title = "This job is running already"


class JobLost(Conflict):
    """A run was too slow to keep its lease, and another took it over."""

    title = "This run of the job was taken over"


class RegionTooLarge(Conflict):
    """More evidence than one transaction can fold anew. Nothing was resolved in part."""

    title = "Too much evidence belongs to these people"


class Unavailable(ConstIntelError):
    """The graph cannot be reached now; nothing was acknowledged. Try again."""

    title = "The graph is not available"
    again_after_s = 2


class TooManyStreams(Unavailable):
    """No more streams can be followed here now."""

    title = "Too many streams are open"


class Overloaded(Unavailable):
    """More waits than would be done in time. Said at once; nothing was stored."""

    title = "The service is busy"


class QueryTooExpensive(ConstIntelError):
    """A read went past its time, row, size or memory limit: asking for less is of use, asking again is not."""

    title = "The query went past a limit"


class PoisonEvent(ConstIntelError):
    """One delivery cannot be stored, though its neighbours in the batch can."""

    title = "The delivery could not be processed"


class SetUpError(ConstIntelError):
    """The process cannot start as configured, or do what was asked of it."""

    title = "The service is not set up for this"


class ModelMissing(SetUpError):
    """A model's file is not there or is not what it was written as. Nothing is scored in its place."""

    title = "A model cannot be loaded"
