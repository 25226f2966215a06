"""Background work of this room, by kind."""

from portal.core import jobs
from redaction import sandbox
from redaction.plans import detecting, renders, spreading


@jobs.handles("plans.render", queue="media")
def render(run: jobs.Run) -> jobs.Publish:
    with sandbox.giving_way():
        return renders.make(run)


@jobs.handles("plans.share", queue="media")
def render_share(run: jobs.Run) -> jobs.Publish:
    with sandbox.giving_way():
        return spreading.make_share(run)


@jobs.handles("plans.join", queue="media")
def join(run: jobs.Run) -> jobs.Publish:
    with sandbox.giving_way():
        return renders.make(run)


@jobs.handles("plans.detect", queue="media")
def detect(run: jobs.Run) -> jobs.Publish:
    with sandbox.giving_way():
        return detecting.look(run)
