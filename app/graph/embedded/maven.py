"""The few things we ask of a Maven repository, by way of `jgo`: the newest version, resolving, downloading.

Imported only when something has to be fetched: jgo takes a third of a second to import. The lock's hashes make any
mirror as good as another.
"""

from pathlib import Path

from jgo.maven import MavenContext

TIMEOUT_S = 60

Coordinates = tuple[str, str, str, str]
"""Group, artifact, version, classifier (or "")."""


class Maven:
    """A Maven repository, seen through a local folder of its own; never the user's `~/.m2`."""

    def __init__(self, folder: Path, repository: str | None = None) -> None:
        """`repository` is a mirror's base URL; None is Maven Central."""
        remotes = {"mirror": repository.rstrip("/")} if repository else None
        self._context = MavenContext(repo_cache=folder, local_repos=[], remote_repos=remotes, timeout=TIMEOUT_S)

    def download(self, group: str, artifact: str, version: str, classifier: str) -> Path:
        """The jar's local path, downloading it when the folder lacks it.

        Raises OSError when it cannot be had: `requests` derives its errors from it, and jgo's own are turned into it.
        """
        component = self._context.project(group, artifact).at_version(version)
        try:
            return component.artifact(classifier=classifier).resolve()
        except RuntimeError as error:
            raise OSError(str(error)) from error

    def newest(self, group: str, artifact: str, prefix: str) -> str:
        """The newest released version that starts with `prefix`, such as "5.26."."""
        project = self._context.project(group, artifact)
        project.update()
        patches = [version for version in project.metadata.versions if version.startswith(prefix)]
        return max(patches, key=lambda version: [int(part) for part in version.split(".")])

    def resolve(self, coordinates: list[str]) -> list[Coordinates]:
        """Everything these need at run time, themselves first, in class-path order."""
        context = self._context
        wanted = [context.create_dependency(coordinate) for coordinate in coordinates]
        named, others = context.resolver.resolve(wanted)
        return [(d.groupId, d.artifactId, d.version, d.classifier) for d in [*named, *others]]
