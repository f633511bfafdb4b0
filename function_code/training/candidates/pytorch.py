"""PyTorch's candidate."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from function_code.training.candidates.candidate import SEED, Setting
from function_code.training.candidates.neural import LEARNING_RATE, THREADS, Layers, NeuralNetwork, batch
from function_code.training.table import Array

LINKS = {"identity": nn.Identity(), "logistic": nn.Sigmoid(), "softmax": nn.Softmax(dim=1)}
LOSSES = {"identity": nn.MSELoss(), "logistic": nn.BCEWithLogitsLoss(), "softmax": nn.CrossEntropyLoss()}


def forward(layers: Layers, x: Array, link: str) -> Array:
    """The outputs of the network, a `neural.Forward`."""
    with torch.inference_mode():
        values = torch.tensor(x)
        for index, (weights, intercepts) in enumerate(layers):
            values = torch.addmm(torch.tensor(intercepts), values.relu() if index else values, torch.tensor(weights))
        return np.asarray(LINKS[link](values))


class Learner:
    """A network that learns from `x` and `y`, as `neural.Learner`."""

    def __init__(self, x: Array, y: Array, widths: list[int], link: str, setting: Setting) -> None:
        torch.set_num_threads(THREADS)
        torch.manual_seed(SEED)
        modules = [
            module
            for inputs, outputs in pairwise(widths)
            for module in (nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(setting["dropout"]))
        ]
        self.network = nn.Sequential(*modules[:-2])
        self.optimizer = torch.optim.AdamW(self.network.parameters(), LEARNING_RATE, weight_decay=setting["decay"])
        self.x, self.y, self.loss = torch.tensor(x), torch.tensor(y), LOSSES[link]

    def epoch(self) -> None:
        """Learns once from each row."""
        self.network.train()
        for rows in torch.randperm(len(self.x)).split(batch(len(self.x))):
            self.optimizer.zero_grad()
            self.loss(self.network(self.x[rows]), self.y[rows]).backward()
            self.optimizer.step()

    def layers(self) -> Layers:
        """The layers as learned so far."""
        return [
            (part.weight.detach().numpy().T.astype(np.float64), part.bias.detach().numpy().astype(np.float64))
            for part in self.network
            if isinstance(part, nn.Linear)
        ]


class PyTorch(NeuralNetwork):
    """A network that PyTorch learns."""

    name = "pytorch"
    forward = staticmethod(forward)
    learner = staticmethod(Learner)
