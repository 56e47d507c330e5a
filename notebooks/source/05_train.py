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
# # 5 Train: learning from examples
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → **5 train** → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - train the network and watch it learn, live
# - read the two curves that tell how the learning goes
# - make a network overfit on purpose, and recognise it
# - change one knob at a time, and save the network for the next notebook
#
# **Time:** 15 minutes, and 15 for the exercises. **Before you start:** you know what the network, its loss and its optimizer are (notebook 4).

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
epochs = 4  # @param {type:"integer"} # 1 to 1000: how often it goes through all training pictures
batch_size = 128  # @param {type:"integer"} # 1 to 60000: pictures per step
train_size = 55000  # @param {type:"integer"} # 1 to 1000000: training pictures, at most
seed = 0  # @param {type:"integer"} # 0 to 4294967295: start of the random numbers
work_dir = "my_work"  # @param {type:"string"} # folder that keeps your work

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up with stages 1 and 3 in two lines: load the pictures, and prepare them. `dense_network` stands for stage 4. Below, it builds the network that you built by hand in notebook 4, with the settings from the parameters above.

# %% slideshow={"slide_type": "skip"}
from handwriting.build import dense_network
from handwriting.load import load_digits
from handwriting.prepare import prepared

ready = prepared(load_digits(data), train_size)
classes = len(ready.class_names)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Steps, batches, epochs
#
# The network does not look at all pictures at once. It takes a handful, a [**batch**](../docs/glossary.md#batch) (128 of them, if you changed nothing), reads them, compares its answers with the labels, and changes all its weights a little in the direction that lowers the loss. That is one **step**. When every training picture has been used once, an [**epoch**](../docs/glossary.md#epoch) is over, and the next begins with the pictures shuffled anew. **Predict:** there are 55,000 pictures, 128 in a batch. How many steps has an epoch?
#
# - **(a)** 128
# - **(b)** about 430
# - **(c)** 55,000

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import math
from handwriting.parameters import require

require(batch_size=batch_size)
steps = math.ceil(len(ready.x_train) / batch_size)
print(f"{len(ready.x_train):,} pictures / {batch_size} = {steps} steps per epoch")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** The last batch is smaller, and counts as a step, too. So the result is rounded up.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Train
#
# First an untrained network is built, so that this box starts from the beginning whenever you run it, also after you changed a parameter. Then `fit` does all of the training. It gets the training pictures and their labels, and the validation pictures, which it only looks at: after each epoch it measures loss and accuracy on them, but learns nothing from them. **Predict** what you will see:
#
# - **(a)** loss and accuracy both rise
# - **(b)** the loss falls, the accuracy rises
# - **(c)** the loss rises, the accuracy falls
#
# It takes ten to thirty seconds. Watch the chart.

# %% slideshow={"slide_type": "subslide"}
from handwriting.train import LiveChart

choices = {"activation": activation, "optimizer": optimizer}
model = dense_network(hidden, dropout, learning_rate, seed, classes=classes, **choices)
chart = LiveChart(epochs, batch_size)
history = model.fit(
    ready.x_train,
    ready.y_train,
    validation_data=(ready.x_validation, ready.y_validation),
    epochs=epochs,
    batch_size=batch_size,
    verbose=0,
    callbacks=[chart],
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b),** with the usual settings: less wrong and more often right, so it learns.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Reading the curves
#
# These lines are [**training curves**](../docs/glossary.md#training-curve). Most is learned at the very beginning, later epochs only polish.
#
# The **blue** line is measured on the pictures it learns from, the **orange** one with dots on the validation pictures. Early on, orange can be *better* than blue, which seems strange. The reason: dropout handicaps the network while it trains, but not when it is measured on the validation pictures. And the numbers below the chart are averages over the whole epoch, including its clumsy start. Here are the last values of both:

# %% slideshow={"slide_type": "fragment"}
for part, key in (("training", "accuracy"), ("validation", "val_accuracy")):
    print(f"{part:10} accuracy {history.history[key][-1]:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Print two digits and believe no more than those: a third is mostly chance, and another seed would change it. With the stand-in, the validation pictures are also close relatives of the training pictures, drawn from the same originals. So expect a little less in the exam.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Keep it
#
# What a network has learned is its weights and biases: 407,050 numbers with 512 hidden units. Save them in a file, together with the plan of the layers, the settings that you used, and the names of the classes. On your own computer, notebook 6 finds the file in the folder `my_work`, and if you train again, the newer network. In Colab each notebook has a machine of its own, so there notebook 6 trains a network with the usual settings.

# %% tags=["others-may-start"] slideshow={"slide_type": "fragment"}
from handwriting.train import save_network, training_result

settings = {"hidden": hidden, **choices, "dropout": dropout, "learning_rate": learning_rate}
settings |= {"epochs": epochs, "batch_size": batch_size, "train_size": train_size, "seed": seed}
record = save_network(model, work_dir, ready, settings, history, chart.seconds)

# %% [markdown] slideshow={"slide_type": "skip"}
# And here is the result of this notebook in one place: which data, which settings, how well, how long. Programs can read it too, and that is handy when a notebook runs many times with different parameters. You can compare it with your neighbour's.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
training_result(record)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it goes on too long
#
# What if you train much longer, or on far fewer pictures? Let us force it: a fresh network, only 300 training pictures, no dropout, 12 epochs. (`*few` hands over both parts of `few`, the pictures and the labels.)

# %% tags=["lean-skip"] slideshow={"slide_type": "fragment"}
crammer = dense_network(512, 0, 0.001, seed, classes=classes)
few = ready.x_train[:300], ready.y_train[:300]
checks = ready.x_validation[:500], ready.y_validation[:500]
too_long = crammer.fit(*few, validation_data=checks, epochs=12, batch_size=30, verbose=0)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Its two curves will tell: one is measured on the few pictures that it was shown over and over, one on pictures that it never learned from. **Predict** how good it gets:
#
# - **(a)** nearly perfect on its 300 pictures, clearly worse on the validation pictures
# - **(b)** nearly perfect on both
# - **(c)** poor on both: 300 pictures are too few to learn anything

# %% tags=["lean-skip"] slideshow={"slide_type": "fragment"}
from handwriting.train import show_history

show_history(too_long)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (a).** On its own pictures the network still improves, on the others it no longer does, and the gap between the lines widens: that is [**overfitting**](../docs/glossary.md#overfitting). It knows its few pictures by heart, and that does not help with others. On the left, the validation loss stays where it is, or rises again. More epochs do not cure that. More pictures do, and dropout helps, and so does stopping in time. And you would never have noticed without the validation set.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How large a step?
#
# The learning rate scales every step. **Move it yourself.** A small network takes 30 steps, with the rate that you choose; each choice needs about a second. From which rate on does the loss no longer fall below the dashed line, which is what blind guessing costs? (Where nothing runs, you see the usual rate.)

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "fragment"}
from handwriting.widgets.playground import learning_rate_playground

learning_rate_playground(ready.x_train, ready.y_train, seed)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Rates in the middle bring the loss down. The small ones would get there, but need many more steps; the large ones never do.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Change one knob at a time
#
# Every parameter at the top is a knob. How large must the network be, how large the steps? Nobody knows beforehand. The rule: **change one knob, keep all others, compare**. Turn two, and you never know which one did it.
#
# The knobs stand in one box, so a program can turn them: `run` takes *this very notebook*, writes other numbers there, and runs it once for each. (Boxes that add nothing to the result are left out.) Three learning rates follow, on 5,000 pictures and for one epoch each; it takes five to twenty seconds. **Predict** which validation accuracy is best:
#
# - **(a)** with the smallest rate: it is the most careful
# - **(b)** with the one in the middle
# - **(c)** with the largest: it learns fastest

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "fragment"}
from workshop.runs import run

same = {"data": data, "hidden": 64, "epochs": 1, "train_size": 5000, "seed": seed}
trials = run("05", folder=f"{work_dir}/runs", learning_rate=[0.0001, 0.001, 1.0], **same)
trials

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** With tiny steps it has not come far. With huge steps it overshoots. Each row is a run of its own, and its notebook is kept: `trials[0]["notebook"]` says where. On the command line, `handwriting sweep -p learning_rate 0.0001,0.001,1.0` does the same, also with several knobs and many values, and `handwriting report` draws charts of it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.count_steps.hint()`; asked again, it gives a stronger hint. `practice.count_steps.solution()` shows an answer. The next box gets the exercises.

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import train as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: count.** 50,000 pictures, 64 in a batch. How many steps has *one* epoch? A formula is an answer, too.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
count_steps = ...
practice.count_steps.check(count_steps)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: when to stop.** Write a function that takes the validation losses of all epochs, as a list, and gives the number of the best epoch, counted from 1. `np.argmin(losses)` tells at which place, counted from 0, the smallest one stands.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
import numpy as np


def best_epoch(losses):
    return ...


practice.best_epoch.check(best_epoch)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: the right order.** These are the steps from pictures to a tested network. Put them into an order that works, as one word of six letters in quotes. More than one order is right.
#
# - **A** flatten and scale the pictures, make the labels one-hot
# - **B** `compile`: set loss and optimizer
# - **C** `evaluate` on the test set
# - **D** load the pictures
# - **E** `fit`, and watch the validation pictures
# - **F** stack the layers

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
pipeline = ...
practice.pipeline.check(pipeline)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** From epoch 5 on, the training loss goes on falling, but the validation loss rises. What is going on?
#
# - **A** it goes on learning well: more epochs always help
# - **B** the learning does not work: a loss must never rise
# - **C** it overfits: it learns its own pictures by heart
# - **D** the test set is too small

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
more_epochs = ...
practice.more_epochs.check(more_epochs)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: one knob.** Change one parameter at the top, such as `epochs` or `hidden`, and run the notebook again from there. Compare the validation accuracy. Afterwards put it back and run again, so that notebook 6 gets the good network. Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
one_knob = {"knob": ..., "before": ..., "after": ..., "saw": ...}
practice.one_knob.check(one_knob)

# %% [markdown] slideshow={"slide_type": "skip"}
# How far are you? This box lists all exercises of the series and which of them you have done. It is kept in a small file in the folder `my_work` on this machine, and sent nowhere.

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# - A **step** uses one **batch**; an **epoch** uses every training picture once.
# - `fit` learns from the training set and only looks at the validation set.
# - Falling training loss alone proves nothing. **Overfitting** shows as a gap between the curves that widens.
# - Change **one knob at a time**.
#
# **New words:** batch, step, epoch, overfitting, training curve.
#
# **Make it yours:** find the smallest `hidden` that still reaches an accuracy of 0.95 on the validation pictures.
#
# Next: [6 Evaluate](06_evaluate.ipynb), the exam.
