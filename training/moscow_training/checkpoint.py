"""Where tuning stands, on disk: tensors in safetensors, no pickle. A killed run goes on from here and ends the same to the last bit."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file that holds the state of one tuning; `path` None keeps nothing. `every` is in steps."""

    path: Path | None
    every: int = 200

    def due(self, step: int) -> bool:
        """Whether the state is to be kept after this step."""
        return self.path is not None and step % self.every == 0

    def save(self, step: int, modules: dict[str, Any], optimiser: Any, averages: dict[str, Any]) -> None:
        """Write everything that the next step depends on, replacing what was there at once or not at all."""
        import torch
        from safetensors.torch import save_file

        if self.path is None:
            return
        tensors = {f"{name}/{key}": value for name, module in modules.items() for key, value in module.state_dict().items()}
        for number, state in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser/{number}/{key}": value for key, value in state.items()}
        tensors |= {f"average/{key}": value for key, value in averages.items()}
        tensors["random"] = torch.get_rng_state()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(".part")
        save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, scratch, {"step": json.dumps(step)})
        scratch.replace(self.path)

    def restore(self, modules: dict[str, Any], optimiser: Any, averages: dict[str, Any]) -> int:
        """Put a kept state back in place and return its step; 0 where there is none, or none of this tuning."""
        import torch
        from safetensors import SafetensorError, safe_open

        if self.path is None or not self.path.is_file():
            return 0
        try:
            with safe_open(self.path, framework="pt") as file:
                step = int(json.loads(file.metadata()["step"]))
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, KeyError, ValueError):
            return 0
        for name, module in modules.items():
            module.load_state_dict(_below(tensors, name))
        state: dict[int, dict[str, Any]] = {}
        for key, value in _below(tensors, "optimiser").items():
            number, _, field = key.partition("/")
            state.setdefault(int(number), {})[field] = value
        optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
        averages.update(_below(tensors, "average"))
        torch.set_rng_state(tensors["random"])
        return step

    def clear(self) -> None:
        """Forget the state: the tuning is done."""
        if self.path is not None:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()


def _below(tensors: dict[str, Any], name: str) -> dict[str, Any]:
    return {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
