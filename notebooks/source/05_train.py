# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide", "words": "One training step by hand, then a full training run with Keras. What the curves say, and when to stop.", "asked": "Does the network learn while people use it? No. After training, its weights stay as they are."}
# # 5 Train: learning from examples
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → **5 train** → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - measure the slope of the loss, and take one training step by hand
# - train the network and watch it learn, live
# - read the two curves that show how well it is learning
# - make a network overfit on purpose, and recognize overfitting when you see it
# - change one hyperparameter at a time, and save the network for the next notebook
#
# **Time:** 30 minutes, and 25 for the exercises. **Before you start:** you know what the network, its loss and its optimizer are (notebook 4).

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Setup
#
# The same cell as in every notebook. Run it first: it gets the notebook ready and prints one line about this machine.

# %% tags=["setup", "nbval-ignore-output"] slideshow={"slide_type": "skip"}
# Setup: gets the workshop's helpers if they are missing (in Colab, say).
repository = ""  # the workshop's public address
try:
    import handwriting
except ModuleNotFoundError:
    import subprocess, sys

    assert repository, "This copy has no public address yet. In its folder, run: pip install ."
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", f"handwriting[run,serve] @ git+{repository}"], check=True
    )
    import handwriting

handwriting.setup()

# %% tags=["parameters"] slideshow={"slide_type": "skip"}
# the images: a name, or the path to yours
data = "auto"  # @param ["auto","mnist","fashion-mnist","letters","stand-in"] {allow-input: true}
hidden = 512  # @param {type:"integer"} # 1 to 8192: units in the hidden layer
activation = "relu"  # @param ["relu", "tanh", "sigmoid", "gelu", "linear"] # of the hidden layer
dropout = 0.2  # @param {type:"number"} # 0 to below 1: share of hidden units ignored while training
optimizer = "adam"  # @param ["adam", "rmsprop", "sgd"] # how the weights are updated
learning_rate = 0.001  # @param {type:"number"} # 0.000001 to 10: how large the steps are
epochs = 4  # @param {type:"integer"} # 1 to 1000: passes through all training images
batch_size = 128  # @param {type:"integer"} # 1 to 60000: images per step
train_size = 55000  # @param {type:"integer"} # 1 to 1000000: training images, at most
seed = 0  # @param {type:"integer"} # 0 to 4294967295: seed of the random numbers
work_dir = "my_work"  # @param {type:"string"} # folder for your work

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up with notebooks 1 and 3: load and prepare the images. `dense_network` builds the network of notebook 4. Most of the parameters above are its [**hyperparameters**](../docs/glossary.md#hyperparameter): values that you choose and that are not learned.

# %% slideshow={"slide_type": "skip"}
from handwriting.build import dense_network
from handwriting.load import load_digits
from handwriting.prepare import prepared

ready = prepared(load_digits(data), train_size)
classes = len(ready.class_names)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "How many steps are there in an epoch?", "words": "A **step** uses one **batch** of 128 images. An **epoch** uses all 55,000 once.", "asked": "Why not all images at once? Many rough steps get further than one exact step in the same time."}
# ## Steps, batches, epochs
#
# The network does not look at all the images at once. In each **training step**, it takes a small group, a [**batch**](../docs/glossary.md#batch) (128 images, unless you have changed `batch_size`), makes its predictions, and compares them with the labels. Then it updates all its weights a little, in the direction that lowers the loss. Why batches? A few images already show roughly which way to go, and many rough steps get further than one exact step in the same time. When every training image has been used once, an [**epoch**](../docs/glossary.md#epoch) is over. The next one begins with the images shuffled, so that the batches differ each time and the network learns nothing from the order. **Predict:** there are 55,000 images, 128 in a batch. How many steps are there in an epoch?
#
# - **(a)** 128
# - **(b)** about 430
# - **(c)** 55,000

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("train.steps")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "The last batch is smaller, but it counts", "words": "", "asked": "Why are the images shuffled? So that the batches differ each time, and the network learns nothing from the order.", "lines": []}
import math
from handwriting.parameters import require
from handwriting.text import counted

require(batch_size=batch_size)
steps = math.ceil(len(ready.x_train) / batch_size)
print(f"{counted(len(ready.x_train), 'image')} / {batch_size} = {counted(steps, 'step')} per epoch")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The last batch is smaller, but it still counts as a step: 55,000 / 128 is rounded up.
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide", "words": "Start with small random weights. Pick one of 400,000, and change it a little.\n\nWhat does that do to the loss?", "asked": "Why random? If all weights were equal, all hidden units would learn the same thing."}
# ## Which way do the weights move?
#
# In a moment, Keras will take 1,720 training steps, 430 in each of four epochs. First, take one yourself. Start with an untrained network: its weights are small random numbers. (If they were all equal, all hidden units would learn the same thing.) `loss_of` puts the given weights into the network, and returns its loss on 1,000 training images:

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
import tensorflow as tf

untrained = dense_network(hidden, activation=activation, seed=seed, classes=classes)
x, y = ready.x_train[:1000], ready.y_train[:1000]
start = untrained.get_weights()  # four arrays: weights and biases of both layers


def loss_of(weights):
    untrained.set_weights(weights)
    return float(tf.reduce_mean(tf.keras.losses.categorical_crossentropy(y, untrained(x))))


# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Nudge one weight: what happens to the loss?", "words": "Nudge it a little down, then a little up.", "asked": "Which weight is it? The one from the first hidden unit to the second output. Any other would do as well."}
# Pick one weight, the one from the first hidden unit to the second output, and nudge it: a little down, not at all, a little up. All other weights stay as they are. **Predict** what happens to the loss:
#
# - **(a)** nothing: one weight among so many makes no difference
# - **(b)** it goes up on one side and down on the other
# - **(c)** it goes up on both sides

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("train.slope")


# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "One way is uphill, the other downhill", "words": "The change in the loss, divided by the change in the weight, is the **slope**.", "asked": "Is it like that for every weight? For nearly every one. For some, the slope is almost 0.", "lines": [7, 8]}
def nudged(amount):
    weights = [array.copy() for array in start]
    weights[2][0, 1] += amount
    return weights


for amount in (-0.1, 0, 0.1):
    print(f"nudged by {amount:4}: loss {loss_of(nudged(amount)):.4f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** One way is uphill, the other downhill. Both ways are uphill only at the lowest point, and a random weight is hardly ever there.
#
# </details>
#
# The change in the loss, divided by the change in the weight, is the **slope**. Draw the loss, and a straight line with that slope. (`[… for …]` makes a list, with one result for each amount.)

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "The slope holds for small steps", "words": "Near 0, the curve and the line agree. Further away, they do not.\n\nSo take small steps, and find the slope again after each.", "asked": "Why not jump to the lowest point? That point moves as soon as the other weights change."}
import matplotlib.pyplot as plt
import numpy as np

slope = (loss_of(nudged(0.1)) - loss_of(nudged(-0.1))) / 0.2
amounts = np.linspace(-4, 4, 17)
plt.figure(figsize=(6, 3))
plt.plot(amounts, [loss_of(nudged(amount)) for amount in amounts], label="loss")
plt.plot(amounts, loss_of(start) + slope * amounts, "--", label=f"slope {slope:.3f}")
plt.title("Nudging one weight")
plt.xlabel("change in the weight")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# Near 0, the curve and the line agree. Further away, they do not. So take small steps, and find the slope again after each.
#
# Nudging every weight in turn would take far too long. Calculus, the mathematics of slopes, offers a faster way: **backpropagation** goes through the network once, from the loss back to the first layer, and finds *all* the slopes. Together they form the [**gradient**](../docs/glossary.md#gradient). TensorFlow records its calculations on a "tape", and then plays the tape backwards. (`with` marks what is recorded.)

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Backpropagation finds all the slopes", "words": "It goes through the network once, from the loss back to the first layer. Together, the slopes form the **gradient**.", "asked": "Do I need calculus? Not to use it: the library computes the slopes.", "lines": [2, 5]}
untrained.set_weights(start)
with tf.GradientTape() as tape:
    losses = tf.keras.losses.categorical_crossentropy(y, untrained(x))
    loss = tf.reduce_mean(losses)
gradient = tape.gradient(loss, untrained.trainable_weights)
print(f"slope by nudging: {slope:.3f}, by backpropagation: {gradient[2][0, 1]:.3f}")
print(f"all slopes: {sum(array.shape.num_elements() for array in gradient):,}")

# %% [markdown] slideshow={"slide_type": "notes"}
# The two slopes agree. Now take the step: from each weight, subtract the **learning rate** (`rate`) times its slope. A positive slope means that a larger weight makes the loss larger, so the weight goes down. A negative slope sends it up. How much will the loss fall? Each weight moves by rate × slope, and the loss falls by that distance times the slope: rate × slope². Add this up over all the weights:

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Take the step", "words": "From each weight, subtract the **learning rate** times its slope.", "asked": "Why subtract? A positive slope means that a larger weight makes the loss larger.", "lines": [4, 4]}
rate = 0.01
expected = rate * sum(float(tf.reduce_sum(slopes**2)) for slopes in gradient)
pairs = zip(start, gradient)
stepped = [old - rate * slopes for old, slopes in pairs]
print(f"before the step: loss {loss_of(start):.3f}")
print(f"expected after:  loss {loss_of(start) - expected:.3f}")
print(f"measured after:  loss {loss_of(stepped):.3f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# That is learning: find the gradient, take a small step downhill, and repeat. This is called [**gradient descent**](../docs/glossary.md#gradient-descent). The optimizer takes the steps; Adam also adapts their size for each weight.
#
# With 400,000 weights, nobody can see the loss as a surface. With two, you can. **Try it yourself:** a very small network tells images of the first two classes apart by the brightness of the middle and of the whole image. It should give +1 for the first class and −1 for the second. Dark means a high loss. (Here, the loss is the mean squared difference from +1 or −1, so do not compare it with the losses above.) Find a learning rate that creeps, one that settles, one that zigzags, and one that jumps off the map. (On a static page, you see one that settles.)

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "subslide", "headline": "Again and again: gradient descent", "words": "Two weights, so you can see the surface. Dark means a high loss.\n\nWhich learning rates creep, settle, zigzag, or jump off the map?", "asked": "Can gradient descent end in a valley that is not the deepest? Yes. In large networks, many valleys are good enough."}
from handwriting.widgets.loss_surface import loss_surface_playground

loss_surface_playground(ready.x_train, ready.y_train)

# %% [markdown] slideshow={"slide_type": "slide", "words": "No hidden layer: ten weighted sums and softmax. The gradient fits in one line.", "asked": "Why start at 0 here? There are no hidden units that could all learn the same thing."}
# ## A whole training run by hand
#
# Take away the hidden layer, and you can do all the training yourself. You are left with ten scores, each a weighted sum of the 784 pixels, and softmax. `images @ weights` computes these sums for a whole batch. The gradient of a network this small fits in one line: each pixel times the error of each output, averaged over the batch. (`.T` swaps rows and columns; `keepdims=True` keeps the sums in a column, one for each row. Without hidden units, no random start is needed. Biases are left out.) Train for four epochs, in batches of 100. Remember the accuracy: what will a hidden layer add?

# %% tags=["lean-skip"] slideshow={"slide_type": "-", "lines": [6, 8]}
rate = 0.1
weights = np.zeros((784, classes), dtype="float32")
for _ in range(4):  # epochs
    for first in range(0, len(ready.x_train), 100):
        images, truth = ready.x_train[first : first + 100], ready.y_train[first : first + 100]
        powers = np.exp(images @ weights)
        errors = powers / powers.sum(axis=1, keepdims=True) - truth
        weights -= rate * images.T @ errors / len(images)
right = (ready.x_validation @ weights).argmax(axis=1) == ready.y_validation.argmax(axis=1)
print(f"no hidden layer: validation accuracy {right.mean():.2f}")

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Four epochs: when does the network learn most?", "words": "`fit` learns from the training images, never from the validation images.", "asked": "How long does the training take? Ten to thirty seconds on a laptop."}
# ## Train
#
# The training cell below first builds a new network, so each run starts from the beginning, even after you change a parameter. (`**choices` passes `activation` and `optimizer` by name.) Then `fit` does the training. It is given the training images with their labels, and the validation images, which it never learns from: after each epoch, it only measures loss and accuracy on them. It returns a `history` of these numbers. **Predict:** in which of the four epochs does the network learn most?
#
# - **(a)** about the same in each of them
# - **(b)** in the first, by far
# - **(c)** in the last, when it has something to build on
#
# Training takes ten to thirty seconds. Watch the chart. (Elsewhere, you will see lines that begin like this: `430/430 - 4s - accuracy: 0.9129`. With `verbose=2`, Keras itself prints one for each epoch.)

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("train.curves")

# %% slideshow={"slide_type": "subslide", "headline": "The network learns most in the first epoch", "words": "The loss falls, and more and more predictions are right. At first, nearly all are wrong, so there is much to gain.", "asked": "Why is the orange line better than the blue one at first? Dropout acts only during training. And the training numbers below the chart are averages over the epoch."}
from handwriting.train import LiveChart

choices = {"activation": activation, "optimizer": optimizer}
chart = LiveChart(epochs, batch_size)
model = dense_network(hidden, dropout, learning_rate, seed, classes=classes, **choices)
history = None  # until the training has ended
history = model.fit(
    ready.x_train,
    ready.y_train,
    validation_data=(ready.x_validation, ready.y_validation),
    epochs=epochs,
    batch_size=batch_size,
    verbose=0,
    callbacks=[chart],
)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b),** with the default hyperparameters. At first, nearly all predictions are wrong, so there is much to gain. Later, few mistakes are left.
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide", "words": "Most of the learning happens at the very beginning.\n\nTwo decimal places are enough: the third is mostly chance.", "asked": "Is it a coincidence that the two curves are so close? No. What the network has learned holds for new images, too. If the training curve were far better, the network would be memorizing."}
# ## Reading the curves
#
# The lines above are [**training curves**](../docs/glossary.md#training-curve). They are steep at first and nearly flat later, when each epoch improves the network only a little.
#
# The **blue** line is measured on the training images; the **orange** line, with dots, on the validation images. At first, orange can be *better*, because of dropout: it makes training harder, but is off when the network is tested on the validation images. (For the numbers below the chart, there is a second reason: the training numbers are averages over the epoch, including its poor start.) Here are the numbers for the last epoch:

# %% slideshow={"slide_type": "-", "lines": []}
from handwriting.train import last_epoch

last = last_epoch(history)
print(f"training   accuracy {last['accuracy']:.2f}")
print(f"validation accuracy {last['val_accuracy']:.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# Two decimal places are enough here: the third is mostly chance, and another seed would change it. (The result under *Keep it* has more, so that programs can compare runs.) Is the accuracy good? Compare it with the baselines. The nearest average is the one from notebook 2, and the network with no hidden layer is the one you trained by hand; `baselines` computes both again. Another baseline is this network *without the bend*: with `"linear"`, hidden units leave every sum as it is.

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Is the accuracy good? Compare it with the baselines", "words": "Without the bend of ReLU, 512 hidden units do no better than none. With it, most of the mistakes go away.", "asked": "Why no better? Weighted sums of weighted sums are still weighted sums of the pixels: one layer can do that.", "lines": []}
from handwriting.evaluate import baselines
from handwriting.visualize import accuracy_table

labels = ready.y_validation.argmax(axis=1)
accuracies = baselines(ready, ready.x_validation, labels)
linear = dense_network(hidden, dropout=0, seed=seed, classes=classes, activation="linear")
linear.fit(ready.x_train, ready.y_train, batch_size=1000, verbose=0)
accuracies["without the bend"] = linear.evaluate(ready.x_validation, ready.y_validation, verbose=0)[1]
accuracies["network"] = last_epoch(history)["val_accuracy"]
print(accuracy_table(accuracies, len(labels)))

# %% [markdown] slideshow={"slide_type": "notes"}
# Without the bend, hidden units do no better than none: compare the third and fourth rows. (The network without the bend was trained for one epoch. Four, in batches of 128, brought it to 0.94: hardly better.)

# %% [markdown] slideshow={"slide_type": "slide", "words": "What a network has learned is in its weights and biases. Save them, together with everything needed to use them.", "asked": "Where is the saved network? In the folder `my_work`. In Colab, it is lost with the machine."}
# ## Keep it
#
# What a network has learned is in its weights and biases: with 512 hidden units, 407,050 numbers. Save them in a file, together with the layers, the hyperparameters that you used, and the names of the classes. (Curly brackets hold names with their values, and `|=` adds more pairs.) On your own computer, notebook 6 finds the file in the folder `my_work`. (If you interrupt the training, the network stays as it was at that moment, and is not saved: run the training cell again.) In Colab, each notebook runs on a separate machine, so notebook 6 trains a network with the default hyperparameters.

# %% tags=["others-may-start"] slideshow={"slide_type": "skip"}
from handwriting.train import save_network, training_result

hyperparameters = {"hidden": hidden, **choices, "dropout": dropout, "learning_rate": learning_rate}
hyperparameters |= {"epochs": epochs, "batch_size": batch_size, "train_size": train_size, "seed": seed}
record = None  # until this network is saved
record = save_network(model, work_dir, ready, hyperparameters, history, chart.seconds)

# %% [markdown] slideshow={"slide_type": "skip"}
# Here is the result of this notebook in one place: data, hyperparameters, accuracy and time. Programs can read it, too. Compare it with your neighbour's.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
training_result(record)

# %% [markdown] slideshow={"slide_type": "slide", "words": "Try it: 300 training images, no dropout, 12 epochs.", "asked": "Why is the optimizer RMSprop? It adapts its steps, as Adam does, but forgets earlier steps sooner, so the next experiment can start almost afresh."}
# ## Few images, many epochs
#
# What happens if you train on far fewer images, over and over? Try it: a new network, only 300 training images, no dropout, 12 epochs. The optimizer is RMSprop, which adapts the size of its steps, as Adam does. (`*small` passes both parts of `small`, the images and the labels; `**options` passes each option by name.)

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
second = dense_network(hidden, dropout=0, seed=seed, classes=classes, optimizer="rmsprop")
beginning = second.get_weights()
small = ready.x_train[:300], ready.y_train[:300]
options = {"epochs": 12, "batch_size": 10, "validation_batch_size": 500, "verbose": 0}
options["validation_data"] = ready.x_validation[:500], ready.y_validation[:500]
all_epochs = second.fit(*small, **options)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "300 images, 12 epochs: how good does the network get?", "words": "", "asked": "Why so few images? So that you see in seconds what takes hours elsewhere."}
# In the next chart, one curve is measured on the 300 images that the network saw over and over, the other on images that it never learned from. **Predict** how good the network gets:
#
# - **(a)** nearly perfect on its 300 images, clearly worse on the validation images
# - **(b)** nearly perfect on both
# - **(c)** poor on both: 300 images are too few to learn anything from

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("train.overfit")

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Overfitting", "words": "The validation loss rises: the network has memorized its images and does not **generalize**. More images help. So does stopping in time.", "asked": "Would I notice overfitting without a validation set? No: the training curves look better and better."}
from handwriting.train import show_history

show_history(all_epochs)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** On its training images, the network keeps improving. On the others, it does not, and the gap between the curves widens: that is [**overfitting**](../docs/glossary.md#overfitting). The network has memorized its training images and does not **generalize**: what it has learned does not help with other images.
#
# </details>
#
# The validation loss (left) falls at first, and then rises. The validation accuracy (right) hardly changes meanwhile: the network makes about as many mistakes as before, but is more and more sure of them. More images would help, and so would stopping in time. Only the validation set shows the problem.
#
# Keras can stop in time by itself. `EarlyStopping` watches the validation loss, waits for `patience` epochs without improvement, and then goes back to the best weights. Try it on the same network, with its weights reset. (RMSprop remembers only its last few steps, so this is nearly a fresh start.)

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "subslide", "headline": "Stop in time", "words": "`EarlyStopping` waits for a few epochs without improvement, then goes back to the best weights.", "asked": "Why wait at all? The loss goes up and down a little. One bad epoch means nothing.", "lines": []}
stop = tf.keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
second.set_weights(beginning)
in_time = second.fit(*small, **options, callbacks=[stop])
print(f"stopped after {len(in_time.history['loss'])} of 12 epochs; the best was epoch {stop.best_epoch + 1}")

# %% [markdown] slideshow={"slide_type": "slide", "words": "A small network takes 30 steps with the rate that you choose.\n\nWhich rates are too small, and which too large? How can you tell?", "asked": "What is NaN? \"Not a number\". Lower the learning rate, and build a new network."}
# ## How large a step?
#
# The learning rate scales every step. **Try it yourself.** A small network takes 30 steps with the rate that you choose; each choice takes about a second. Which learning rates fail to bring the loss below the dashed line, the loss of blind guessing? Is the reason the same for all of them? (On a static page, you see the default rate.)

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "-"}
from handwriting.widgets.playground import learning_rate_playground

learning_rate_playground(ready.x_train, ready.y_train, seed)

# %% [markdown] slideshow={"slide_type": "notes"}
# Rates in the middle bring the loss down. With the smallest, the weights hardly move in 30 steps: the network is stuck. With the largest, learning **diverges**: each step jumps too far, and the loss stays high, grows, or becomes NaN, "not a number". If that happens, lower the rate, and build a new network.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Change **one**, keep the rest the same, and compare. A program can do that for you.", "asked": "Who knows the best values? Nobody knows them beforehand. People try some, and compare the results on the validation set."}
# ## Change one hyperparameter at a time
#
# How many hidden units? How large a step? Nobody knows the best hyperparameters beforehand. So **change one, keep the rest the same, and compare**.
#
# A program can do that for you: `run` takes *this notebook*, writes other values into the parameters cell, and runs the notebook once for each value. Here, it tries three learning rates, with 64 hidden units, on 5,000 images, for one epoch:

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "skip"}
from workshop.runs import run

same = {"data": data, "hidden": 64, "epochs": 1, "train_size": 5000, "seed": seed}
trials = run("05", folder=f"{work_dir}/runs", learning_rate=[0.0001, 0.001, 1.0], **same)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Too small or too large: which is worse?", "words": "Three learning rates: 0.0001, 0.001 and 1.0. Everything else stays the same.", "asked": "Why only 5,000 images and one epoch? To keep the wait short."}
# `trials` now holds the results. **Predict** before you look: which rate does worse, the smallest or the largest?
#
# - **(a)** the smallest: it gets nowhere in one epoch
# - **(b)** the largest: its steps jump too far
# - **(c)** neither: with both, the network guesses

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("train.rates")

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "subslide", "headline": "Steps that are too large are worse", "words": "Tiny steps are slow, but they go the right way. Compare the validation accuracies.", "asked": "Can the validation accuracy be higher than the training accuracy? Yes: the training accuracy is an average over the epoch, with dropout.", "lines": []}
trials

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** Tiny steps go the right way, so even one epoch of them helps a little. Huge steps overshoot, and the network ends up guessing. (The training accuracy is an average over the whole epoch, with dropout, so after one short epoch it says little.)
#
# </details>
#
# Each row of `trials` is a separate run, and its notebook is kept: `trials[0]["notebook"]` says where. On the command line, `handwriting sweep 05 -p learning_rate 0.0001,0.001,1.0 -p hidden 64 -p epochs 1 -p train_size 5000` does the same, for several hyperparameters and many values if you like, and `handwriting report runs` draws charts of the results.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 8: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Is there a single right answer to exercise 8? No. Report what you saw, with both results."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.count_steps.hint()` gives a hint, and `practice.count_steps.solution()` shows one solution. The next cell loads the exercises.

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import train as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: count the steps.** There are 50,000 images, 64 in a batch. How many steps are there in *one* epoch? You may answer with a calculation.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
count_steps = ...
practice.count_steps.check(count_steps)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: up or down?** The slope of a weight is +0.3. Which way does gradient descent move the weight? Answer with a letter in quotes, such as `"A"`.
#
# - **A** up, because the slope is positive
# - **B** down, because a larger weight makes the loss larger
# - **C** first up, then down, to try both
# - **D** not at all: only weights with a negative slope move

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
up_or_down = ...
practice.up_or_down.check(up_or_down)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: one step by hand.** A weight is 0.5, its slope is `-2`, and the learning rate is 0.1. What is the weight after one step?

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
one_step = ...
practice.one_step.check(one_step)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: gradient descent in five lines.** Suppose the loss depends on only one weight. The loss is (weight − 3)², and its slope is `2 * (weight - 3)`. Write a function that starts at `weight`, takes `steps` steps with the learning rate `rate`, and returns the weight at the end. `for _ in range(steps):` repeats the indented lines.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def descend(weight, rate, steps):
    return ...


practice.descend.check(descend)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: when to stop.** Write a function that takes a list with the validation loss of each epoch, and returns the number of the best epoch, counted from 1. `np.argmin(losses)` returns the index of the smallest loss, counted from 0.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
import numpy as np


def best_epoch(losses):
    return ...


practice.best_epoch.check(best_epoch)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: the right order.** These are the steps from images to a tested network, together called a pipeline. Put them in an order that works, as one word of six letters, in quotes. There is more than one right order.
#
# - **A** flatten and scale the images, make the labels one-hot
# - **B** `compile`: set the loss and the optimizer
# - **C** `evaluate` on the test set
# - **D** load the images
# - **E** `fit`, and watch the validation accuracy
# - **F** stack the layers

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
pipeline = ...
practice.pipeline.check(pipeline)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 7: more epochs?** From epoch 5 on, the training loss keeps falling, but the validation loss rises. What is happening?
#
# - **A** the network keeps learning well: more epochs always help
# - **B** something is broken: a loss must never rise
# - **C** the network overfits: it memorizes its training images
# - **D** the test set is too small

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
more_epochs = ...
practice.more_epochs.check(more_epochs)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 8: one change.** Change one parameter at the top, such as `activation` or `hidden`, and run the notebook again from there. Compare the validation accuracies. Then change the parameter back and run the notebook again, so that notebook 6 gets the network with the default values. Fill in the report: the parameter, its value before and after, and what you saw, in a sentence with both results.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- A **step** moves each weight against its slope\n- An **epoch** uses every training image once\n- **Overfitting**: the gap between the curves widens\n\nNext: [6 Evaluate](06_evaluate.ipynb)", "asked": "Is 98 % on the validation set the final result? No. The final result comes from the test set, which you use once."}
# ## What you now know
#
# - The **gradient** holds the slope of the loss for every weight. A training step moves each weight against its slope.
# - A **step** uses one **batch**; an **epoch** uses every training image once.
# - `fit` learns from the training set. On the validation set, it only measures loss and accuracy.
# - A falling training loss alone proves nothing. **Overfitting** shows as a widening gap between the curves.
# - Change **one hyperparameter at a time**.
#
# **The most important new words:** batch, epoch, gradient, gradient descent, overfitting, training curve, hyperparameter.
#
# **Make it yours:** find the smallest `hidden` that still reaches an accuracy of 0.95 on the validation images.
#
# **Read on:** the mathematics of a training step, with pictures: [3Blue1Brown, Neural networks](https://www.3blue1brown.com/topics/neural-networks); with code: [Dive into Deep Learning, chapter 12](https://d2l.ai/chapter_optimization/index.html); in depth: [Deep Learning, chapters 6 to 8](https://www.deeplearningbook.org).
#
# Next: [6 Evaluate](06_evaluate.ipynb), the exam.
