"""TAM-RL, its ablations and its LSTM baselines in PyTorch, written from method notes of this project.

The peer of src/model: the golden values of test/model and the benchmarks come from here. State-dict names equal those of src/model;
they follow CarbonFluxBench's modules (arXiv 2603.09868), the two of TAM-RL under the prefixes inverse_model and forward_model.
A configuration is a dict with the keys of ModelConfig in src/model/types.ts.
"""

import torch
from torch import nn


def initialise(module):
    """Linear weights Xavier-uniform; everything else keeps PyTorch's default."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
    return module


class Head(nn.Module):
    """Dropout, last linear layer and, where the balance is hard, NEE = RECO - GPP. Its parameters belong to the caller."""

    def __init__(self, config):
        super().__init__()
        self.hard = config["balance"] == "hard"
        self.dropout = nn.Dropout(config["dropout"])
        self.register_buffer("mean", torch.tensor(config["targetMean"]), persistent=False)
        self.register_buffer("sd", torch.tensor(config["targetSd"]), persistent=False)

    def forward(self, h, out):
        y = out(self.dropout(h))
        if not self.hard:
            return y
        gpp, reco = nn.functional.softplus(y).unbind(-1)
        return (torch.stack([gpp, reco, reco - gpp], -1) - self.mean) / self.sd


def output_width(config):
    return 2 if config["balance"] == "hard" else 3


def support_channels(config):
    """Few-shot windows carry the three z-scored fluxes and, for each, whether it is known."""
    return config["channels"] + (6 if config.get("supportFluxes") else 0)


class TaskEncoder(nn.Module):
    """E: windows [batch*windows, time, channel], statics [batch, static], weight [batch, windows] -> z [batch, latent]."""

    def __init__(self, config):
        super().__init__()
        latent = config["latent"]
        self.instance_encoder = nn.Sequential(
            nn.Linear(support_channels(config) + config["statics"], latent), nn.BatchNorm1d(latent), nn.LeakyReLU(0.2)
        )
        self.temporal_encoder = nn.LSTM(latent, latent, bidirectional=True, batch_first=True)
        self.code_linear = nn.Linear(latent, latent)

    def forward(self, windows, statics, weight=None):
        rows, time, _ = windows.shape
        each = rows // statics.shape[0]
        if weight is None:
            weight = windows.new_full((statics.shape[0], each), 1 / each)
        there = weight.reshape(-1) > 0  # a missing window is not encoded at all
        days = torch.cat([windows, statics.repeat_interleave(each, 0)[:, None].expand(-1, time, -1)], -1)[there]
        e = self.instance_encoder(days.reshape(-1, days.shape[-1])).view(len(days), time, -1)
        _, (final, _) = self.temporal_encoder(e)
        z = windows.new_zeros(rows, final.shape[-1])
        z[there] = self.code_linear(final.sum(0))
        return (z.view(*weight.shape, -1) * weight[..., None]).sum(1)


class Decoder(nn.Module):
    """F: drivers x [batch, time, channel], task [batch, width] -> standardised fluxes [batch, last_days, flux]."""

    def __init__(self, config, task_width):
        super().__init__()
        hidden, self.modulation, self.output_modulation = config["hidden"], config["modulation"], config["outputModulation"]
        self.dynamic_encoder = nn.Linear(config["channels"], hidden)
        if self.modulation == "tied":
            self.static_encoder = nn.Linear(task_width, hidden)
        if self.modulation == "free":
            self.film_layer_input = nn.Linear(task_width, 2 * hidden)
        if self.output_modulation:
            self.film_layer_head = nn.Linear(task_width, 2 * hidden)
        self.encoder = nn.LSTM(hidden, hidden, config["layers"], batch_first=True)
        self.out = nn.Linear(hidden, output_width(config))
        self.head = Head(config)

    def forward(self, x, task, last_days):
        u, task = self.dynamic_encoder(x), task[:, None]
        if self.modulation == "tied":
            s = torch.relu(self.static_encoder(task)) + 1
            u = s * u + s
        if self.modulation == "free":
            gamma, beta = self.film_layer_input(task).chunk(2, -1)
            u = (1 + gamma) * u + beta
        h = self.encoder(u)[0][:, -last_days:]
        if self.output_modulation:
            gamma, beta = self.film_layer_head(task).chunk(2, -1)
            h = (1 + gamma) * h + beta
        return self.head(h, self.out)


class TamRl(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = config["embedding"]
        if self.embedding == "static":
            self.inverse_model = nn.ModuleDict({"static_linear": nn.Linear(config["statics"], config["latent"])})
        else:
            self.inverse_model = TaskEncoder(config)
        self.forward_model = Decoder(config, config["latent"])

    def encode(self, x, statics, support=None, weight=None):
        if self.embedding == "static":
            return self.inverse_model["static_linear"](statics)
        if self.embedding == "query":
            return self.inverse_model(x, statics)
        return self.inverse_model(support, statics, weight)

    def forward(self, x, statics, last_days, support=None, weight=None):
        return self.forward_model(x, self.encode(x, statics, support, weight), last_days)


class TamLstm(Decoder):
    def __init__(self, config):
        super().__init__(config, config["statics"])

    def forward(self, x, statics, last_days, support=None, weight=None):
        return super().forward(x, statics, last_days)


class CtLstm(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config["hidden"]
        self.dynamic_encoder = nn.Linear(config["channels"], hidden // 2)
        self.static_encoder = nn.Linear(config["statics"], hidden // 2)
        self.encoder = nn.LSTM(hidden, hidden, config["layers"], batch_first=True)
        self.out = nn.Linear(hidden, output_width(config))
        self.head = Head(config)

    def forward(self, x, statics, last_days, support=None, weight=None):
        site = self.static_encoder(statics)[:, None].expand(-1, x.shape[1], -1)
        h = self.encoder(torch.cat([self.dynamic_encoder(x), site], -1))[0]
        return self.head(h[:, -last_days:], self.out)


class Lstm(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config["hidden"]
        self.dynamic_encoder = nn.Linear(config["channels"], hidden)
        self.encoder = nn.LSTM(hidden, hidden, config["layers"], batch_first=True)
        self.out = nn.Linear(hidden, output_width(config))
        self.head = Head(config)

    def forward(self, x, statics, last_days, support=None, weight=None):
        return self.head(self.encoder(self.dynamic_encoder(x))[0][:, -last_days:], self.out)


def build(config):
    """The network of a configuration with new weights."""
    models = {"tamrl": TamRl, "tamlstm": TamLstm, "ctlstm": CtLstm, "lstm": Lstm}
    return initialise(models[config["model"]](config))


def flux_loss(prediction, target, valid, weight, config, balance_weight=0.1):
    """Total, mse and unweighted balance penalty; the arguments are those of fluxLoss in src/model/losses.ts."""
    mse = ((prediction - target) ** 2 * valid * weight[..., None]).sum() / valid.sum().clamp(min=1)
    if config["balance"] in ("off", "hard"):
        return mse, mse, torch.zeros_like(mse)
    gpp, reco, nee = prediction.unbind(-1)
    if config["balance"] == "soft":
        gpp, reco, nee = (v * s + m for v, s, m in zip((gpp, reco, nee), config["targetSd"], config["targetMean"]))
        balance = (((nee - (reco - gpp)) / config["targetSd"][2]) ** 2).mean()
    else:
        balance = ((nee - (reco - gpp)) ** 2).mean()
    return mse + balance_weight * balance, mse, balance
