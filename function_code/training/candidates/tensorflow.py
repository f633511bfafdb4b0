"""TensorFlow's candidate, by its Keras API."""

import os
from typing import Any

import numpy as np

from function_code.training.candidates.candidate import SEED, Setting
from function_code.training.candidates.neural import LEARNING_RATE, THREADS, Layers, NeuralNetwork, batch
from function_code.training.table import Array

# Read at the import. Progress is not to drown in its notes, and oneDNN, which announces itself beyond that, rounds
# otherwise from processor to processor, for no gain in networks of this size.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import keras
import tensorflow as tf

LINKS = {"identity": tf.identity, "logistic": tf.sigmoid, "softmax": tf.nn.softmax}
LOSSES = {
    "identity": keras.losses.MeanSquaredError(),
    "logistic": keras.losses.BinaryCrossentropy(from_logits=True),
    "softmax": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
}


def forward(layers: Layers, x: Array, link: str) -> Array:
    """The outputs of the network, a `neural.Forward`."""
    values = tf.constant(x)
    for index, (weights, intercepts) in enumerate(layers):
        values = tf.matmul(tf.nn.relu(values) if index else values, weights) + intercepts
    return np.asarray(LINKS[link](values))


class Learner:
    """A network that learns from `x` and `y`, as `neural.Learner`."""

    def __init__(self, x: Array, y: Array, widths: list[int], link: str, setting: Setting) -> None:
        _few_threads()
        keras.utils.set_random_seed(SEED)
        inputs, *hidden, outputs = widths
        parts: list[Any] = [keras.Input((inputs,))]
        for width in hidden:
            parts += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(setting["dropout"])]
        self.network = keras.Sequential([*parts, keras.layers.Dense(outputs)])
        self.optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=setting["decay"])
        self.optimizer.build(self.network.trainable_variables)
        self.x, self.y, self.loss = tf.constant(x), tf.constant(y), LOSSES[link]
        # A graph of the whole epoch: `fit` of Keras spends several times as long between the steps as in them.
        self.epoch = tf.function(self._epoch)

    def _epoch(self) -> None:
        count = len(self.x)
        order = tf.random.shuffle(tf.range(count))
        for start in tf.range(0, count, batch(count)):
            rows = order[start : start + batch(count)]
            with tf.GradientTape() as tape:
                outputs = self.network(tf.gather(self.x, rows), training=True)
                loss = self.loss(tf.gather(self.y, rows), outputs)
            variables = self.network.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)

    def layers(self) -> Layers:
        """The layers as learned so far."""
        arrays = [array.astype(np.float64) for array in self.network.get_weights()]
        return list(zip(arrays[::2], arrays[1::2], strict=True))


def _few_threads() -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    except RuntimeError:
        pass  # this process has used TensorFlow before, and with as many threads as it wanted


class TensorFlow(NeuralNetwork):
    """A network that TensorFlow learns."""

    name = "tensorflow"
    forward = staticmethod(forward)
    learner = staticmethod(Learner)
