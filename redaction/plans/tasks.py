"""Background work of this room, by kind."""

from portal.core import jobs
from redaction.plans import renders


@jobs.handles("plans.render", queue="media")
def render(run: jobs.Run) -> jobs.Publish:
    return renders.make(run)
