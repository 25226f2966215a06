from requests_app.custody.models.cases import Case, CaseDetermination
from requests_app.custody.models.flights import FlightClass, FlightDetermination
from requests_app.custody.models.holds import Hold, HoldRecord, PreservationTask
from requests_app.custody.models.ownership import PlateProof
from requests_app.custody.models.purges import Certificate, Purge, PurgeItem
from requests_app.custody.models.records import Medium, ResponsiveRecord, Transcript
from requests_app.custody.models.schedules import RetentionConflict, RetentionSchedule

__all__ = [
    "Case",
    "CaseDetermination",
    "Certificate",
    "FlightClass",
    "FlightDetermination",
    "Hold",
    "HoldRecord",
    "Medium",
    "PlateProof",
    "PreservationTask",
    "Purge",
    "PurgeItem",
    "ResponsiveRecord",
    "RetentionConflict",
    "RetentionSchedule",
    "Transcript",
]
