"""Frozen splits by document: train, validation, calibration, test; near-duplicate documents stay together.

A split file is JSON: {"version", "seed", "units": {split: {source: n}}, "documents": {document: split}}. It is made once from the labelled
rows and their texts, committed, and only ever extended (`known`): a document never changes its split.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from moscow_labels.errors import InputError
from moscow_labels.texts import Hydrated

if TYPE_CHECKING:
    from datasketch import MinHash

Split = str
"""One of "train", "validation", "calibration", "test"."""

SHARES: Mapping[Split, float] = {"train": 0.58, "validation": 0.12, "calibration": 0.08, "test": 0.22}
OWN_SHARES: Mapping[Split, float] = {"train": 0.92, "validation": 0.03, "calibration": 0.02, "test": 0.03}
"""Real text judges models; our own sentences do so only where no other text is here, and some hundred are enough for that."""

SPLIT_FILE = Path("labels/splits/v1.json")
VERSION, SEED = 1, 1
NEAR = 0.6
"""Jaccard similarity of word 3-grams from which two sentences count as near-duplicates."""

PERMUTATIONS = 128
LEAST_GRAMS = 4
"""A sentence with fewer different word 3-grams is no near-duplicate of anything."""


def make_splits(rows: Sequence[Hydrated], *, seed: int = SEED, known: Mapping[str, Split] | None = None) -> dict[str, Split]:
    """Assign every document of `rows` to a split, source by source, so that each split sees every source.

    Documents linked by a near-duplicate sentence form one group and share a split. Documents in `known` keep theirs and pull
    their group along. Rows that a model chose are no sample of anything: a new document with one is for training.
    """
    sizes: dict[str, int] = defaultdict(int)
    source: dict[str, str] = {}
    for h in rows:
        sizes[h.row.doc] += 1
        source[h.row.doc] = h.row.source
    chosen = {h.row.doc for h in rows if h.row.stratum == "chosen"}
    groups = document_groups(rows)
    members: dict[str, list[str]] = defaultdict(list)
    for doc in sorted(sizes):
        members[groups[doc]].append(doc)
    assigned: dict[str, Split] = {}
    filled: dict[tuple[str, Split], int] = defaultdict(int)
    for group in sorted(members, key=lambda g: hashlib.sha256(f"{seed}|{g}".encode()).digest()):
        docs = members[group]
        name = source[docs[0]]
        size = sum(sizes[d] for d in docs)
        before = next((known[d] for d in docs if known and d in known), "train" if chosen.intersection(docs) else None)
        shares = OWN_SHARES if name == "own" else SHARES
        split = before or _emptiest(shares, filled, name, size)
        filled[name, split] += size
        assigned.update(dict.fromkeys(docs, split))
    return assigned


def _emptiest(shares: Mapping[Split, float], filled: Mapping[tuple[str, Split], int], source: str, size: int) -> Split:
    return min(shares, key=lambda split: (filled.get((source, split), 0) + size) / shares[split])


def document_groups(rows: Sequence[Hydrated]) -> dict[str, str]:
    """Return for each document the name of its group: documents that share a near-duplicate sentence, directly or by others."""
    parent = {h.row.doc: h.row.doc for h in rows}

    def root(doc: str) -> str:
        while parent[doc] != doc:
            parent[doc] = parent[parent[doc]]
            doc = parent[doc]
        return doc

    for a, b in near_duplicates(rows):
        parent[max(root(a), root(b))] = min(root(a), root(b))
    return {doc: root(doc) for doc in parent}


def near_duplicates(rows: Sequence[Hydrated]) -> list[tuple[str, str]]:
    """Return pairs of different documents that hold a near-duplicate sentence (MinHash LSH; Broder 1997)."""
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=NEAR, num_perm=PERMUTATIONS)
    shingles: dict[str, set[str]] = {}
    pairs: set[tuple[str, str]] = set()
    for key, doc, sentence in _sentences(rows):
        grams = word_grams(sentence)
        if len(grams) < LEAST_GRAMS:
            continue
        sketch = _sketch(grams)
        for other in index.query(sketch):
            other_doc = str(other).split("\x00")[0]
            if other_doc != doc and jaccard(grams, shingles[str(other)]) >= NEAR:
                pairs.add((min(doc, other_doc), max(doc, other_doc)))
        index.insert(f"{doc}\x00{key}", sketch)
        shingles[f"{doc}\x00{key}"] = grams
    return sorted(pairs)


class Near:
    """Sentences that another one can be a near-duplicate of."""

    def __init__(self, sentences: Iterable[str]) -> None:
        from datasketch import MinHashLSH

        self._grams: dict[str, set[str]] = {}
        self._index = MinHashLSH(threshold=NEAR, num_perm=PERMUTATIONS)
        for sentence in sentences:
            grams = word_grams(sentence)
            if sentence not in self._grams and len(grams) >= LEAST_GRAMS:
                self._grams[sentence] = grams
                self._index.insert(sentence, _sketch(grams))

    def has(self, sentence: str) -> bool:
        """Whether one of the sentences is a near-duplicate of this one; very short ones are never."""
        grams = word_grams(sentence)
        if len(grams) < LEAST_GRAMS:
            return False
        return any(jaccard(grams, self._grams[str(found)]) >= NEAR for found in self._index.query(_sketch(grams)))


def _sketch(grams: set[str]) -> "MinHash":
    from datasketch import MinHash

    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([g.encode() for g in grams])
    return sketch


def word_grams(sentence: str, n: int = 3) -> set[str]:
    """Return the set of word n-grams, lower case."""
    words = [w for w in "".join(c if c.isalnum() else " " for c in sentence.lower()).split() if w]
    return {" ".join(words[i : i + n]) for i in range(len(words) - n + 1)}


def jaccard(a: set[str], b: set[str]) -> float:
    """Return the Jaccard similarity of two sets."""
    return len(a & b) / len(a | b) if a or b else 1.0


def _sentences(rows: Iterable[Hydrated]) -> list[tuple[str, str, str]]:
    found = {(h.row.sha256, h.row.doc): h.sentence for h in rows}
    return [(digest, doc, sentence) for (digest, doc), sentence in sorted(found.items())]


def read_splits(path: Path) -> dict[str, Split]:
    """Read a split file. Raises InputError."""
    try:
        documents: dict[str, Split] = json.loads(path.read_text(encoding="utf-8"))["documents"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a split file ({error}); make it with `stance labels split`") from error
    return documents


def write_splits(path: Path, documents: Mapping[str, Split], rows: Sequence[Hydrated]) -> None:
    """Write a split file with the units of each split by source."""
    counts: dict[str, dict[str, int]] = {}
    for h in rows:
        by_source = counts.setdefault(documents[h.row.doc], {})
        by_source[h.row.source] = by_source.get(h.row.source, 0) + 1
    record = {"version": VERSION, "seed": SEED, "units": counts, "documents": dict(sorted(documents.items()))}
    path.write_text(json.dumps(record, indent=1, sort_keys=False) + "\n", encoding="utf-8")
