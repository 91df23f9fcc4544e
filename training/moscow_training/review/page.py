"""One standalone HTML file from a template of ours: no network, a strict content policy, hostile text made harmless."""

import base64
import hashlib
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

TEMPLATES = ("page.html", "errors.html", "card.html")
TURNING = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Characters without ink that join, split or turn the direction of what stands around them."""


def visible(text: str) -> str:
    """Return a text with white space as single blanks and every control, unpaired surrogate or direction mark spelled out (⟨U+202E⟩)."""
    return "".join(_shown(c) for c in re.sub(r"[ \t\r\n\f\v]+", " ", text))


def _shown(character: str) -> str:
    if TURNING.match(character) or unicodedata.category(character) in ("Cc", "Cs"):
        return f"⟨U+{ord(character):04X}⟩"
    return character


def render(template: str, *, style: str, script: str = "", **values: Any) -> str:
    """Return a template filled in. `style` and `script` name files beside it; the page's policy lets in these two by digest, and no more.

    Every value is escaped, unless it goes through `tojson`, which escapes for a script block.
    """
    css, code = _file(style), _file(script) if script else ""
    policy = {
        "default-src": "'none'",
        "style-src": _digest(css),
        "script-src": _digest(code) if code else "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    page = _environment().get_template(template)
    return page.render(style=Markup(css), script=Markup(code), policy="; ".join(map(" ".join, policy.items())), **values)  # noqa: S704


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _file(name: str) -> str:
    return (files("moscow_training.review") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    loader = DictLoader({name: _file(name) for name in TEMPLATES})
    environment = Environment(
        loader=loader, autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    return environment
