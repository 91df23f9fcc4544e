"""Whether a text is English: the model has read nothing else, so it must not judge anything else."""

import re

SAMPLE = 4000
_WORDS = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_COMMON = frozenset(
    "the of and to in a is that for it on with as was by at from are be has had its an not this which but have or will "
    "would who their were been after said he his they".split()
)  # fmt: skip


def other_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language where `text` is not English, else None.

    A text rich in English function words needs no model; only a doubtful one is given to py3langid. A text too short to tell
    (under four words, as in a headline's fragment) passes.
    """
    words = [w.lower() for w in _WORDS.findall(text[:SAMPLE])]
    if len(words) < 4:
        return None if text.isascii() or not words else _detect(text)
    common = [w for w in words if w in _COMMON]
    if len(common) / len(words) >= 0.15 and len(set(common)) >= 3:
        return None
    return _detect(text)


def _detect(text: str) -> str | None:
    import py3langid  # its tables take half a second to load

    language, _ = py3langid.classify(text[:SAMPLE])
    return None if language == "en" else str(language)
