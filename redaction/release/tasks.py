"""Background work of this room, by kind."""

from portal.core import jobs
from redaction.release import building, freezing


@jobs.handles(freezing.BUILD, queue="build")
def build(run: jobs.Run) -> jobs.Publish:
    return building.make(run)
