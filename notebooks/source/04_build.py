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

# %% [markdown] slideshow={"slide_type": "slide", "words": "A network, 784 → 512 → 10: what it computes, how to measure its mistakes, and how it does before it has learned anything.", "asked": "How many layers do large networks have? Dozens or hundreds. The parts are much the same."}
# # 4 Build: layers, one after the other
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → **4 build** → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - stack [layers](../docs/glossary.md#layer) into a network: 784 → 512 → 10
# - count its weights by hand
# - say what a loss, an optimizer and a metric are for
# - see how well a network does before it has learned anything
#
# **Time:** 25 minutes, and 20 for the exercises. **Before you start:** flattened images and one-hot labels (notebook 3).

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
seed = 0  # @param {type:"integer"} # 0 to 4294967295: seed of the random numbers

# %% [markdown] slideshow={"slide_type": "skip"}
# The next cell repeats stages 1 and 3: `load_digits` gets the images, and `prepared` flattens and scales them, makes the labels one-hot and sets the validation set aside. The output shows how many images there are in each of the three parts.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits
from handwriting.parameters import require
from handwriting.prepare import prepared

ready = prepared(load_digits(data))
classes = len(ready.class_names)
ready

# %% [markdown] slideshow={"slide_type": "slide", "headline": "What we are going to build", "words": "Each layer turns one vector into another. Each line is a **weight**. Learning means finding good weights.", "asked": "Why 512? It is a choice. You can try other numbers in notebook 5."}
# ## What you are going to build
#
# A **neural network** is a stack of layers, and each layer turns one vector into another. Ours takes the 784 pixels, turns them into 512 numbers (the number set by `hidden` above), and turns those into 10, one per class. Each of the 512 numbers, and each of the 10, is computed by one [**unit**](../docs/glossary.md#unit). The layer in the middle is called [**hidden**](../docs/glossary.md#hidden), because it is neither the input nor the output. Each line in the drawing is a [**weight**](../docs/glossary.md#weight), a number that says how strongly an input acts on a unit. Only a few of the weights are drawn. Learning means finding good weights.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.visualize import show_diagram

show_diagram("network")

# %% [markdown] slideshow={"slide_type": "slide", "headline": "A unit: a weighted sum, then ReLU", "words": "Multiply each input by its weight, add everything up, add the **bias**.\n\n**ReLU** turns sums below zero into 0.", "asked": "Why does ReLU have a bend at zero? Without the bend, two layers could do no more than one."}
# ## The parts, in words
#
# [**Dense.**](../docs/glossary.md#dense) Each unit computes a weighted sum of its inputs. It multiplies every input by that input's weight, adds everything up, and then adds one more number, its [**bias**](../docs/glossary.md#bias). A bright pixel with a positive weight raises the sum, and one with a negative weight lowers it.
#
# [**ReLU.**](../docs/glossary.md#relu) It turns sums below zero into 0 and leaves the others as they are, so its graph has a bend at zero. A function like this, applied to the result of a layer, is called an [**activation**](../docs/glossary.md#activation). Why is it needed? Without the bend, two dense layers in a row could do no more than a single one. Notebook 5 measures that.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [3, 4]}
import numpy as np

sums = np.array([-2.0, -0.5, 0.0, 1.5, 3.0])
np.maximum(sums, 0)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Dropout", "words": "During training, about one hidden unit in five is ignored: at random, and differently for every image.\n\nNo unit can rely on any other unit.", "asked": "Isn't dropout harmful? Think of a team that trains with different members missing. In a match, all take part."}
# [**Dropout.**](../docs/glossary.md#dropout) During training, some hidden units are ignored. They are chosen at random, and differently for every image. Each unit is left out with the [probability](../docs/glossary.md#probability) `dropout`, one in five by default, so the number left out differs from image to image. (Meanwhile, the outputs of the others are multiplied by 1.25, so that the sums stay about the same.) Dropout sounds harmful, but it helps: no unit can rely on any other unit, so each has to learn something useful by itself. Think of a team that trains with different members missing. When the network is *used*, all units take part.
#
# **Try it yourself.** The drawing shows 192 hidden units as dots, with a cross for each one that is ignored. Move the upper slider to 0.5: how many units are left? The lower slider moves on to the next image, for which a different set of units is ignored. (On a static page, you see only the default.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.widgets.playground import dropout_playground

dropout_playground()

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Softmax: what is the first probability?", "words": "Softmax turns scores into probabilities that add up to 1. The scores are 2, 1 and -1.", "asked": "Why not divide the scores by their sum? A score can be negative, and a probability cannot."}
# [**Softmax.**](../docs/glossary.md#softmax) The last layer computes ten scores of any size. Softmax turns them into **probabilities**: it makes all of them positive (with `np.exp`, which makes large scores much larger) and divides them by their sum, so that they add up to 1. **Predict:** the scores are 2, 1 and -1. What is the probability of the first one?
#
# - **(a)** 100 %: it is the largest score
# - **(b)** about 70 %
# - **(c)** exactly a third, like the others

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("build.softmax")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "The largest score gets the most, but the others get a share", "words": "", "asked": "Why `exp`? It makes every score positive, and large ones much larger."}
scores = np.array([2.0, 1.0, -1.0])
powers = np.exp(scores)
probabilities = powers / powers.sum()
print(probabilities.round(4), "sum:", probabilities.sum().round(4))

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The largest score gets the most, but the others get a share, too, because `np.exp` is never 0.
#
# </details>
#
# **Try it yourself:** what happens if all three scores are equal? If one is 5? If you raise all of them by 1? (On a static page, you see only the scores used above.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.widgets.playground import softmax_playground

softmax_playground()

# %% [markdown] slideshow={"slide_type": "notes"}
# Equal scores get equal shares. Only the differences between scores count: raising all of them by 1 changes nothing.

# %% [markdown] slideshow={"slide_type": "slide", "words": "In Keras, you list the layers from first to last. That is the whole program.", "asked": "What does the seed do? It makes the random start the same each time, so that results can be compared."}
# ## Build it
#
# In Keras, you list the layers from first to last, and that is the whole program. `keras.Input` says what comes in: 784 numbers per image. The [seed](../docs/glossary.md#seed) makes the random starting weights the same each time, so that you can compare your numbers with your neighbour's. `require` stops with a message if the value of a parameter is not valid.

# %% slideshow={"slide_type": "-", "lines": [7, 10]}
from tensorflow import keras

require(hidden=hidden, activation=activation, dropout=dropout, seed=seed)
keras.utils.set_random_seed(seed)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(hidden, activation=activation, name="hidden"),
        keras.layers.Dropout(dropout, name="dropout"),
        keras.layers.Dense(classes, activation="softmax", name="output"),
    ],
    name="digits",
)

# %% [markdown] slideshow={"slide_type": "slide", "words": "784 inputs, 512 hidden units, 10 outputs. A unit has one weight per input, and one bias.", "asked": "Does dropout add weights? No. It has none: it only ignores units."}
# ## How many weights and biases?
#
# Each hidden unit has one weight for each of the 784 pixels, and one bias. By default, there are 512 hidden units. Then comes the output layer: ten units, each with one weight per hidden unit, and one bias. **Predict:** how many weights and biases are there with 512 hidden units?
#
# - **(a)** about 1,300
# - **(b)** about 5,000
# - **(c)** about 400,000
#
# Now let Keras count. (`None` stands for "any number of images". `Param #` counts weights and biases, not the parameters at the top of this notebook.)

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("build.weights")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
model.summary(line_length=60)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c).** Each unit has a weight for *each* input, so you multiply the number of units by the number of inputs.
#
# </details>
#
# Here is the calculation, written out. `hidden` is the number of hidden units. Do not forget the biases: there is one for each unit, hidden or not. Dropout has no weights at all. It only ignores units.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Multiply, and add the biases", "words": "", "asked": "Is that a lot of weights? For a phone, no. Large language models have a million times as many.", "lines": [1, 2]}
first = 784 * hidden + hidden
second = hidden * classes + classes
print(f"hidden layer: 784 × {hidden} + {hidden} = {first:,}")
print(f"output layer: {hidden} × {classes} + {classes} = {second:,}")
print(f"together:     {first + second:,}")

# %% [markdown] slideshow={"slide_type": "slide", "headline": "How wrong is a prediction?", "words": "45 % for the right digit is worse than 60 %: the **loss** says by how much. In this example, the right digit gets 80 %.\n\n**Cross-entropy** looks only at the right class.", "asked": "Why a logarithm? It punishes confidence in a mistake far more than doubt."}
# ## How wrong is a prediction? The loss
#
# To improve, the network needs a measure of how wrong it is. "Right or wrong" is too coarse: a network that gives the right digit 45 % should be rewarded less than one that gives it 60 %. The [**loss**](../docs/glossary.md#loss) compares the predicted probabilities with the truth, which gives the right class 100 %. Ours is called **categorical [cross-entropy](../docs/glossary.md#cross-entropy)**. Element by element, multiply the truth by the natural logarithm of the prediction (`np.log`; **ln** on a calculator). Then add everything up, and change the sign. The logarithm of 1 is 0; the closer a number is to 0, the further its logarithm is below 0. Keras reports the average over many images.
#
# Suppose an image shows a 3, and the network predicts 80 % for a 3, 10 % for an 8, 5 % for a 2, and a little for each of the others.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [3, 4]}
truth = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
prediction = np.array([0.01, 0.01, 0.05, 0.80, 0.01, 0.005, 0.005, 0.005, 0.10, 0.005])
loss = -(truth * np.log(prediction)).sum()
print(f"loss: {loss:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Only 40 % for the right class: how large is the loss?", "words": "With 80 %, it was 0.22.", "asked": "May I use a calculator? Vote first. Then use the **ln** key."}
# The truth is 0 in every element but one, so only the probability of the **right class** counts. Here, the loss is `-np.log(0.80)`. What is the loss of other predictions? **Predict:** a network gives the right class only 40 % instead of 80 %. How large is its loss?
#
# - **(a)** the same: it is the same digit
# - **(b)** twice as large
# - **(c)** about four times as large

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("build.half")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Sure and wrong: the largest loss", "words": "Perfect: 0. Sure and right: small. Unsure: larger.", "asked": "What is the loss at 0 %? It would be infinite. Softmax never gives exactly 0.", "lines": []}
for probability in (1.00, 0.80, 0.40, 0.01):
    loss = abs(np.log(probability))  # the logarithm is never above 0 here, so abs changes its sign
    print(f"{probability:4.0%} for the right class: loss {loss:.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c):** 0.92 instead of 0.22. Halving the probability always adds the same amount to the loss, about three times 0.22.
#
# </details>
#
# A perfect prediction has a loss of 0; an unsure one has a larger loss. Being sure and **wrong** gives by far the largest loss: cross-entropy punishes [confidence](../docs/glossary.md#confidence) in a mistake.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "The optimizer updates the weights", "words": "It computes how far to move each weight to lower the loss. The **learning rate** scales every step.\n\n**Accuracy** is a **metric**, for people.", "asked": "What is Adam? An optimizer that adapts the step for each weight."}
# ## How are the weights updated? The optimizer
#
# Change one weight a little: what does the loss do? Calculus, the mathematics of slopes, answers this question for all weights at once (notebook 5). From the answers, the [**optimizer**](../docs/glossary.md#optimizer) computes how far to move each weight to lower the loss. Ours is [**Adam**](../docs/glossary.md#adam): it adapts the step size for each weight. The [**learning rate**](../docs/glossary.md#learning-rate) makes all steps larger or smaller.
#
# A number for you to watch is called a [**metric**](../docs/glossary.md#metric). Ours is the accuracy: the share of images whose most probable class is the right one. `compile` puts loss, optimizer and metric together.

# %% slideshow={"slide_type": "-", "lines": [3, 7]}
require(optimizer=optimizer, learning_rate=learning_rate)
optimizers = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
model.compile(
    optimizer=optimizers[optimizer](learning_rate),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "How accurate is an untrained network?", "words": "All weights are random so far.", "asked": "On which images? On 1,000 images of the validation set. The test set has to wait."}
# ## A network that has learned nothing
#
# The weights are random so far. Even so, try the network on the first 1,000 validation images: [`evaluate`](../docs/glossary.md#evaluate) measures its loss and its accuracy on them. **Predict:** what will the accuracy be?
#
# - **(a)** about 0 %
# - **(b)** about 10 %
# - **(c)** about 50 %

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("build.untrained")

# %% slideshow={"slide_type": "subslide", "headline": "The network guesses", "words": "Ten classes: blind guessing is right about 10 % of the time.", "asked": "Why not exactly 10 %? The weights are random, and 1,000 images are a sample. Another seed gives another number.", "lines": [2, 3]}
few_x, few_y = ready.x_validation[:1000], ready.y_validation[:1000]
loss, accuracy = model.evaluate(few_x, few_y, verbose=0)
print(f"untrained: loss {loss:.2f}, accuracy {accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b),** or close to it. Random weights know nothing about digits, so the network guesses, and blind guessing is right about 10 % of the time. Another seed gives a slightly different number.
#
# </details>
#
# There is also a loss to compare with. A network that gives each of ten classes 10 % has a loss of `-np.log(0.1)`, which is 2.30. A loss clearly below that means that something has been learned. Now look at one of the predictions: `model.predict` returns them. No class gets nearly everything: the network has no reason to prefer one.

# %% slideshow={"slide_type": "skip"}
untrained = model.predict(few_x[:1], verbose=0)[0]
print(f"probabilities from {untrained.min():.2f} to {untrained.max():.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# Blind guessing is one baseline, and the nearest average from notebook 2 is another. In notebook 5, you will add a third: a network with no hidden layer.
#
# From here on, the helper `dense_network` builds and compiles the network of this notebook in one line, and the next notebook starts with that line. The helper also lets TensorFlow take ten training steps in one go, which saves time and does not change the result. Let's verify that the two networks are the same. They should have the same number of weights and, from the same seed, exactly the same weights. (`zip` pairs up the elements of two lists; `all` gives `True` if every comparison does.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.build import dense_network

twin = dense_network(hidden, dropout, learning_rate, seed, classes=classes, activation=activation, optimizer=optimizer)
pairs = zip(model.get_weights(), twin.get_weights())
same = all(np.array_equal(ours, theirs) for ours, theirs in pairs)
print("same number of weights:", twin.count_params() == model.count_params())
print("same weights:          ", same)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 6: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "May I give a formula? Yes. Python computes it."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.count_weights.hint()` gives a hint, and `practice.count_weights.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import build as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: count the weights.** How many weights and biases would our network have with 64 hidden units, that is, 784 → 64 → 10? Work it out. You may also give the calculation as your answer.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: ReLU by hand.** Four units have computed these sums: `[-3.0, 0.5, 2.0, -0.1]`. What does ReLU turn them into? Write a line that computes the results, or write the four numbers in square brackets.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
after_relu = ...
practice.after_relu.check(after_relu)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: softmax by hand.** Write softmax as a function. It takes an array of scores and returns an array of probabilities, one for each score. Further up, the cell that turned three scores into probabilities has all you need.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def softmax_by_hand(scores):
    return ...


practice.softmax_by_hand.check(softmax_by_hand)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: the loss of 50 %.** A prediction gives the right class 50 %. What is its loss? Two decimal places are enough.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
loss_of_half = ...
practice.loss_of_half.check(loss_of_half)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: ten percent right.** After an hour of training, a network gets 10 % of the digits right. What do you conclude? Answer with a letter in quotes, such as `"A"`.
#
# - **A** a tenth of the job is done: it has learned a little
# - **B** it is worse than guessing
# - **C** it has learned nothing: blind guessing gives 10 %
# - **D** something must be wrong with the images

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
ten_percent = ...
practice.ten_percent.check(ten_percent)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: one change.** Change `hidden` in the parameters, and run the notebook again from there. How does the number of weights change? Then fill in the report: the parameter, its value before and after, and a sentence about what you saw, with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- Layers: weighted sums, then an **activation**\n- **Loss**: how wrong a prediction is\n- **Optimizer**: updates the weights\n- Untrained, the network guesses\n\nNext: [5 Train](05_train.ipynb)", "asked": "How does the network get better than guessing? In many small steps. That is notebook 5."}
# ## What you now know
#
# - A network is a stack of **layers**. Ours has two dense ones, with 401,920 + 5,130 = 407,050 weights and biases for 512 hidden units.
# - **ReLU** turns negative sums into 0, **dropout** ignores some units during training, and **softmax** makes probabilities.
# - The **loss** says how wrong a prediction is, the **optimizer** updates the weights, and the **metric** is for you to watch.
# - Untrained, the network gets about 10 % of the images right: it guesses.
#
# **The most important new words:** layer, unit, hidden, weight, bias, activation, softmax, loss, cross-entropy, optimizer, learning rate, metric, evaluate.
#
# **Make it yours:** build the smallest network that you think could still recognize digits. In notebook 5, you will find out whether it can.
#
# Next: [5 Train](05_train.ipynb), where the network learns.
