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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 8 A stronger network
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → [7 own handwriting](07_own_handwriting.ipynb) → **8 stronger network** → [9 new problem](09_new_problem.ipynb) → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - get more out of the same network with a better learning rate
# - build a convolutional network, and see what its filters see
# - train on pictures that are moved, turned and resized
# - compare all of them fairly: same pictures, same place, time and accuracy
#
# **Time:** 30 minutes, and 10 for the exercises. **Before you start:** notebook 6, better 7.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Setup
#
# The same box as in every notebook. Run it first: it makes the notebook ready and prints one line that says what you have.

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
data = "auto"  # @param ["auto", "mnist", "fashion-mnist", "letters", "stand-in"] {allow-input: true} # which pictures, or a path to yours
examples = 10000  # @param {type:"integer"} # 128 to 60000: pictures to learn from; more take longer
epochs_each = 1  # @param {type:"integer"} # 1 to 1000: epochs for each network
seed = 0  # @param {type:"integer"} # 0 to 4294967295: start of the random numbers

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the pictures, prepared as before. To keep the waiting short, each network below learns from the first 10,000 pictures only, once. What the same networks reach with more is told near the end.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
import time

from handwriting.build import dense_network
from handwriting.load import load_digits
from handwriting.parameters import require
from handwriting.prepare import prepared

require(examples=examples, epochs_each=epochs_each, seed=seed)
ready = prepared(load_digits(data))
x, y = ready.x_train[:examples], ready.y_train[:examples]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A fair race
#
# Several networks will compete. To compare them, all must learn from the same pictures on the same machine, and be measured on the same others: the **validation** set, because we are going to choose by it. This function trains a network, takes the time, and notes both. First comes the network of notebook 4: one hidden layer, 407,050 weights, steps of one size. In notebook 5 it learned for four epochs from 55,000 pictures. Here it gets one epoch with 10,000, like all that follow, so it does not get as far.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide"}
results = []


def race(name, model, x, x_validation, batch_size=64):
    start = time.monotonic()
    model.fit(x, y, batch_size=batch_size, epochs=epochs_each, verbose=0)
    seconds = time.monotonic() - start
    accuracy = model.evaluate(x_validation, ready.y_validation, batch_size=250, verbose=0)[1]
    results.append((name, seconds, accuracy))
    print(f"{name}: {seconds:.1f} s, validation accuracy {accuracy:.3f}")


race("dense", dense_network(seed=seed), x, ready.x_validation)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Better steps
#
# The size of the steps, the learning rate, was the same from first to last. A [**schedule**](../docs/glossary.md#schedule) changes it on the way: it begins small, because the first weights are wild guesses; grows, to get ahead; and becomes tiny at the end, to settle. With such a schedule the steps can be several times larger. `one_cycle` makes one that Keras's optimizer understands. Here is its path:

# %% slideshow={"slide_type": "subslide"}
import matplotlib.pyplot as plt
import numpy as np
from handwriting.train import one_cycle

rate = one_cycle(len(x), epochs_each, batch_size=64, peak=0.004)
steps = np.arange(len(x) // 64 * epochs_each)
plt.figure(figsize=(6, 2.6))
plt.plot(steps, [float(rate(step)) for step in steps])
plt.title("learning rate")
plt.xlabel("step")
plt.ylabel("size")
plt.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** the same network, the same number of steps, only their sizes differ. What does that bring?
#
# - **(a)** nothing: it is the same network
# - **(b)** a part of the mistakes go away
# - **(c)** all mistakes go away

# %% slideshow={"slide_type": "fragment"}
dense = dense_network(seed=seed)
dense.optimizer.learning_rate = rate
race("dense, one cycle", dense, x, ready.x_validation)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** A better way to the same place. Choose such things before you make a network larger: they cost no time at all. A larger batch (256, say) with larger steps makes it faster, too. That is worth a try below, in "make it yours".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A filter
#
# Now another kind of network. In notebook 6, two pixels were enough to fool the dense one, because each pixel has weights of its own. A [**convolution**](../docs/glossary.md#convolution) uses the same few weights everywhere. A small window, here 3 × 3 pixels, slides over the picture. At each place its nine pixels are multiplied by nine weights and added up. These nine weights are a [**filter**](../docs/glossary.md#filter). The one below is positive above and negative below:

# %% slideshow={"slide_type": "fragment"}
from handwriting.visualize import show_images

edge = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])
digit = ready.x_train[0].reshape(28, 28)
windows = np.lib.stride_tricks.sliding_window_view(digit, (3, 3))
found = (windows * edge).sum(axis=(2, 3))
show_images(np.array([digit[1:27, 1:27], np.maximum(found, 0)]), ["the digit", "the filter's map"])

# %% [markdown] slideshow={"slide_type": "subslide"}
# The right picture is called a [**feature map**](../docs/glossary.md#feature-map). It is bright where the left picture is bright above and dark below: the filter has found the *lower edges* of strokes. It finds them wherever they are; move the digit, and its map moves along. Nobody designs filters, though. Like all weights, they are learned.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A convolutional network
#
# The [**convolutional network**](../docs/glossary.md#convolutional-network) below has four layers of filters: 32 of them look at the pixels, 64 look at the maps of those, and so on. `strides=2` lets the window jump two pixels at a time, so that the maps get half as large: from 28 × 28 to 14 × 14, then 7 × 7, then 4 × 4. At the end, a dense layer votes, as before. It wants pictures with their shape: height, width, and 1 for one grey value per pixel.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import keras
from keras import layers

keras.utils.set_random_seed(seed)
network = keras.Sequential(name="strokes")
network.add(keras.Input((28, 28, 1)))
for filters, size, stride in [(32, 5, 2), (64, 3, 2), (64, 3, 1), (128, 3, 2)]:
    network.add(layers.Conv2D(filters, size, strides=stride, padding="same", activation="relu"))
network.add(layers.Flatten())
network.add(layers.Dense(10, activation="softmax"))
network.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
network.count_params()

# %% [markdown] slideshow={"slide_type": "subslide"}
# Not half as many weights as the dense network has, although it has more layers. **Predict:** how does it do with the same pictures and the same steps?
#
# - **(a)** worse, because it has fewer weights
# - **(b)** about as well
# - **(c)** clearly better, but it takes longer

# %% slideshow={"slide_type": "fragment"}
pictures, validation = x.reshape(-1, 28, 28, 1), ready.x_validation.reshape(-1, 28, 28, 1)
race("convolutional", network, pictures, validation)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c).** It knows beforehand that neighbours belong together and that a stroke is a stroke everywhere. The dense network has to learn this from examples, place by place. In return, sliding takes time: the same filter is computed hundreds of times for each picture. Here are the 32 filters of the first layer, as they are now, brighter for larger weights:

# %% slideshow={"slide_type": "fragment"}
kernels = network.layers[0].get_weights()[0]
filters = kernels[:, :, 0].transpose(2, 0, 1)
show_images(filters - filters.min(axis=(1, 2), keepdims=True), columns=8)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Some are bright on one side and dark on the other: they find edges, like the one above. And this is what they see in the digit: sixteen of the 32 maps. Compare them with the filters.

# %% slideshow={"slide_type": "fragment"}
first = keras.Model(network.inputs, network.layers[0].output)
maps = first.predict(digit.reshape(1, 28, 28, 1), verbose=0)[0]
show_images(maps.transpose(2, 0, 1)[:16], columns=8)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Numbers that stay in range
#
# From layer to layer, numbers can grow or shrink, and each layer has to adapt to what the one before it does. [**Batch normalization**](../docs/glossary.md#batch-normalization) puts a stop to that: over each batch, it brings every map to mean 0 and spread 1, then lets the network choose a spread of its own. With it, larger steps are possible. `convolutional_network` builds the same network as above, with batch normalization.

# %% slideshow={"slide_type": "fragment"}
from handwriting.build import convolutional_network

rate = one_cycle(len(x), epochs_each, batch_size=64, peak=0.006)
network = convolutional_network(learning_rate=rate, seed=seed)
race("convolutional, normalized", network, pictures, validation)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## New pictures out of old ones
#
# A moved 7 is a 7. So each training picture can stand for many. [**Augmentation**](../docs/glossary.md#augmentation) moves, turns and resizes every picture a little, at random and anew in each epoch, so that the network never sees the same one twice. Keras has layers for that. They work during training only. One digit, eight times:

# %% slideshow={"slide_type": "fragment"}
from handwriting.build import augmentation

varied = np.repeat(pictures[:1], 8, axis=0)
for layer in augmentation(seed):
    varied = layer(varied, training=True)
show_images(np.array(varied)[..., 0], columns=8)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** the same network learns from such pictures, for one epoch. The validation pictures stay as they are. What happens to the validation accuracy?
#
# - **(a)** it rises at once: more pictures are always better
# - **(b)** it does not rise, and may fall: the task has become harder
# - **(c)** it falls to 10 %

# %% slideshow={"slide_type": "fragment"}
rate = one_cycle(len(x), epochs_each, batch_size=64, peak=0.006)
varied_network = convolutional_network(augment=True, learning_rate=rate, seed=seed)
race("convolutional, augmented", varied_network, pictures, validation)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** In one short epoch it has a harder task to learn, so it does not get as far yet. What has it gained? Remember the shift test of notebook 7. Here it is for three of the networks: 2,000 validation pictures are moved, to the right *and* down.

# %% slideshow={"slide_type": "fragment"}
from handwriting.evaluate import shift

still = (ready.x_validation[:2000].reshape(-1, 28, 28) * 255).astype("uint8")
truth = ready.y_validation[:2000].argmax(axis=1)
rivals = {"dense": dense, "convolutional": network, "augmented": varied_network}
right = {name: [] for name in rivals}
for k in range(6):
    moved = shift(still, right=k, down=k) / np.float32(255)
    for name, model in rivals.items():
        guesses = model.predict(moved.reshape(-1, *model.input_shape[1:]), verbose=0).argmax(axis=1)
        right[name].append((guesses == truth).mean())

# %% [markdown] slideshow={"slide_type": "subslide"}
# One line for each network. Follow them from left to right, from pictures in the middle to pictures five pixels off:

# %% slideshow={"slide_type": "fragment"}
plt.figure(figsize=(6, 3.2))
for name, accuracies in right.items():
    plt.plot(accuracies, "o-", label=name)
plt.title("accuracy by pixels moved")
plt.xlabel("pixels, right and down")
plt.legend()
plt.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# That is the gain: pictures that are not in the middle are read as well. On pictures as they come from outside, this counts more than a tenth of a percent on the test set.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The race so far
#
# All of them in one table: what each step cost, and what it brought. Seconds depend on the machine, and on what else it does.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
print(f"{'network':28} {'seconds':>8} {'validation accuracy':>20}")
for name, seconds, accuracy in results:
    print(f"{name:28} {seconds:8.1f} {accuracy:20.3f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far can it go?
#
# Ten thousand pictures and one epoch are little. `benchmarks/networks.py` gives such networks all 60,000 and measures them on the test pictures. Time 0.5 is half of what the original takes.
#
# | network | epochs | time | accuracy | moved by up to 2 pixels | moved by 4, diagonally |
# |---|---|---|---|---|---|
# | dense, the original | 4 | 1 | 0.978 | 0.80 | 0.06 |
# | two convolutions | 1 | 0.3 | 0.980 | 0.86 | 0.10 |
# | three | 2 | 0.8 | 0.989 | 0.93 | 0.14 |
# | three larger ones, augmented | 5 | 5 | 0.994 | 0.994 | 0.97 |
# | four large ones, augmented | 14 | 50 | 0.996 | 0.996 | 0.93 |

# %% [markdown] slideshow={"slide_type": "subslide"}
# The network that read your drawing in notebook 1 is of this kind, too. What it learned from stands in `docs/model-card.md`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.build import pretrained

shipped = pretrained()
shipped.count_params()

# %% [markdown] slideshow={"slide_type": "subslide"}
# (Not everything that was tried helped. Max pooling tripled the time, strides did not. XLA, a compiler, doubled it. Twice the batch size took as long and learned less.)
#
# How well does the shipped network read test pictures? That is one look at the exam for a network that is finished, so it is allowed. (It never learned from these pictures, and no choice was made by them.)

# %% slideshow={"slide_type": "fragment"}
unseen, truth = ready.images_test[:5000, :, :, None] / np.float32(255), ready.labels_test[:5000]
guesses = shipped.predict(unseen, batch_size=100, verbose=0).argmax(axis=1)
print(f"test: accuracy {(guesses == truth).mean():.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box. `practice.slide.hint()` gives a hint, and `practice.slide.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import stronger_network as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: slide a filter.** Write a function that slides a short row of weights along a longer row of numbers, one place at a time, and gives an array: at each place, the numbers below the weights, multiplied by them and added up. The filter stays within the row.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def slide(row, weights):
    return ...


practice.slide.check(slide)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: a shape.** A picture of 28 × 28 pixels goes through 32 filters of 5 × 5 pixels, with `strides=2` and `padding="same"`. Which shape do the maps have? (Without the direction of the pictures: height, width, maps.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
map_shape = ...
practice.map_shape.check(map_shape)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: count the weights.** How many numbers does that layer have to learn? The pictures have one grey value per pixel, and each filter has a bias as well.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** Which change to the training pictures must you *not* make, if a network shall read digits?
#
# - **A** move them by up to three pixels
# - **B** turn them by up to ten degrees
# - **C** make them a tenth larger or smaller
# - **D** mirror them, left to right

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
which_change = ...
practice.which_change.check(which_change)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: choose.** Why does the learning rate become small at the end of a schedule?
#
# - **A** because the pictures at the end are harder
# - **B** because large steps jump over the best place, and small ones settle into it
# - **C** because small steps are faster
# - **D** because it stops overfitting

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
small_at_the_end = ...
practice.small_at_the_end.check(small_at_the_end)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 6: choose.** Two networks reach 0.984 and 0.985 on the 5,000 validation pictures. Which one do you take?
#
# - **A** the second: it is better by 0.001
# - **B** the one that does better on the test set
# - **C** first, train both several times with different seeds, and compare the averages
# - **D** the first, if it is faster

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
fair_race = ...
practice.fair_race.check(fair_race)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 7: one knob.** Change one parameter of this notebook (or `batch_size`, or a `peak`), and run it again from there. Then fill in the report: which knob, its value before and after, and what you saw in the table, in a sentence with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_knob = {"knob": ..., "before": ..., "after": ..., "saw": ...}
practice.one_knob.check(one_knob)

# %% [markdown] slideshow={"slide_type": "skip"}
# How far are you? This box lists all exercises of the series and which of them you have done. It is kept in a small file in the folder `my_work` on this machine, and sent nowhere.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# - A **schedule** and larger steps make the same network better, at no cost.
# - A **convolution** uses the same few weights at every place. It finds a stroke wherever it is.
# - **Batch normalization** keeps numbers in range, so that larger steps are possible.
# - **Augmentation** makes the task harder in training and the network steadier afterwards.
# - Compare on the same pictures, at the same place, with more than one seed. Choose by the validation set.
#
# **New words:** schedule, convolution, filter, feature map, convolutional network, batch normalization, augmentation.
#
# **Make it yours:** set `examples = 55000` and `epochs_each = 5` in the parameters, run everything again, and get a coffee. Then draw on a pad with `DrawingPad(varied_network)`, as in notebook 7.
#
# Next: [9 A new problem](09_new_problem.ipynb), with other pictures, and with your own.
