"""Export the shipped form: one ONNX graph (encoder, span pooling, both heads, temperatures), tokenizer and card, no pickle.

Weights are stored as int8 in small blocks and turned back to fp32 when the graph is loaded: the file is a quarter of its size, while
activations are never quantised, so that the same sentence gives the same answer in any company.
"""

import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_stance.model import CARD, FORMAT, GRAPH, TOKENIZER, file_sha256
from moscow_training.encoder import Encoder
from moscow_training.head import Linear

OPSET = 17
BLOCK = 32
INPUTS, OUTPUTS = ("input_ids", "attention_mask", "actor", "moscow"), ("stance", "sentiment")


def export_model(folder: Path, encoder: Encoder, heads: Mapping[str, Linear], card: Mapping[str, Any]) -> None:
    """Write the shipped form into `folder`, replacing what is there. `card` is what `model.json` says beyond format and digests."""
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        _export_graph(full, encoder, heads)
        folder.mkdir(parents=True, exist_ok=True)
        _quantise(full, folder / GRAPH)
    _write_tokenizer(encoder, folder / TOKENIZER)
    labels = {"stance": list(STANCES), "sentiment": list(SENTIMENTS)}
    digests = {name: file_sha256(folder / name) for name in (GRAPH, TOKENIZER)}
    record = {"format": FORMAT, **card, "labels": labels, "max_tokens": encoder.max_tokens, "sha256": digests}
    (folder / CARD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _export_graph(path: Path, encoder: Encoder, heads: Mapping[str, Linear]) -> None:
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer: Any = encoder.model[0].auto_model
            for axis, head in heads.items():
                self.register_buffer(f"{axis}_weight", torch.tensor(head.beta * head.weight, dtype=torch.float32))
                self.register_buffer(f"{axis}_bias", torch.tensor(head.beta * head.bias, dtype=torch.float32))

        def forward(self, input_ids: Any, attention_mask: Any, actor: Any, moscow: Any) -> Any:
            tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state[0]
            mean = tokens.mean(dim=0, keepdim=True).expand(actor.shape[0], -1)
            features = torch.cat([mean, actor @ tokens, moscow @ tokens], dim=1)
            return tuple(
                torch.softmax(features @ getattr(self, f"{axis}_weight") + getattr(self, f"{axis}_bias"), dim=1) for axis in OUTPUTS
            )

    graph = Graph().eval()
    ids = torch.ones((1, 7), dtype=torch.int64)
    spans = torch.full((2, 7), 1 / 7)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            (ids, torch.ones_like(ids), spans, spans),
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={"input_ids": {1: "t"}, "attention_mask": {1: "t"}, "actor": {0: "n", 1: "t"}, "moscow": {0: "n", 1: "t"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _quantise(source: Path, target: Path) -> None:
    """Store every large weight matrix as int8 with a scale per block of `BLOCK` values; three nodes turn it back to fp32 at load."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    nodes = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2 or np.prod(tensor.dims) < 100_000:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        codes, scale = _codes(values.reshape(-1, BLOCK))
        shape = np.array(values.shape, dtype=np.int64)
        graph.initializer.remove(tensor)
        parts: dict[str, Any] = {"int8": codes, "scale": scale, "shape": shape}
        graph.initializer.extend([numpy_helper.from_array(part, f"{name}_{suffix}") for suffix, part in parts.items()])
        nodes.append(helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [f"{name}_blocks"]))
        nodes.append(helper.make_node("Reshape", [f"{name}_blocks", f"{name}_shape"], [name]))
    kept = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *kept])
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _codes(blocks: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 codes (blocks, BLOCK) and fp32 scales (blocks, 1)."""
    scale = np.maximum(np.abs(blocks).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float32)
    return np.clip(np.round(blocks / scale), -127, 127).astype(np.int8), scale


def _write_tokenizer(encoder: Encoder, target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        encoder.tokenizer.save_pretrained(scratch)
        shutil.copyfile(Path(scratch) / "tokenizer.json", target)
