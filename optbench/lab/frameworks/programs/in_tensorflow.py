"""python in_tensorflow.py DATA RESULT: the same network in Keras on TensorFlow."""

import sys

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")
data = np.load(sys.argv[1])
x, y = tf.constant(data["x"]), tf.constant(data["y"])

net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
net.set_weights([data[name] for name in ("W1", "b1", "W2", "b2")])
mean_cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
momentum = keras.optimizers.SGD(float(data["rate"]), momentum=float(data["beta"]))


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        cost = mean_cost(y, net(x))
    momentum.apply(tape.gradient(cost, net.trainable_variables), net.trainable_variables)
    return cost


costs = [float(step(tf.gather(x, batch), tf.gather(y, batch))) for batch in data["batches"]]

w1, b1, w2, b2 = net.get_weights()
version = f"{tf.__version__}, Keras {keras.__version__}"
np.savez(sys.argv[2], version=version, costs=costs, W1=w1, b1=b1, W2=w2, b2=b2)
