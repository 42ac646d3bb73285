"""The LSTM step and the whole TAM-RL step in PyTorch, written as one would write them there."""

import os

import torch
from safetensors.torch import load_file
from torch import nn

from torch_contender import read_arrays
from torch_tamrl import build, flux_loss


def open_torch():
    """Sets the threads that the driver asks for, and says what computes."""
    threads = int(os.environ.get("TAMRL_THREADS") or os.cpu_count())
    torch.set_num_threads(threads)
    # Through a window of 365 days gradients sink below the smallest normal float, where a processor computes some fifty times slower; a loss
    # on the last days meets this at once. libtensorflow flushes them to zero, so the peer does too.
    torch.set_flush_denormal(True)
    return {"torch": torch.__version__, "device": "CPU, %d threads" % threads, "instructions": torch.backends.cpu.get_cpu_capability()}


def measure_lstm(folder, job):
    about = open_torch()
    arrays = {name: torch.from_numpy(a) for name, a in read_arrays(folder).items()}
    x, target = arrays.pop("x"), arrays.pop("target")
    model = nn.LSTM(x.shape[2], target.shape[2], batch_first=True)
    model.load_state_dict(arrays)
    optimiser = torch.optim.Adam(model.parameters(), lr=job["training"]["lr"])
    last_days = job["training"]["lossDays"]

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = ((model(x)[0][:, -last_days:] - target) ** 2).mean()
        loss.backward()
        optimiser.step()
        return loss.item()

    return [step() for _ in range(job["checkSteps"])], about, step


COMPARED_EPS = 1e-3  # the reason is told in stage-of.ts


class Training:
    """The network in training mode with the weights of a file, and its optimiser; compared: no dropout and a gentle epsilon."""

    def __init__(self, folder, training, compared=False):
        self.training, self.config = training, {**training["model"], **({"dropout": 0.0} if compared else {})}
        self.model = build(self.config)
        self.model.load_state_dict(load_file(os.path.join(folder, "weights.safetensors")))
        self.model.train()
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=training["lr"], eps=COMPARED_EPS if compared else 1e-8)

    def step(self, batch):
        """One step on a batch of numpy arrays; its loss before the step."""
        x, statics, support, support_weight, y, valid, weight = (torch.from_numpy(a) for a in batch)
        self.optimiser.zero_grad(set_to_none=True)
        prediction = self.model(x, statics, self.training["lossDays"], support, support_weight)
        loss = flux_loss(prediction, y, valid, weight, self.config, self.training["balanceWeight"])[0]
        loss.backward()
        self.optimiser.step()
        return loss.item()


def measure_step(folder, job):
    about = open_torch()
    arrays = read_arrays(folder)
    batch = [arrays[name] for name in ("x", "statics", "support", "supportWeight", "y", "valid", "weight")]
    compared = Training(folder, job["training"], compared=True)
    losses = [compared.step(batch) for _ in range(job["checkSteps"])]
    timed = Training(folder, job["training"])
    return losses, about, lambda: timed.step(batch)
