"""How often jax compiles."""

from contextlib import contextmanager

import jax

WATCHED = []


def listen(event, seconds, **more):
    if "backend_compile" in event:
        for events in WATCHED:
            events.append(event)


jax.monitoring.register_event_duration_secs_listener(listen)


@contextmanager
def compilations():
    """A list that grows with each compilation within."""
    events = []
    WATCHED.append(events)
    try:
        yield events
    finally:
        WATCHED.pop()
