"""Talk goes to stderr: warnings and notes, more with -v, less with -q."""

from dataclasses import dataclass


@dataclass(slots=True)
class Talk:
    """How much is said. 0 is usual, 1 and more say details, -1 only errors."""

    level: int = 0

    def warn(self, message: str) -> None:
        """Say something that the reader should know, unless -q."""
        if self.level >= 0:
            _say(message, "yellow")

    def note(self, message: str) -> None:
        """Say a detail, with -v only."""
        if self.level > 0:
            _say(message, "dim")

    def error(self, message: str) -> None:
        """Say what went wrong, always."""
        _say(message, "red", "error: ")


def _say(message: str, style: str, lead: str = "") -> None:
    from moscow_stance.terminal import printable, stderr  # rich takes 20 ms to import

    stderr().print(lead + printable(message), style=style)


talk = Talk()
"""The process's one voice; the command line sets its level."""
