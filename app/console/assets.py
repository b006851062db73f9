"""What browsers fetch beside the pages: our own files, and a listed few of the npm packages that set-up installed.

All have one version in their address, the hash of everything, so that modules may import each other by name and may be kept
for ever. Another version's address (a page of a replica that runs other code) gets what is there now, to be kept by nobody.
"""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

OWN = Path(__file__).parent / "static"

# Below node_modules/. Nothing else of it is ever served.
VENDORED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "cytoscape.js": "cytoscape/dist/cytoscape.min.js",
    "layout-base.js": "layout-base/layout-base.js",
    "cose-base.js": "cose-base/cose-base.js",
    "cytoscape-fcose.js": "cytoscape-fcose/cytoscape-fcose.js",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Assets:
    """Every file by name. `missing` names those that set-up should have installed."""

    files: Mapping[str, Asset]
    missing: tuple[str, ...]
    version: str

    def address(self, name: str) -> str:
        return f"/console/_assets/{self.version}/{name}"  # no brand is called so

    def packed(self, name: str) -> bytes:
        return _packed(self.files[name].content)


def load_assets(node_modules: Path) -> Assets:
    """Reads them all, once: the service serves them from memory."""
    own = {path.name: path for path in sorted(OWN.iterdir())}
    theirs = {name: node_modules / path for name, path in VENDORED.items()}
    found = {name: path for name, path in (own | theirs).items() if path.is_file()}
    files = {name: Asset(path.read_bytes(), TYPES[path.suffix]) for name, path in found.items()}
    return Assets(files, tuple(sorted(theirs.keys() - files.keys())), _version(files.items()))


def _version(files: Iterable[tuple[str, Asset]]) -> str:
    digest = hashlib.sha256()
    for name, asset in sorted(files, key=lambda one: one[0]):
        digest.update(f"{name}:{len(asset.content)}:".encode() + asset.content)
    return digest.hexdigest()[:16]


@cache
def _packed(content: bytes) -> bytes:
    """At the first request, since a service that shows no console need not pay for it."""
    return gzip.compress(content, mtime=0)
