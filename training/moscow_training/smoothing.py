"""Move outliers from activations into weights before quantising (SmoothQuant; Xiao et al. 2023, section 4).

In this encoder a few of the 1,536 inner dimensions of each feed-forward layer are ten times as large as the rest; one scale for all of
them rounds the rest away. Each input channel j of a matrix product is divided by s_j and row j of its weights multiplied by it: the same
product, with both sides of like range. s_j = a_j ** 0.8 / w_j ** 0.2 of the largest activation and weight of j in a sample of training
sentences, flat between 0.75 and 0.85 on validation; with the paper's 0.5 the weights get the worse of it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_stance.onnx_scorer import Inputs

STRENGTH = 0.8
"""Share of the outliers' range that goes over to the weights."""


def smooth(source: Path, target: Path, sample: Sequence[Inputs]) -> None:
    """Write the graph at `source` with smoothed matrix products to `target`; `sample` are inputs of the graph."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    constant = {tensor.name: tensor for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in constant]
    largest = _largest(model, list(dict.fromkeys(node.input[0] for node in products)), sample)
    scales: dict[str, NDArray[np.float32]] = {}
    for name in largest:
        weights = [numpy_helper.to_array(constant[n.input[1]]) for n in products if n.input[0] == name]
        rows = np.maximum(np.max([np.abs(w).max(axis=1) for w in weights], axis=0), 1e-5)
        scale = np.maximum(largest[name], 1e-5) ** STRENGTH / rows ** (1 - STRENGTH)
        scales[name] = (scale / np.exp(np.log(scale).mean())).astype(np.float32)
    nodes: list[Any] = []
    done: set[str] = set()
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in constant:
            name, weight = node.input[0], constant[node.input[1]]
            if name not in done:
                graph.initializer.append(numpy_helper.from_array(1 / scales[name], f"{name}_smoothing"))
                nodes.append(helper.make_node("Mul", [name, f"{name}_smoothing"], [f"{name}_smooth"], name=f"{name}_smoother"))
                done.add(name)
            values = numpy_helper.to_array(weight) * scales[name][:, None]
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
            node.input[0] = f"{name}_smooth"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, str(target))


def noisiest(source: Path, sample: Sequence[Inputs], count: int) -> list[str]:
    """Return the names of the `count` matrix products whose input one scale would round worst: widest range against its spread."""
    import onnx

    model = onnx.load(str(source))
    constant = {tensor.name for tensor in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in constant]
    names = list(dict.fromkeys(node.input[0] for node in products))
    noise = dict.fromkeys(names, 0.0)
    for values in _activations(model, names, sample):
        for name, x in values.items():
            noise[name] += float((x.max() - x.min()) / max(float(x.std()), 1e-9))
    return [node.name for node in sorted(products, key=lambda n: -noise[n.input[0]])[:count]]


def _largest(model: Any, names: Sequence[str], sample: Sequence[Inputs]) -> dict[str, NDArray[np.float32]]:
    """Return the largest absolute value of each channel of the named tensors over the sample."""
    found: dict[str, NDArray[np.float32]] = {}
    for values in _activations(model, names, sample):
        for name, x in values.items():
            peak = np.abs(x).reshape(-1, x.shape[-1]).max(axis=0)
            found[name] = np.maximum(found[name], peak) if name in found else peak
    return found


def _activations(model: Any, names: Sequence[str], sample: Sequence[Inputs]) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Yield the named tensors of the graph for each of the inputs."""
    import onnx
    import onnxruntime as ort

    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend([onnx.ValueInfoProto(name=name) for name in names])
    session: Any = ort.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    for inputs in sample:
        yield dict(zip(names, session.run(list(names), inputs), strict=True))
