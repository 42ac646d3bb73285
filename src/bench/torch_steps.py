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
    return {"torch": torch.__version__, "device": "CPU, %d threads" % threads, "instructions": torch.backends.cpu.get_cpu_capability()}


def measure_lstm(folder, job):
    about = open_torch()
    arrays = {name: torch.from_numpy(a) for name, a in read_arrays(folder).items()}
    x, target = arrays.pop("x"), arrays.pop("target")
    model = nn.LSTM(x.shape[2], target.shape[2], batch_first=True)
    model.load_state_dict(arrays)
    optimiser = torch.optim.Adam(model.parameters(), lr=job["lr"])

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = ((model(x)[0][:, -job["lossDays"] :] - target) ** 2).mean()
        loss.backward()
        optimiser.step()
        return loss.item()

    return [step() for _ in range(job["checkSteps"])], about, step


def new_model(config, weights, dropout):
    """The network in training mode with given weights."""
    model = build({**config, "dropout": dropout})
    model.load_state_dict(load_file(weights))
    return model.train()


def train_step(model, optimiser, config, batch, last_days, balance_weight):
    """One step on a batch of numpy arrays; its loss before the step."""
    x, statics, support, support_weight, y, valid, weight = (torch.from_numpy(a) for a in batch)
    optimiser.zero_grad(set_to_none=True)
    loss = flux_loss(model(x, statics, last_days, support, support_weight), y, valid, weight, config, balance_weight)[0]
    loss.backward()
    optimiser.step()
    return loss.item()


def measure_step(folder, job):
    about = open_torch()
    arrays = read_arrays(folder)
    batch = [arrays[name] for name in ("x", "statics", "support", "supportWeight", "y", "valid", "weight")]

    def stepper(dropout):
        model = new_model(job["model"], os.path.join(folder, "weights.safetensors"), dropout)
        optimiser = torch.optim.Adam(model.parameters(), lr=job["lr"])
        return lambda: train_step(model, optimiser, job["model"], batch, job["lossDays"], job["balanceWeight"])

    compared = stepper(0.0)
    return [compared() for _ in range(job["checkSteps"])], about, stepper(job["model"]["dropout"])
