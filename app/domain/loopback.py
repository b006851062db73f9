"""This machine, as addresses name it."""

HOSTS = ("127.0.0.1", "localhost", "::1")
# For httpx (`mounts`): whatever http_proxy says, what is asked of this machine goes through no proxy, which would be asked for
# itself.
NO_PROXY = {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in HOSTS}
