"""The plain names of states in each form, so that one state can stand in another's place: country, adjective, people, capital."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from moscow_labels.compiled import SOURCE

WITH_ARTICLE = frozenset({"United States", "United Kingdom", "Netherlands", "Czech Republic", "Central African Republic"})
"""Country names that read wrong without "the", and wrong in the place of others."""

UNFIT = frozenset({"VAT", "ARE", "PSE", "MMR", "BIH"})
"""States without one plain name in each form."""


FORMS = ("country", "adjective", "people", "capital")


@dataclass(frozen=True, slots=True)
class Forms:
    """A state's name in each of `FORMS`."""

    country: str
    adjective: str
    people: str
    capital: str

    def form_of(self, words: str) -> str | None:
        """Return the form that `words` are, None for another name of the state (a leader, a body, an older name)."""
        return next((form for form in FORMS if words == self.named(form)), None)

    def named(self, form: str) -> str:
        """Return the name in a form."""
        return str(getattr(self, form))


@cache
def state_forms() -> Mapping[str, Forms]:
    """Return code -> forms of every state of the lexicon that has all four."""
    data = tomllib.loads(files("moscow_labels").joinpath(SOURCE).read_text(encoding="utf-8"))
    found = {}
    for code, entry in data.items():
        if entry.get("kind") != "state" or code in UNFIT or entry["name"] in WITH_ARTICLE:
            continue
        people, capitals = entry.get("people", ()), entry.get("capitals", ())
        if people and capitals:
            plural = next((p for p in people[1:] if p.endswith("s") and not p.endswith("ss")), f"{people[0]} people")
            found[code] = Forms(entry["name"], people[0], plural, capitals[0])
    return found
