"""In Keras: python in_tensorflow.py DATA RESULT"""

import sys

import keras
import numpy as np
import tensorflow as tf
from keras.layers import Dense
from keras.losses import SparseCategoricalCrossentropy

keras.config.set_floatx("float64")
data = np.load(sys.argv[1])
rate, beta = float(data["rate"]), float(data["beta"])
x, y = tf.constant(data["x"]), tf.constant(data["y"])
names = ("W1", "b1", "W2", "b2")

net = keras.Sequential([
    keras.Input((64,)),
    Dense(32, activation="relu"),
    Dense(10),
])
net.set_weights([data[name] for name in names])
mean_cost = SparseCategoricalCrossentropy(from_logits=True)
momentum = keras.optimizers.SGD(rate, beta)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        cost = mean_cost(y, net(x))
    weights = net.trainable_variables
    momentum.apply(tape.gradient(cost, weights), weights)
    return cost


costs = []
for batch in data["batches"]:
    cost = step(tf.gather(x, batch), tf.gather(y, batch))
    costs.append(float(cost))

tensors = dict(zip(names, net.get_weights(), strict=True))
tensors["costs"] = np.array(costs)
version = f"{tf.__version__}, Keras {keras.__version__}"
np.savez(sys.argv[2], version=version, **tensors)
