"""This machine, as addresses name it."""

import ipaddress

HOSTS = ("127.0.0.1", "localhost", "::1")
# For httpx (`mounts`): whatever http_proxy says, what is asked of this machine goes through no proxy, which would be asked for
# itself.
NO_PROXY = {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in HOSTS}


def is_loopback(host: str) -> bool:
    """Whether an address that is listened on can be reached from this machine alone. Of a name that is not known here: no."""
    try:
        return host in HOSTS or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
