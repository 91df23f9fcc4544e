"""Export the shipped form: one ONNX graph (encoder, span pooling, both heads, temperatures), tokenizer and card, no pickle.

First the encoder with its pooling (`export_encoder`), quantised and optimised; then, on the features that this very graph gives, heads
can be fitted (`shipping.py`) and put on top (`write_model`). What the folder holds is described in `moscow_stance.folder`.
"""

import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_labels.records import Unit
from moscow_stance.folder import CARD, FORMAT, GRAPH, LABELS, TOKENIZER, file_sha256
from moscow_stance.onnx_scorer import OUTPUTS, Inputs, open_session, run_sentence, sentence_inputs
from moscow_stance.pooling import token_weights
from moscow_training.encoder import Encoder, Features
from moscow_training.head import Linear
from moscow_training.quantising import FP32, INT8, KEPT, MIXED, quantise
from moscow_training.smoothing import noisiest, smooth

__all__ = ["FP32", "INT8", "MIXED", "encoder_features", "export_encoder", "export_model", "write_model"]

OPSET = 17
INPUTS, FEATURES = ("input_ids", "actor", "moscow"), "features"


def export_model(folder: Path, encoder: Encoder, heads: Mapping[str, Linear], card: Mapping[str, Any]) -> None:
    """Write the shipped form in fp32, with the heads as they are; `ship_model` writes the small forms."""
    with tempfile.TemporaryDirectory() as scratch:
        graph = export_encoder(Path(scratch), encoder, form=FP32)
        write_model(folder, graph, encoder, heads, {**card, "form": FP32})


def export_encoder(scratch: Path, encoder: Encoder, *, form: str, sample: Sequence[Unit] = ()) -> Path:
    """Write the encoder and its pooling as a graph from one sentence to features (n, 3 x width); return its path in `scratch`.

    `sample` are some hundred units that the range of the activations is learned from, where they are quantised.
    """
    full, smoothed, target = scratch / "full.onnx", scratch / "smooth.onnx", scratch / f"{form}.onnx"
    _trace(full, encoder)
    if form == FP32:
        quantise(full, target, form)
        return target
    inputs = [_inputs(encoder, [unit]) for unit in sample]
    keep = noisiest(full, inputs, KEPT) if form == MIXED else []
    smooth(full, smoothed, inputs)
    quantise(smoothed, target, form, keep=keep)
    return target


def encoder_features(
    graph: Path, encoder: Encoder, units: Sequence[Unit], progress: Callable[[int, int], None] = lambda done, total: None
) -> Features:
    """Return the features (units, 3 x width) that an exported encoder gives: what the heads on top of it will see."""
    session = open_session(graph)
    by_sentence: dict[str, list[int]] = {}
    for i, unit in enumerate(units):
        by_sentence.setdefault(unit.sentence.text, []).append(i)
    rows: list[NDArray[np.float32] | None] = [None] * len(units)
    for done, indices in enumerate(by_sentence.values(), 1):
        (found,) = run_sentence(session, [FEATURES], _inputs(encoder, [units[i] for i in indices]))
        for i, row in zip(indices, found, strict=False):  # a lone unit has two rows
            rows[i] = row
        if done % 64 == 0 or done == len(by_sentence):
            progress(done, len(by_sentence))
    return np.stack([r for r in rows if r is not None])


def _inputs(encoder: Encoder, units: Sequence[Unit]) -> Inputs:
    """Return the graph's inputs for units of one sentence."""
    text = units[0].sentence.text
    encoded = encoder.tokenizer(text, truncation=True, max_length=encoder.max_tokens, return_offsets_mapping=True)
    return sentence_inputs(encoded["input_ids"], token_weights(units, encoded["offset_mapping"]))


def write_model(folder: Path, graph: Path, encoder: Encoder, heads: Mapping[str, Linear], card: Mapping[str, Any]) -> None:
    """Put the heads on an exported encoder and write the folder, replacing what is there. `card` is what `model.json` says besides."""
    folder.mkdir(parents=True, exist_ok=True)
    _add_heads(graph, folder / GRAPH, heads)
    _write_tokenizer(encoder, folder / TOKENIZER)
    write_card(folder, {**card, "max_tokens": encoder.max_tokens})


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write `model.json` for the graph and tokenizer that stand in `folder`."""
    digests = {name: file_sha256(folder / name) for name in (GRAPH, TOKENIZER)}
    record = {**card, "format": FORMAT, "labels": LABELS, "sha256": digests}
    first = ("format", "name", "version", "run", "made", "form", "labels", "thresholds", "abstention", "max_tokens", "sha256")
    ordered = {key: record[key] for key in first if key in record}
    (folder / CARD).write_text(json.dumps(ordered | record, indent=1) + "\n", encoding="utf-8")


def _trace(path: Path, encoder: Encoder) -> None:
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer: Any = encoder.model[0].auto_model

        def forward(self, input_ids: Any, actor: Any, moscow: Any) -> Any:
            tokens = self.transformer(input_ids=input_ids).last_hidden_state[0]
            mean = tokens.mean(dim=0, keepdim=True).expand(actor.shape[0], -1)
            return torch.cat([mean, actor @ tokens, moscow @ tokens], dim=1)

    ids = torch.ones((1, 7), dtype=torch.int64)
    spans = torch.full((2, 7), 1 / 7)
    with _plain_attention(encoder), _quiet(), torch.inference_mode():
        torch.onnx.export(
            Graph().eval(),
            (ids, spans, spans),
            str(path),
            input_names=list(INPUTS),
            output_names=[FEATURES],
            dynamic_axes={"input_ids": {1: "t"}, "actor": {0: "n", 1: "t"}, "moscow": {0: "n", 1: "t"}},
            opset_version=OPSET,
            dynamo=False,
        )


@contextmanager
def _plain_attention(encoder: Encoder) -> Iterator[None]:
    """Let the transformer compute attention step by step: traced from torch's fused kernel, the graph has four times the nodes."""
    transformer: Any = encoder.model[0].auto_model
    before = transformer.config._attn_implementation
    transformer.set_attn_implementation("eager")
    try:
        yield
    finally:
        transformer.set_attn_implementation(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' advice to their developers from the user."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            root.setLevel(level)


def _add_heads(source: Path, target: Path, heads: Mapping[str, Linear]) -> None:
    """Replace the output `features` by one softmax per axis."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    del graph.output[:]
    for axis in OUTPUTS:
        head = heads[axis]
        parts = {"weight": head.beta * head.weight, "bias": head.beta * head.bias}
        graph.initializer.extend([numpy_helper.from_array(p.astype(np.float32), f"{axis}_{name}") for name, p in parts.items()])
        graph.node.append(helper.make_node("MatMul", [FEATURES, f"{axis}_weight"], [f"{axis}_scores"]))
        graph.node.append(helper.make_node("Add", [f"{axis}_scores", f"{axis}_bias"], [f"{axis}_logits"]))
        graph.node.append(helper.make_node("Softmax", [f"{axis}_logits"], [axis], axis=1))
        graph.output.append(helper.make_tensor_value_info(axis, TensorProto.FLOAT, ["n", len(head.bias)]))
    onnx.save(model, str(target))


def _write_tokenizer(encoder: Encoder, target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        encoder.tokenizer.save_pretrained(scratch)
        shutil.copyfile(Path(scratch) / "tokenizer.json", target)
