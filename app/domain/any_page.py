"""What any page of the web may send to, and what its browser is told so that it lets the page.

A write key stands in the pages of a shop for everybody to read: any page may send with one, and nothing is read there.
"""

UNDER = "/v1/"  # the path of what may be sent to

# With every answer, a refusal too: the page's own script could not tell a bad key from a bad line else, nor when to try again.
SAID = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after, x-request-id"}

# To a browser that asks first. One that sends again says how often (x-retry-count): not allowed, whatever it could not tell at
# once is lost. `*` is what else a shop has its library send.
PREFLIGHT = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "*, authorization, content-type, x-retry-count",
    "access-control-max-age": "86400",
}
