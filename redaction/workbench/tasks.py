"""Background work of this room, by kind."""

from portal.core import jobs
from redaction.workbench import table_counting


@jobs.handles(table_counting.KIND, queue="interactive")
def look_into_table(run: jobs.Run) -> jobs.Publish:
    return table_counting.work(run)
