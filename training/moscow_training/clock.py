"""How long a run takes, and how much of that is spent on telling MLflow about it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """Seconds since it was made, and seconds inside `telling`."""

    started: float = field(default_factory=time.monotonic)
    told: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self.started

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Count what happens inside as tracking."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.told += time.monotonic() - began
