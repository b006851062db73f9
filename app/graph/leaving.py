"""Links by which whoever gets an e-mail says that they want no more: sealed: nobody makes one, or reads an address in it."""

from dataclasses import dataclass

from app.graph.seal import Seal

PURPOSE = "leaving"
PATH = "/unsubscribe"


@dataclass(frozen=True, slots=True)
class Links:
    """`seal` is of this purpose alone; `public_url` is where the world reaches the service, if it does."""

    seal: Seal
    public_url: str = ""

    def to(self, brand_id: str, address: str) -> str | None:
        """None where mail programs could not call it: they ask for https (RFC 8058)."""
        if not self.public_url.startswith("https://"):
            return None
        return f"{self.public_url.rstrip('/')}{PATH}/{self.seal.close((brand_id, address))}"

    def whose(self, token: str) -> tuple[str, str] | None:
        """The brand and the address; None for what is no end of such a link."""
        said = self.seal.open(token)
        return (said[0], said[1]) if said is not None else None
