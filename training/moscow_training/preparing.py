"""Labels as a recipe wants them: read its way, cut to its size, with public rows where it learns from them."""

import random
from dataclasses import replace

from moscow_labels.texts import Texts
from moscow_training.data import LabelSet, with_public
from moscow_training.recipe import Recipe
from moscow_training.rereading import reread

UNUSED = "unused"
"""Split of training rows that a recipe leaves out."""
QUICK_UNITS = 3000
"""So many real training units, and as many of our own, does a quick recipe learn from at most, where it does not say otherwise."""


def prepared(labels: LabelSet, recipe: Recipe, texts: Texts | None) -> LabelSet:
    """Return the labels for a recipe. Raises InputError where it needs public data that are not here."""
    if recipe.units:
        labels = _cut(labels, recipe.units, real=True)
    elif recipe.quick:
        labels = _cut(_cut(labels, QUICK_UNITS, real=True), QUICK_UNITS, real=False)
    if labels.texts and not recipe.own:
        labels = replace(labels, examples=[e if e.real or e.split != "train" else replace(e, split=UNUSED) for e in labels.examples])
    if recipe.public:
        labels = with_public(labels, texts)
    if recipe.names == "kept" and not recipe.context:
        return labels
    units = reread([e.unit for e in labels.examples], recipe.names, [e.prev for e in labels.examples] if recipe.context else None)
    return replace(labels, examples=[replace(e, unit=u) for e, u in zip(labels.examples, units, strict=True)])


def _cut(labels: LabelSet, size: int, *, real: bool) -> LabelSet:
    """Return the labels with at most `size` real, or own, training rows."""
    kept = set(draw(labels, size, DRAWN, real=real))
    examples = [
        replace(e, split=UNUSED) if e.split == "train" and e.real == real and i not in kept else e for i, e in enumerate(labels.examples)
    ]
    return replace(labels, examples=examples)


DRAWN = 1
"""Seed of the draw of a recipe's units: all recipes of a size learn from the same ones."""


def draw(labels: LabelSet, size: int | None, seed: int, *, real: bool = True) -> list[int]:
    """Return about `size` real, or own, training rows: whole documents in random order until there are enough; None takes all."""
    rows = labels.part("train", real=real)
    if size is None:
        return rows
    by_document: dict[str, list[int]] = {}
    for i in rows:
        by_document.setdefault(labels.examples[i].row.doc, []).append(i)
    order = sorted(by_document)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, no secret
    drawn: list[int] = []
    for document in order:
        drawn.extend(by_document[document])
        if len(drawn) >= size:
            break
    return drawn[:size]
