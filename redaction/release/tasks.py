"""Background work of this room, by kind."""

from portal.core import jobs
from redaction.release import building, destroying, freezing, reopening
from requests_app.custody.cases import CLOSED
from requests_app.custody.purging import JOB


@jobs.handles(freezing.BUILD, queue="build")
def build(run: jobs.Run) -> jobs.Publish:
    return building.make(run)


@jobs.handles(JOB, queue="build")
def purge(run: jobs.Run) -> jobs.Publish:
    return destroying.make(run)


@jobs.handles(CLOSED, queue="build")
def look_again(run: jobs.Run) -> jobs.Publish:
    return reopening.make(run)
