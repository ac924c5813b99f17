"""Say what the demo organization holds: a real conference and a contact-centre day.

In:        the files in `data/`, the organization's schema
Out:       batches of rows (seeding.batches)
Not here:  writing them (seeding.writing)
"""

from __future__ import annotations

from pathlib import Path

from verselet.metadata.schema import Schema
from verselet.seeding.attendance import make_up_attendance
from verselet.seeding.batches import Batch
from verselet.seeding.conference import conference_batches
from verselet.seeding.contact_centre import contact_centre_batches
from verselet.seeding.programme import read_programme
from verselet.seeding.queue_log import read_calls

DATA = Path(__file__).resolve().parent / "data"
PROGRAMME = "fosdem-2025.json"
QUEUE_LOG = "contact-centre-day.queue_log"
REGISTRANTS = 400


def demo_batches(schema: Schema, unit_id: str) -> list[Batch]:
    """The demo's rows; new users belong to the business unit `unit_id`."""
    programme = read_programme((DATA / PROGRAMME).read_bytes())
    attendance = make_up_attendance(programme, REGISTRANTS)
    calls = read_calls((DATA / QUEUE_LOG).read_text("utf-8"), QUEUE_LOG)
    source = "contact-centre-day"
    return [*contact_centre_batches(schema, calls, source, unit_id), *conference_batches(programme, attendance)]
