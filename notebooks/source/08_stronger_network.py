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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Better steps, weights that are used everywhere, and training images that move: what do you gain from each, and at what cost?", "asked": "Was the dense network wrong? No. It is the network that the others have to beat."}
# # 8 A stronger network
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → [7 own handwriting](07_own_handwriting.ipynb) → **8 stronger network** → [9 new problem](09_new_problem.ipynb) → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - change the learning rate while the network trains, and measure what that does
# - build a convolutional network, and see what its filters respond to
# - train on images that are moved, turned and resized
# - compare all these networks fairly, by time and accuracy, on the same images and the same machine
#
# **Time:** 20 minutes, and 20 for the exercises. **Before you start:** notebook 6, and preferably 7.

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
examples = 10000  # @param {type:"integer"} # 128 to 60000: images to learn from; more take longer
epochs_each = 1  # @param {type:"integer"} # 1 to 1000: epochs for each network
seed = 0  # @param {type:"integer"} # 0 to 4294967295: seed of the random numbers

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the images, prepared as before. To keep the wait short, each network below sees only the first 10,000 training images, and each image only once. A table near the end shows what networks like these achieve with more.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
import time

from handwriting.build import dense_network
from handwriting.load import load_digits
from handwriting.parameters import require
from handwriting.prepare import prepared

require(examples=examples, epochs_each=epochs_each, seed=seed)
ready = prepared(load_digits(data))
x, y = ready.x_train[:examples], ready.y_train[:examples]
classes = len(ready.class_names)

# %% [markdown] slideshow={"slide_type": "slide", "words": "Same images, same machine, one epoch. We compare the networks on the **validation** set, because we are going to choose.", "asked": "Why only 10,000 images? To keep the wait short. A table near the end shows the results with more images."}
# ## A fair race
#
# Several networks will compete. For a fair comparison, all must be trained on the same images on the same machine, and all must be measured on the same set of other images: the **validation** set, because you are going to choose by the result. The function below trains a network, measures the time and the validation accuracy, and records both. First comes the network from notebook 4, with one hidden layer, 407,050 weights and a fixed learning rate. In notebook 5, it was trained for four epochs on 55,000 images, in batches of 128. One epoch on 10,000 images, in batches of 64, does not take it as far.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "-", "lines": []}
results = []


def race(name, model, x, x_validation, batch_size=64):
    start = time.monotonic()
    model.fit(x, y, batch_size=batch_size, epochs=epochs_each, verbose=0)
    seconds = time.monotonic() - start
    accuracy = model.evaluate(x_validation, ready.y_validation, batch_size=250, verbose=0)[1]
    results.append((name, seconds, accuracy))
    print(f"{name}: {seconds:.1f} s, validation accuracy {accuracy:.3f}")


race("dense", dense_network(seed=seed, classes=classes), x, ready.x_validation)

# %% [markdown] slideshow={"slide_type": "slide", "words": "A **schedule**: start small, grow, end tiny.\n\nThe largest steps can then be several times larger than with a fixed rate.", "asked": "Why start small? The first weights are random, and a large step in the wrong direction is hard to undo."}
# ## A learning rate that changes
#
# So far, the learning rate, which sets the size of the steps, has been the same from the first step to the last. A [**schedule**](../docs/glossary.md#schedule) changes it during training. The rate starts small, because the first weights are random; it grows, to make progress; and it becomes tiny at the end, so that the weights settle. With a schedule like this, the largest steps can be several times larger than before. `one_cycle` makes a schedule that Keras's optimizers understand. This is what it looks like:

# %% slideshow={"slide_type": "-"}
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

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Only the sizes of the steps change: what difference does that make?", "words": "The same network, the same number of steps.", "asked": "Didn't we already choose a learning rate? Yes, a fixed one. Now it changes during training."}
# **Predict:** the network and the number of steps stay the same. Only the sizes of the steps change, and some are much larger than before. What difference does that make?
#
# - **(a)** none: it is the same network
# - **(b)** some of the mistakes go away
# - **(c)** there are more mistakes: large steps jump too far

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("stronger_network.schedule")

# %% slideshow={"slide_type": "subslide", "headline": "Fewer mistakes, at no cost", "words": "Try changes like this before you make a network larger.", "asked": "Is a schedule always better? No, but often. Measure it on your own data.", "lines": []}
dense = dense_network(seed=seed, classes=classes)
dense.optimizer.learning_rate = rate
race("dense, one cycle", dense, x, ready.x_validation)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** Large steps make progress, and tiny ones at the end let the weights settle. A schedule costs no time, so try one before you make a network larger.
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide", "words": "The same nine weights slide over the whole image. What comes out is a **feature map**.\n\nMove the digit, and its feature map moves, too.", "asked": "Who chose the nine weights? We did, this time. A network learns its own."}
# ## A filter
#
# Now another kind of network. In notebook 6, a small shift was enough to fool the dense network, because each pixel has its own weights. A [**convolution**](../docs/glossary.md#convolution) uses the same few weights everywhere. A small window, here 3 × 3 pixels, slides over the image. At each position, the nine pixels are multiplied by nine weights, and the products are added up. These nine weights are a [**filter**](../docs/glossary.md#filter). The one below is positive at the top and negative at the bottom. It slides over a digit, and over the same digit moved three pixels to the left. (`sliding_window_view` cuts out all the windows: 26 fit into 28 pixels, so the images are shown without their border. `np.maximum` is ReLU.)

# %% slideshow={"slide_type": "-"}
from handwriting.visualize import show_images

edge = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])
digit = ready.x_train[0].reshape(28, 28)
both = np.array([digit, np.roll(digit, -3, axis=1)])
windows = np.lib.stride_tricks.sliding_window_view(both, (3, 3), axis=(1, 2))
maps = np.maximum((windows * edge).sum(axis=(3, 4)), 0)
titles = ["the digit", "moved", "feature map", "moved, too"]
show_images(np.concatenate([both[:, 1:27, 1:27], maps]), titles, columns=2)

# %% [markdown] slideshow={"slide_type": "notes"}
# The result is called a [**feature map**](../docs/glossary.md#feature-map). It is bright where the image is bright above and dark below: the filter has found the *lower edges* of strokes, wherever they are. Move the digit, and its feature map moves, too: a convolution is equivariant. (Invariant would mean that nothing changes.) In a network, filters are learned, like all weights.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Four layers of filters, then a dense layer. In all, fewer than half as many weights as in the dense network.", "asked": "What does `strides=2` do? The window jumps two pixels at a time, so the feature maps are half as high and half as wide."}
# ## A convolutional network
#
# The [**convolutional network**](../docs/glossary.md#convolutional-network) below has four layers of filters. The first 32 look at the pixels, the next 64 at the resulting feature maps, and so on. With `strides=2`, the window jumps two pixels at a time, so the feature maps get smaller: 14 × 14, then 7 × 7, then 4 × 4. `padding="same"` adds a border of zeros, so that the window fits at the edges, too. At the end, a dense layer returns ten probabilities. The network expects images of shape (28, 28, 1): height, width, and one grey value per pixel.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [8, 11]}
import keras
from keras import layers

keras.utils.set_random_seed(seed)
network = keras.Sequential(name="strokes")
options = {"padding": "same", "activation": "relu"}
network.add(keras.Input((28, 28, 1)))
for filters, size, stride in [(32, 5, 2), (64, 3, 2), (64, 3, 1), (128, 3, 2)]:
    network.add(layers.Conv2D(filters, size, strides=stride, **options))
network.add(layers.Flatten())
network.add(layers.Dense(classes, activation="softmax"))
first_weights = network.get_weights()
network.count_params()

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Fewer weights, more layers: how does the network do?", "words": "The same images, the same number of steps.", "asked": "Why are there fewer weights? Each filter uses the same few weights at every position."}
# This network has fewer than half as many weights as the dense network, although it has more layers. **Predict:** how does it do with the same images and the same number of steps?
#
# - **(a)** worse, because it has fewer weights
# - **(b)** about as well
# - **(c)** clearly better, but it takes longer

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("stronger_network.convolutions")

# %% slideshow={"slide_type": "subslide", "headline": "Clearly better, but slower", "words": "Built into the network: neighbouring pixels belong together, and a stroke is the same stroke everywhere.", "asked": "Why is the network slower with fewer weights? Each filter is applied at many positions.", "lines": []}
images, validation = x.reshape(-1, 28, 28, 1), ready.x_validation.reshape(-1, 28, 28, 1)
network.set_weights(first_weights)  # so that the training starts anew if you run this cell again
network.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
race("convolutional", network, images, validation)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c).** Two things are built into this network: neighbouring pixels belong together, and a stroke is the same stroke everywhere. The dense network has to learn both from examples, place by place. The price is time: each filter is applied at many positions of each image, 14 × 14 = 196 in the first layer.
#
# </details>
#
# Here are the 32 filters of the first layer after training. Larger weights are brighter:

# %% slideshow={"slide_type": "subslide", "headline": "The filters that the network has learned", "words": "Larger weights are brighter. Some filters are bright on one side and dark on the other: they find edges.", "asked": "Does each filter have a meaning? Not one that we could name."}
kernels = network.layers[0].get_weights()[0]
filters = kernels[:, :, 0].transpose(2, 0, 1)
show_images(filters - filters.min(axis=(1, 2), keepdims=True), columns=8)

# %% [markdown] slideshow={"slide_type": "notes"}
# Some filters are bright on one side and dark on the other: they find edges, as the filter above does. Here is what the filters find in the digit: the first 16 of the 32 feature maps, from the filters in the first two rows, in the same order.

# %% slideshow={"slide_type": "subslide", "headline": "What the filters find in the digit", "words": "The first 16 of the 32 feature maps, in the order of the filters.", "asked": "Why do the maps differ? Each filter finds something different in the digit."}
first = keras.Model(network.inputs, network.layers[0].output)
maps = first.predict(digit.reshape(1, 28, 28, 1), verbose=0)[0]
show_images(maps.transpose(2, 0, 1)[:16], columns=8)

# %% [markdown] slideshow={"slide_type": "slide", "words": "It brings every feature map of a batch to mean 0 and spread 1. Then the network learns a better mean and spread.", "asked": "Why does it help? That is disputed. Later experiments contradicted the inventors' explanation."}
# ## Batch normalization
#
# From layer to layer, the numbers that pass through a network can grow or shrink a lot. [**Batch normalization**](../docs/glossary.md#batch-normalization) keeps them in range. Over each batch, it brings every feature map to mean 0 and spread 1, so most numbers lie between -2 and 2. Then it lets the network learn a better mean and spread. `convolutional_network` builds the same network as above, with batch normalization after every convolution except the first. Nothing else changes: the learning rate follows the same schedule.

# %% slideshow={"slide_type": "-", "lines": []}
from handwriting.build import convolutional_network

normalized = convolutional_network(learning_rate=rate, seed=seed, classes=classes)
race("normalized", normalized, images, validation)

# %% [markdown] slideshow={"slide_type": "notes"}
# The normalized network does better here. Is that luck? We tried three seeds with each of three peak learning rates (0.004, 0.006 and 0.02), and the normalized network was ahead in eight of the nine pairs, by 0.003 to 0.007. In the ninth, the two were level. *Why* batch normalization helps is disputed: its inventors thought that it steadied the numbers each layer receives, but [later experiments](https://arxiv.org/abs/1805.11604) contradicted that.

# %% [markdown] slideshow={"slide_type": "slide", "words": "**Augmentation** moves, turns and resizes every image a little: at random, and differently in each epoch.", "asked": "Can we mirror images, too? Not digits: a mirrored 2 is not a 2."}
# ## New images out of old ones
#
# A moved 7 is still a 7, so each training image can stand for many. [**Augmentation**](../docs/glossary.md#augmentation) moves, turns and resizes every image a little, at random and differently in each epoch, so that the network never sees the same image twice. Keras has layers for that, which work only during training. Here is one digit, eight times:

# %% slideshow={"slide_type": "-"}
from handwriting.build import augmentation

varied = np.repeat(images[:1], 8, axis=0)
for layer in augmentation(seed):
    varied = layer(varied, training=True)
show_images(np.array(varied)[..., 0], columns=8)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What happens to the validation accuracy?", "words": "The training images are moved a little.", "asked": "Do the validation images move, too? No. They stay as they are."}
# **Predict:** a new network like the last one is trained on images like these, for one epoch. The validation images stay as they are. What happens to the validation accuracy?
#
# - **(a)** it rises at once: more images are always better
# - **(b)** it does not rise, and may fall: the task has become harder
# - **(c)** it falls to 10 %

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("stronger_network.augmented")

# %% slideshow={"slide_type": "subslide", "headline": "The task has become harder", "words": "In one short epoch, the network does not get as far. But what has it gained?", "asked": "Would more epochs help? Yes, as the table near the end shows.", "lines": []}
augmented = convolutional_network(augment=True, learning_rate=rate, seed=seed, classes=classes)
race("normalized, augmented", augmented, images, validation)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The task is harder, and in one short epoch, the network does not get as far.
#
# </details>
#
# What has the network gained from augmentation? Remember the shift test from notebook 7. Here is the same test for four of the networks: every fifth validation image is moved, to the right *and* down.

# %% slideshow={"slide_type": "skip"}
from handwriting.evaluate import shift

unmoved = np.round(ready.x_validation[::5].reshape(-1, 28, 28) * 255).astype("uint8")
truth = ready.y_validation[::5].argmax(axis=1)
networks = {"dense, one cycle": dense, "convolutional": network}
networks |= {"normalized": normalized, "normalized, augmented": augmented}
right = {name: [] for name in networks}
for k in range(6):
    moved = shift(unmoved, right=k, down=k) / np.float32(255)
    for name, model in networks.items():
        inputs = moved.reshape(-1, *model.input_shape[1:])
        predictions = model.predict(inputs, batch_size=250, verbose=0).argmax(axis=1)
        right[name].append((predictions == truth).mean())

# %% [markdown] slideshow={"slide_type": "notes"}
# The chart below has one line for each network, and a dashed one for blind guessing. Follow the lines from left to right, from digits in the middle to digits five pixels off. (In the previous cell, `|=` adds more names and networks.)

# %% slideshow={"slide_type": "subslide", "headline": "What you gain from augmentation", "words": "On the left, the digits are in the middle. On the right, they are five pixels off.", "asked": "Why do convolutions alone help so little? `Flatten` and the dense layer tie strokes to places again."}
plt.figure(figsize=(5, 4.4))
for (name, accuracies), marker in zip(right.items(), "os^D"):
    plt.plot(accuracies, f"{marker}-", label=name)
plt.axhline(1 / classes, linestyle="--", color="#444444", label="blind guessing")
plt.title("accuracy when all images move")
plt.xlabel("pixels, right and down")
plt.ylabel("accuracy")
plt.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15))
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# Convolutions help with shifts of one or two pixels. But at four pixels, the networks without augmentation are no better than blind guessing, or even worse: strokes meet weights meant for other digits. How can that be, when a filter finds a stroke anywhere? The feature maps do move with the digit. But `Flatten` and the dense layer give each position in the maps its own weights, which ties strokes to places again. The convolutions are equivariant; the network as a whole is not invariant. What helps with moved digits is augmentation: the last network was trained on digits in most of these places.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Each row differs from the one above in only one way. What did each change cost, and what did you gain?", "asked": "Would another seed change the order? Perhaps, where the lead is small. Train several times, and compare the averages."}
# ## The race so far
#
# Here are all the networks in one table. Each row differs from the one above it in only one way. What did each change cost, and what did you gain? The times depend on the machine, and on what else it is doing. The accuracies depend a little on the seed.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "-", "lines": []}
print(f"{'network':22} seconds  accuracy")
for name, seconds, accuracy in results:
    print(f"{name:22} {seconds:7.1f} {accuracy:9.3f}")

# %% [markdown] slideshow={"slide_type": "slide", "words": "All 60,000 images, more epochs, larger networks: a test accuracy of 0.996, for fifty times the training time.\n\nIs that worth the time?", "asked": "Why may the table use the test set? These networks are finished. No choice depends on the result."}
# ## How far can you go?
#
# `benchmarks/networks.py` trains networks like these on all 60,000 images and tests them. A time of 0.5 means half the time of the first row.
#
# | network | epochs | time | accuracy | moved by up to 2 pixels | moved 4 right and 4 down |
# |---|---|---|---|---|---|
# | dense, as in notebook 5 | 4 | 1 | 0.978 | 0.80 | 0.06 |
# | two convolutions | 1 | 0.3 | 0.980 | 0.86 | 0.10 |
# | three | 2 | 0.8 | 0.989 | 0.93 | 0.14 |
# | three larger ones, augmented | 5 | 5 | 0.994 | 0.994 | 0.97 |
# | four large ones, augmented | 14 | 50 | 0.996 | 0.996 | 0.93 |

# %% [markdown] slideshow={"slide_type": "notes"}
# The network behind the pad in notebook 1 is like those in the table. `docs/model-card.md` says what it was trained on. Here is how many weights it has:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.build import pretrained

shipped = pretrained()
shipped.count_params()

# %% [markdown] slideshow={"slide_type": "notes"}
# In the last column of the table, the largest network does worse than the one above it. The largest network's training images were moved by up to 2 pixels, and those of the other by up to 3.4: a network can handle what it was shown, and a little more.
#
# Why may the table use the test set? Because its networks are finished, and nothing about them depends on the result. If you picked one by its test accuracy, you would need a new test set to measure it. The network behind the pad is finished, too, and it was never trained on the test images. But its makers trained it three times, and kept the best of the three, judged partly by the test images. So its test accuracy is a little flattering:

# %% slideshow={"slide_type": "subslide", "headline": "The network behind the pad", "words": "It was never trained on the test images. But it is the best of three, judged partly by those images. So its accuracy is a little flattering.", "asked": "What was it trained on? `docs/model-card.md` says.", "lines": []}
unseen, truth = ready.images_test[..., None] / np.float32(255), ready.labels_test
predictions = shipped.predict(unseen, batch_size=100, verbose=0).argmax(axis=1)
if "".join(ready.class_names) == "0123456789":
    print(f"test: accuracy {(predictions == truth).mean():.2f}")
else:
    print("The shipped network classifies digits, and these images are of other classes.")

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 7: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Does it matter which network comes first? No. Compare the validation accuracies, not the ranks."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.slide.hint()` gives a hint, and `practice.slide.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import stronger_network as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: slide a filter.** Write a function that slides a short row of weights along a longer row of numbers, one position at a time. At each position, it multiplies each number under the filter by its weight, and adds up the products. It returns these sums as an array. The filter stays within the row.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def slide(row, weights):
    return ...


practice.slide.check(slide)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: the shape of a feature map.** An image of 28 × 28 pixels goes through 32 filters of 5 × 5 pixels, with `strides=2` and `padding="same"`. What is the shape of the feature maps for this one image: height, width, number of maps?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
feature_map_shape = ...
practice.feature_map_shape.check(feature_map_shape)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: count the weights.** How many weights does the layer in exercise 2 have to learn? The images have one grey value per pixel. Count a bias for each filter, too.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: which change?** Which change to the training images must you *not* make, if the network is to classify digits? Answer with a letter in quotes, such as `"A"`.
#
# - **A** move them by up to three pixels
# - **B** turn them by up to ten degrees
# - **C** enlarge or shrink them by up to 10 %
# - **D** mirror them, left to right

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
which_change = ...
practice.which_change.check(which_change)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: why small at the end?** Why does the learning rate become small at the end of a schedule?
#
# - **A** because the images at the end are harder
# - **B** because large steps jump over the best place, and small ones settle into it
# - **C** because small steps are faster
# - **D** because small steps stop overfitting

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
small_at_the_end = ...
practice.small_at_the_end.check(small_at_the_end)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: a fair race.** Two networks reach 0.984 and 0.985 on the 5,000 validation images. Which one is more accurate?
#
# - **A** the second, by 0.001
# - **B** the one that does better on the test set, which decides
# - **C** you cannot tell yet: train both several times with different seeds, and compare the averages
# - **D** the first: the smaller number is the more careful one

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
fair_race = ...
practice.fair_race.check(fair_race)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 7: one change.** Change one parameter of this notebook (or `peak`, or `batch_size`, which is 64 in three places, so change all three), and run the notebook again from there. Then fill in the report: the parameter, its value before and after, and what you saw in the table, in a sentence with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- A **schedule** costs nothing\n- A **convolution** uses the same weights everywhere\n- **Augmentation** helps with moved digits\n- Change one thing at a time\n\nNext: [9 A new problem](09_new_problem.ipynb)", "asked": "Which network should I use? The smallest that is good enough for your problem."}
# ## What you now know
#
# - A **schedule** with larger steps makes the same network better, at no cost.
# - A **convolution** uses the same few weights everywhere. Move a digit, and its feature maps move, too.
# - The network as a whole is still tied to places. **Augmentation** helps with that: training gets harder, and the network can handle more afterwards.
# - **Batch normalization** keeps the numbers that pass through a network in range.
# - Change one thing at a time. Compare networks on the same images, on the same machine, with more than one seed. Choose by the validation set.
#
# **The most important new words:** schedule, convolution, filter, feature map, convolutional network, batch normalization, augmentation.
#
# **Make it yours:** set `examples = 55000` and `epochs_each = 5` in the parameters cell, run everything again, and take a break. Then draw on a pad with `DrawingPad(augmented)`, as in notebook 7.
#
# Next: [9 A new problem](09_new_problem.ipynb), with other images, and with your own.
