"""Serve the rows of the measurements with FastAPI and SQLAlchemy: `python app.py SOURCE OWN`.

In:        the database of the product, and where to keep an own one
Out:       `ready PORT` on standard output, then answers until SIGTERM
Not here:  anything of the product: this file runs with its own packages, those of requirements/bench.txt

It is written the way the manuals of both say: models, a session for each request, plain functions in threads, answers
checked by models. It knows no rights, no choices, no annotations and no versions of rows.
"""

from __future__ import annotations

import datetime
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, create_engine, event, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

SCRATCH = "7fffffff"
"""How the id begins of the session that gets the events of measurements."""


class Model(DeclarativeBase):
    """What the tables share."""


class Call(Model):
    """A session."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    number: Mapped[str]
    started_at: Mapped[datetime.datetime]
    state: Mapped[int]
    queue_id: Mapped[str] = mapped_column(index=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    owner_id: Mapped[str] = mapped_column(index=True)
    events: Mapped[list[Happening]] = relationship(back_populates="session")


class Happening(Model):
    """A session event."""

    __tablename__ = "events"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    type: Mapped[int]
    reason: Mapped[int]
    time: Mapped[datetime.datetime]
    created_at: Mapped[datetime.datetime]
    owner_id: Mapped[str] = mapped_column(index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    session: Mapped[Call] = relationship(back_populates="events")


class NewEvent(BaseModel):
    """What a caller says of an event."""

    name: str
    type: int
    reason: int
    time: datetime.datetime
    session_id: str


class ChangedEvent(BaseModel):
    """What a caller changes."""

    name: str
    reason: int


class EventOut(NewEvent):
    """An event as it is answered."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    created_at: datetime.datetime
    owner_id: str


class CallOut(BaseModel):
    """A session as it is answered."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    subject: str
    number: str
    started_at: datetime.datetime
    state: int
    queue_id: str


class CallWithEvents(CallOut):
    """A session with its events."""

    events: list[EventOut]


class Group(BaseModel):
    """How many events have a reason, and when the last of them was."""

    reason: int
    total: int
    last: datetime.datetime


ENGINE = create_engine(f"sqlite:///{sys.argv[2]}", connect_args={"check_same_thread": False}, pool_size=40)
APPLICATION = FastAPI()


@event.listens_for(ENGINE, "connect")
def _set_up(connection: object, _record: object) -> None:
    """As durable as the product."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
        connection.execute(f"PRAGMA {pragma}")


def opened() -> Iterator[Session]:
    """A session of the database for one request."""
    with Session(ENGINE) as session:
        yield session


Database = Annotated[Session, Depends(opened)]


@APPLICATION.get("/events/groups")
def groups(database: Database, first: int, last: int) -> list[Group]:
    """Events of some types, by reason."""
    columns = (Happening.reason, func.count().label("total"), func.max(Happening.time).label("last"))
    asked = select(*columns).where(Happening.type.between(first, last)).group_by(Happening.reason)
    return [Group.model_validate(dict(row._mapping)) for row in database.execute(asked)]


@APPLICATION.get("/events/{event_id}")
def read_event(database: Database, event_id: str) -> EventOut:
    """One event."""
    found = database.get(Happening, event_id)
    if found is None:
        raise HTTPException(404)
    return EventOut.model_validate(found)


@APPLICATION.get("/events")
def list_events(database: Database, session: str | None = None, limit: int = 5000) -> list[EventOut]:
    """The events of a session, or all."""
    asked = select(Happening).order_by(Happening.id).limit(limit)
    if session is not None:
        asked = asked.where(Happening.session_id == session)
    return [EventOut.model_validate(row) for row in database.scalars(asked)]


@APPLICATION.get("/sessions/count")
def count_sessions(database: Database, owner: str) -> int:
    """How many sessions somebody owns."""
    return database.scalar(select(func.count()).select_from(Call).where(Call.owner_id == owner)) or 0


@APPLICATION.get("/sessions")
def list_sessions(database: Database, queue: str, limit: int = 50, newest: bool = False) -> list[CallOut]:
    """The sessions of a queue."""
    asked = select(Call).where(Call.queue_id == queue).limit(limit)
    asked = asked.order_by(Call.started_at.desc() if newest else Call.id)
    return [CallOut.model_validate(row) for row in database.scalars(asked)]


@APPLICATION.get("/conversations/{conversation}/sessions")
def sessions_with_events(database: Database, conversation: str) -> list[CallWithEvents]:
    """The sessions of a conversation with their events."""
    asked = select(Call).where(Call.conversation_id == conversation).options(selectinload(Call.events))
    return [CallWithEvents.model_validate(row) for row in database.scalars(asked)]


@APPLICATION.post("/events", status_code=204)
def create_event(database: Database, new: NewEvent) -> Response:
    """Make one event."""
    database.add(_made(database, new))
    database.commit()
    return Response(status_code=204)


@APPLICATION.post("/events/bulk", status_code=204)
def create_events(database: Database, new: list[NewEvent]) -> Response:
    """Make many events."""
    database.add_all([_made(database, one) for one in new])
    database.commit()
    return Response(status_code=204)


@APPLICATION.patch("/events/{event_id}", status_code=204)
def update_event(database: Database, event_id: str, changed: ChangedEvent) -> Response:
    """Change one event."""
    found = database.get(Happening, event_id)
    if found is None:
        raise HTTPException(404)
    found.name, found.reason = changed.name, changed.reason
    database.commit()
    return Response(status_code=204)


@APPLICATION.get("/bench/cpu")
async def cpu() -> Response:
    """The CPU time this process has used."""
    return Response(str(time.process_time_ns()))


@APPLICATION.post("/bench/forget")
def forget(database: Database) -> Response:
    """Delete what measurements created."""
    database.execute(text(f"DELETE FROM events WHERE session_id LIKE '{SCRATCH}%'"))
    database.commit()
    return Response("done")


def _made(database: Session, new: NewEvent) -> Happening:
    session = database.get(Call, new.session_id)
    if session is None:
        raise HTTPException(400)
    now = datetime.datetime.now(datetime.UTC)
    return Happening(id=str(uuid.uuid4()), created_at=now, owner_id=session.owner_id, **new.model_dump())


def _fill(source: str) -> None:
    """Take the rows over."""
    Model.metadata.create_all(ENGINE)
    with ENGINE.connect() as connection:
        connection.execute(text("ATTACH :source AS product"), {"source": source})
        connection.execute(text(_SESSIONS))
        connection.execute(text(_EVENTS))
        connection.commit()


def _moment(column: str) -> str:
    """A point in time as SQLAlchemy keeps it."""
    return f"replace(replace({column}, 'T', ' '), 'Z', '') || '.000000'"


_SESSIONS = f"""
INSERT INTO sessions (id, subject, number, started_at, state, queue_id, conversation_id, owner_id)
SELECT activityid, subject, msdyn_sessionid, {_moment("msdyn_sessioncreatedon")}, statecode, msdyn_cdsqueueid,
    msdyn_liveworkitemid, ownerid FROM product.msdyn_ocsession
"""
_EVENTS = f"""
INSERT INTO events (id, name, type, reason, time, created_at, owner_id, session_id)
SELECT msdyn_sessioneventid, msdyn_name, msdyn_eventtype, msdyn_eventreason, {_moment("msdyn_eventtime")},
    {_moment("createdon")}, ownerid, msdyn_omnichannelsession FROM product.msdyn_sessionevent
"""


def main() -> None:
    """Serve until told to stop."""
    _fill(sys.argv[1])
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"ready {listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(APPLICATION, log_level="warning", access_log=False)).run([listening])


if __name__ == "__main__":
    main()
