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
# # 4 Build: layers, one on the other
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → **4 build** → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - stack [layers](../docs/glossary.md#layer) into a network: 784 → 512 → 10
# - count its weights by hand, and be right
# - say what a loss, an optimizer and a metric are for
# - see how well a network reads that has learned nothing
#
# **Time:** 15 minutes, and 15 for the exercises. **Before you start:** flattened pictures and one-hot labels (notebook 3).

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
hidden = 512  # @param {type:"integer"} # 1 to 8192: units in the hidden layer
activation = "relu"  # @param ["relu", "tanh", "sigmoid", "gelu", "linear"] # activation of the hidden layer
dropout = 0.2  # @param {type:"number"} # 0 to below 1: share of hidden units ignored while training
optimizer = "adam"  # @param ["adam", "rmsprop", "sgd"] # how the weights are updated
learning_rate = 0.001  # @param {type:"number"} # 0.000001 to 10: how large the steps of learning are
seed = 0  # @param {type:"integer"} # 0 to 4294967295: start of the random numbers

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up with stages 1 and 3: `load_digits` brings the pictures, and `prepared` flattens and scales them, makes the labels one-hot and sets the validation part aside. The last line shows how many pictures each of the three parts has.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits
from handwriting.parameters import require
from handwriting.prepare import prepared

ready = prepared(load_digits(data))
classes = len(ready.class_names)
ready

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you are going to build
#
# A [**neural network**](../docs/glossary.md#neural-network) is a stack of layers, and each layer turns a list of numbers into another one. Ours takes the 784 pixels, turns them into 512 numbers (or as many as `hidden` above says), and turns those into 10: one per class. Each of the 512 and of the 10 numbers is made by one [**unit**](../docs/glossary.md#unit). The layer in the middle is called [**hidden**](../docs/glossary.md#hidden), because it is neither what comes in nor what goes out. Each line stands for a [**weight**](../docs/glossary.md#weight), a number that says how much one thing counts for another; only a few of them are drawn. Learning means finding good weights.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_diagram

show_diagram("network")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The parts, in words
#
# [**Dense.**](../docs/glossary.md#dense) Each unit holds a vote over all its inputs. It multiplies every input by that input's weight, adds everything up, and adds one more number of its own, the [**bias**](../docs/glossary.md#bias). A large weight means "this pixel speaks for it", a negative one "this pixel speaks against it".
#
# [**ReLU.**](../docs/glossary.md#relu) What comes out below zero becomes 0, the rest stays. Without such a bend, two layers on top of each other could do no more than a single one. A function that is applied to what a layer computes is called its [**activation**](../docs/glossary.md#activation).

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import numpy as np

votes = np.array([-2.0, -0.5, 0.0, 1.5, 3.0])
np.maximum(votes, 0)

# %% [markdown] slideshow={"slide_type": "subslide"}
# [**Dropout.**](../docs/glossary.md#dropout) During training, a random part of the hidden units is ignored, anew for every picture: each unit with the [probability](../docs/glossary.md#probability) `dropout`, one in five if you changed nothing. That sounds harmful, and it helps: no unit can rely on one certain neighbour, so each must learn something useful by itself. It is like a team that trains with changing members missing. When the network is *used*, everybody is there.
#
# **Move it yourself.** Each dot is a hidden unit, each cross one that is ignored. Move the upper slider to 0.5: how many are left? With the lower one comes the next picture, and other units are ignored. (Where nothing runs, you see the usual setting.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.widgets.playground import dropout_playground

dropout_playground()

# %% [markdown] slideshow={"slide_type": "subslide"}
# [**Softmax.**](../docs/glossary.md#softmax) The last layer gives ten scores of any size. Softmax makes all of them positive (`np.exp` does that, and large scores become much larger) and lets them sum to 1, so that you can read them as **probabilities**. **Predict:** the scores are 2, 1 and -1. How much does the first get?
#
# - **(a)** everything: it is the highest
# - **(b)** about 70 %
# - **(c)** exactly a third, like each of them

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
scores = np.array([2.0, 1.0, -1.0])
powers = np.exp(scores)
probabilities = powers / powers.sum()
print(probabilities.round(2), "sum:", probabilities.sum().round(2))

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** The largest score gets the most, but the others keep a share. **Move it yourself:** what happens if all three scores are equal? If one is 5? If you raise all of them by 1? (Where nothing runs, you see the scores from above.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.widgets.playground import softmax_playground

softmax_playground()

# %% [markdown] slideshow={"slide_type": "subslide"}
# Equal scores share equally, and only the differences between scores count: raising all of them by 1 changes nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Build it
#
# In Keras you write down the stack from the first layer to the last, and that is the program. `keras.Input` says what comes in: 784 numbers per picture. The [seed](../docs/glossary.md#seed) makes the random starting weights the same each time, so that your numbers and your neighbour's can be compared. `require` stops with a sentence if one of the parameters has a value that cannot be.

# %% slideshow={"slide_type": "fragment"}
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

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How many weights and biases?
#
# Each of the hidden units, 512 if you changed nothing, has one weight for each of the 784 pixels, and one bias. Then the output layer: ten units, and each has a weight for every hidden unit, and a bias. **Predict:** how many numbers are that, with 512 hidden units?
#
# - **(a)** about 1,300
# - **(b)** about 5,000
# - **(c)** about 400,000
#
# Now let Keras count. (`None` stands for "any number of pictures", and `Param #` counts weights and biases, not the settings above.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
model.summary()

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c).** Each unit has a weight for *each* input, so the two are multiplied. Here is the sum, written out. `hidden` is the number of hidden units from the parameters above. The biases are what most people forget: one for each unit, hidden or not. Dropout has no weights at all, it only ignores.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
first = 784 * hidden + hidden
second = hidden * classes + classes
print(f"hidden layer: 784 × {hidden} + {hidden} = {first:,}")
print(f"output layer: {hidden} × {classes} + {classes} = {second:,}")
print(f"together:     {first + second:,}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How wrong is an answer? The loss
#
# To get better, the network has to know **how far off** it is. "Right or wrong" is too coarse: who gives the right digit 45 % should be told that 60 % is better. The [**loss**](../docs/glossary.md#loss) measures a distance between two lists of probabilities: what the network says, and the truth, which gives 100 % to the right class. Ours is called **categorical [cross-entropy](../docs/glossary.md#cross-entropy)**: multiply the truth by the natural logarithm of the answer (`np.log`; the key **ln** on a calculator), slot by slot, add up, and turn the sign. What Keras reports is the average over many pictures.
#
# Suppose the picture shows a 3. The network says: 80 % a 3, 10 % an 8, 5 % a 2, and a little for the rest:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
truth = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
answer = np.array([0.01, 0.01, 0.05, 0.80, 0.01, 0.005, 0.005, 0.005, 0.10, 0.005])
distance = -(truth * np.log(answer)).sum()
print(f"distance from the truth: {distance:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The truth is 0 in every slot but one, so only the probability of the **right class** counts: here it is `-np.log(0.80)`. What would other answers cost? **Predict:** how bad is an answer that gives the right class 40 % and not 80 %?
#
# - **(a)** as bad: it is the same digit
# - **(b)** twice as bad
# - **(c)** about four times as bad

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
for given_to_right_class in (1.00, 0.80, 0.40, 0.01):
    cost = abs(np.log(given_to_right_class))
    print(f"{given_to_right_class:4.0%} for the right class: distance {cost:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c):** 0.92 against 0.22. Sure and right costs little, and a perfect answer costs nothing. Wavering costs more. Sure and **wrong** costs by far the most: the network is punished for [confidence](../docs/glossary.md#confidence) in a mistake.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Who turns the weights? The optimizer
#
# The [**optimizer**](../docs/glossary.md#optimizer) decides, after each look at some pictures, which weights go up and which go down, and by how much. Ours is [**Adam**](../docs/glossary.md#adam), a good first choice nearly everywhere: it gives each weight a step size of its own. The [**learning rate**](../docs/glossary.md#learning-rate) scales all steps. Last comes what you want to read while it works: the [**accuracy**](../docs/glossary.md#accuracy), the share of pictures read right. Such a number for people is called a [**metric**](../docs/glossary.md#metric). `compile` puts the three together.

# %% slideshow={"slide_type": "fragment"}
require(optimizer=optimizer, learning_rate=learning_rate)
optimizers = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
model.compile(
    optimizer=optimizers[optimizer](learning_rate),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A network that has learned nothing
#
# The weights are random. Let it read the first 1,000 validation pictures all the same. **Predict** its accuracy. (Think of someone who guesses blindly among ten classes.)
#
# - **(a)** about 0 %
# - **(b)** about 10 %
# - **(c)** about 50 %

# %% slideshow={"slide_type": "fragment"}
few_x, few_y = ready.x_validation[:1000], ready.y_validation[:1000]
loss, accuracy = model.evaluate(few_x, few_y, verbose=0)
print(f"untrained: loss {loss:.2f}, accuracy {accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b),** or not far from it: blind guessing is right one time in ten. Another seed gives a slightly different number. The loss has a number for that too: whoever gives each of ten classes a tenth pays `-np.log(0.1)`, which is 2.30. Clearly below that, something has been learned. Look at one of its answers. No class gets nearly everything: the network has no reason to prefer one.

# %% slideshow={"slide_type": "fragment"}
guess = model.predict(few_x[:1], verbose=0)[0]
print(f"probabilities from {guess.min():.2f} to {guess.max():.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# From here on, the helper `dense_network` builds and compiles this same network in one line; the next notebook starts with it. It also tells TensorFlow to take ten steps of learning in one go, which saves time and changes no result. You need not believe that the rest is the same. Check it: the same number of weights and, from the same seed, the same weights to the last digit.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.build import dense_network

twin = dense_network(hidden, dropout, learning_rate, seed, classes=classes, activation=activation, optimizer=optimizer)
pairs = zip(model.get_weights(), twin.get_weights())
same = all(np.array_equal(ours, theirs) for ours, theirs in pairs)
print("same number of weights:", twin.count_params() == model.count_params())
print("same weights:          ", same)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.count_weights.hint()`; asked again, it gives a stronger hint. `practice.count_weights.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import build as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: count.** How many weights and biases has our network with 64 hidden units, so 784 → 64 → 10? Work it out; a formula is an answer, too.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: ReLU.** These are the votes of four units: `[-3.0, 0.5, 2.0, -0.1]`. What comes out of ReLU? Write a line that computes it, or write the four numbers in square brackets.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
after_relu = ...
practice.after_relu.check(after_relu)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: softmax by hand.** Write it as a function: it takes an array of scores and gives as many probabilities. The box above that made probabilities from three scores has all you need.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def softmax_by_hand(scores):
    return ...


practice.softmax_by_hand.check(softmax_by_hand)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: the loss.** An answer gives the right class 50 %. What is its loss? Two digits are enough.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
loss_of_half = ...
practice.loss_of_half.check(loss_of_half)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: choose.** A network reads 10 % of the digits right. What do you say?
#
# - **A** a tenth of the way is done: it has learned a little
# - **B** it is worse than guessing
# - **C** it has learned nothing: blind guessing gives 10 %
# - **D** the pictures must be broken

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
ten_percent = ...
practice.ten_percent.check(ten_percent)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 6: one knob.** Change `hidden` in the parameters, and run the notebook again from there. How does the number of weights change? Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

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
# - A network is a stack of **layers**; ours has two dense ones, with 401,920 + 5,130 = 407,050 weights and biases for 512 hidden units.
# - **ReLU** bends, **dropout** ignores some units while training, **softmax** makes probabilities.
# - The **loss** says how wrong an answer is, the **optimizer** changes the weights, the **metric** is for you.
# - Untrained, it reads something like one picture in ten right: it guesses.
#
# **New words:** layer, unit, hidden, weight, bias, activation, softmax, loss, cross-entropy, optimizer, learning rate, metric, accuracy.
#
# **Make it yours:** build the smallest network that you think could still read digits. In notebook 5 you will find out.
#
# Next: [5 Train](05_train.ipynb), where it learns.
