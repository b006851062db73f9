"""What errors say, for people who have pages and buttons: a route of the API becomes what does the same here.

Errors tell callers of the API how to mend something; nobody in front of the console can send a POST. A route that has nothing
like it here stays, such as the one that makes keys.
"""

import re

# By the route's address, in which {} is any one part.
HERE = {
    "GET /api/merges": "the page Merges",
    "POST /api/merges/{}/redo": "\u201cTake the undo back\u201d on its page",
    "POST /api/merges/{}/undo": "\u201cUndo this merge\u201d on its page",
    "GET /api/merge-queue": "the page Reviews",
    "GET /api/rules": "the page Rules",
    "GET /api/rules/runs": "the page Rules",
    "POST /api/rules": "\u201cNew draft\u201d on the page Rules",
    "GET /api/jobs": "the page Operations",
    "POST /api/jobs/predictions/run": "\u201cRun\u201d beside predictions on the page Operations",
    "POST /api/profiles/{}/score": "\u201cRun\u201d beside predictions on the page Operations",
    "GET /api/automations": "the page Automations",
    "GET /api/automation-batches": "the page Approvals, under Automations,",
    "GET /api/campaign-executions": "the page Executions, under Automations,",
    "GET /api/reminders": "the page of reminders",
    "GET /api/models": "the page Models",
    "POST /api/models/{}/promote": "\u201cPromote\u201d on the page of another model does that",
}
ROUTE = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE) /api/[^\s;,()]*[^\s;,.()]")
_HERE = [(re.compile(re.escape(route).replace(r"\{\}", "[^/]+")), said) for route, said in HERE.items()]


def in_console(text: str) -> str:
    """The same with what does it here in the place of a route."""
    return ROUTE.sub(lambda found: _said(found[0]), text)


def _said(route: str) -> str:
    return next((said for pattern, said in _HERE if pattern.fullmatch(route)), route)
