"""Labels as a recipe wants them: read its way, cut to its size, with public rows where it learns from them."""

import random
from dataclasses import replace

from moscow_labels.texts import Texts
from moscow_training.data import LabelSet, with_public
from moscow_training.recipe import Recipe
from moscow_training.rereading import reread

UNUSED = "unused"
"""Split of training rows that a recipe leaves out."""


def prepared(labels: LabelSet, recipe: Recipe, texts: Texts | None) -> LabelSet:
    """Return the labels for a recipe. Raises InputError where it needs public data that are not here."""
    if recipe.units:
        kept = set(draw(labels, recipe.units, DRAWN))
        examples = [
            replace(e, split=UNUSED) if e.split == "train" and e.real and i not in kept else e for i, e in enumerate(labels.examples)
        ]
        labels = replace(labels, examples=examples)
    if labels.texts and not recipe.own:
        labels = replace(labels, examples=[e if e.real or e.split != "train" else replace(e, split=UNUSED) for e in labels.examples])
    if recipe.public:
        labels = with_public(labels, texts)
    if recipe.names == "kept" and not recipe.context:
        return labels
    units = reread([e.unit for e in labels.examples], recipe.names, [e.prev for e in labels.examples] if recipe.context else None)
    return replace(labels, examples=[replace(e, unit=u) for e, u in zip(labels.examples, units, strict=True)])


DRAWN = 1
"""Seed of the draw of a recipe's units: all recipes of a size learn from the same ones."""


def draw(labels: LabelSet, size: int | None, seed: int) -> list[int]:
    """Return about `size` real training rows: whole documents in random order until there are enough; None takes all."""
    rows = labels.part("train", real=True)
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
