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
# # 6 Evaluate: the exam, and an honest look at it
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → **6 evaluate**
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - measure your network on pictures it has never seen, once
# - read its answers: ten probabilities per picture
# - find out what it gets wrong, and how sure it was
# - see how little it takes to fool it
#
# **Time:** 15 minutes, and 15 for the exercises. **Before you start:** a trained network from notebook 5. If there is none, this notebook trains one.

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
work_dir = "my_work"  # @param {type:"string"} # folder that keeps your work

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the pictures, prepared as before, and your network from stage 5, if it is on this computer and learned from the same data. Otherwise this notebook trains one with the usual settings, which takes ten to thirty seconds. The last line below says which of the two you have.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import trained_model
from handwriting.load import load_digits
from handwriting.prepare import prepared

ready = prepared(load_digits(data))
images, labels, names = ready.images_test, ready.labels_test, ready.class_names
model, record = trained_model(ready, work_dir)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The exam
#
# Until now the test set lay in the drawer: 10,000 pictures that played no part in the learning, nor in any choice you made. [`evaluate`](../docs/glossary.md#evaluate) gives loss and accuracy. Do this **once**. Whoever comes back to improve the score and looks again, and again, is training on the test set. **Predict:** how will it compare with the validation accuracy in notebook 5?
#
# - **(a)** much higher
# - **(b)** about the same
# - **(c)** much lower

# %% slideshow={"slide_type": "fragment"}
loss, accuracy = model.evaluate(ready.x_test, ready.y_test, verbose=0)
print(f"test: loss {loss:.2f}, accuracy {accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b),** within two or three of a hundred. That is what one hopes for: the choices you made were not fitted to a few lucky pictures. Compare it with blind guessing, too, which is right one time in ten. A share such as 0.98 sounds perfect. How many mistakes is it in pictures? That number is easier to imagine:

# %% slideshow={"slide_type": "fragment"}
mistakes = round((1 - accuracy) * len(labels))
print(f"wrong: {mistakes} of {len(labels):,} pictures")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One answer, read closely
#
# `predict` gives the answers themselves: a row of ten probabilities for each picture. Here is the first test picture beside its row, as bars. The highest bar is the answer. Mind the counting: the bar for class 7, say, stands at index 7, which is the *eighth* place, because the first is 0.

# %% slideshow={"slide_type": "fragment"}
from handwriting.evaluate import show_guess

probabilities = model.predict(ready.x_test, verbose=0)
show_guess(images[0], probabilities[0], names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# `argmax(axis=-1)` finds the place of the highest value in **each** row, all rows at once. So you get one class per picture. The first three and the last three answers, and below them the labels:

# %% slideshow={"slide_type": "fragment"}
guesses = probabilities.argmax(axis=-1)
print("answers:", guesses[:3], "…", guesses[-3:])
print("labels: ", labels[:3], "…", labels[-3:])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Right ones and wrong ones
#
# `guesses == labels` compares all pairs and gives `True` where they agree. `np.flatnonzero` tells at which positions that is. So you get two lists of positions, one for the pictures read right and one for the others:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import numpy as np

right = np.flatnonzero(guesses == labels)
wrong = np.flatnonzero(guesses != labels)
len(right) + len(wrong)

# %% [markdown] slideshow={"slide_type": "subslide"}
# First nine that it read right, with the class that it named above each. Look for the untidiest of them. It was never shown any of these nine pictures, and still it knew them.

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_images

shown = right[:9]
show_images(images[shown], [f"class {names[k]}" for k in guesses[shown]])

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now the interesting part: nine that it got **wrong**. Above each stands what it read and what the label says. Cover the titles with your hand and read them yourself first. How many of the nine would you have got?

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide"}
titles = [f"read {names[guesses[k]]}\nis {names[labels[k]]}" for k in wrong[:9]]
show_images(images[wrong[:9]], titles)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Sure, and wrong
#
# The highest of the ten probabilities says how **sure** the network is of its answer. It would be good to know when not to trust it. `show_failures` sorts the mistakes, the most confident first. **Predict:** when it is wrong, how sure is it?
#
# - **(a)** never above 50 %: it notices
# - **(b)** sometimes nearly 100 %
# - **(c)** always nearly 100 %

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import show_failures

show_failures(images, labels, probabilities, names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** These are nearly 100 % sure, and still wrong. **Softmax is not certainty.** It turns scores into numbers that sum to 1; it cannot say "I have never seen anything like this". Even a picture of a cat would get ten probabilities that sum to 1. Keep that in mind whenever a program tells you that it is 99 % sure.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which classes does it mix up?
#
# The [**confusion matrix**](../docs/glossary.md#confusion-matrix) counts, for each true class (a row), what it was read as (a column). On the diagonal stand the right ones; everything else is a mistake, and the darker, the more often. Before you run it: which pair did you guess in notebook 2?

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import confusion_matrix, most_confused, show_confusion

matrix = confusion_matrix(labels, guesses, len(names))
show_confusion(matrix, names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The same in words, the commonest mistakes first. Compare them with your guess from notebook 2. Are they pairs that people mix up too, because they share their strokes?

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
for line in most_confused(matrix, names, count=5):
    print(line)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two pixels away
#
# A last test, and a sobering one. Move every test picture by two pixels to the right and two down. You would hardly notice it: look at the two rows below.

# %% tags=["lean-skip"] slideshow={"slide_type": "fragment"}
from handwriting.evaluate import shift

moved = shift(images, right=2, down=2)
few = min(6, len(images))
both = np.concatenate([images[:few], moved[:few]])
show_images(both, ["as it was"] * few + ["moved"] * few, columns=few)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The moved pictures have to be prepared like all others before the network can read them: flattened and scaled, with the two helpers that do what you did by hand in notebook 3. **Predict** what becomes of the accuracy:
#
# - **(a)** it stays: they are the same digits
# - **(b)** it falls by a tenth
# - **(c)** it falls to about half

# %% tags=["lean-skip"] slideshow={"slide_type": "fragment"}
from handwriting.prepare import flatten, scale

moved_loss, moved_accuracy = model.evaluate(scale(flatten(moved)), ready.y_test, verbose=0)
print(f"as it was: accuracy {accuracy:.2f}")
print(f"moved:     accuracy {moved_accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c),** with MNIST and the usual settings. Two pixels, and much of what it could do is gone. (Clothes fill the picture, so moving them also cuts a piece off.) Why? Each pixel has its own weights. Everything the network knows is tied to fixed places, and it only ever saw things in the very middle of the picture. What is "the same 7, a bit further right" to you is another list of 784 numbers to it. So a high score on a test set means: good at pictures *like these*.
#
# That is also why such a network often fails on digits that you draw yourself. There are cures: prepare a new picture exactly as the training pictures were, show moved and turned pictures during training, or use layers that look for the same stroke everywhere.

# %% [markdown] slideshow={"slide_type": "skip"}
# Last, the result in one place: on which data, with which settings, how many right.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import test_result

test_result(record, loss, accuracy, labels, probabilities)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.accuracy_by_hand.hint()`; asked again, it gives a stronger hint. `practice.accuracy_by_hand.solution()` shows an answer. The next box gets the exercises.

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import evaluate as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: accuracy by hand.** Write a function that takes the labels and the guesses, two arrays of the same length, and gives the accuracy: the share that is right, from 0 to 1.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def accuracy_by_hand(labels, guesses):
    return ...


practice.accuracy_by_hand.check(accuracy_by_hand)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: the confusion matrix by hand.** Write a function that takes labels, guesses and the number of classes, and gives the table of counts: the row is the true class, the column what it was read as.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def confusion_by_hand(labels, guesses, classes):
    return ...


practice.confusion_by_hand.check(confusion_by_hand)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: read an answer.** The network says `[0.02, 0.01, 0.05, 0.62, 0.01, 0.03, 0.01, 0.02, 0.21, 0.02]`. What does `argmax` make of it?

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
read_answer = ...
practice.read_answer.check(read_answer)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** The network says of a picture: 99 % a 4. What do you know?
#
# - **A** it is a 4, with near certainty
# - **B** in 99 of 100 such cases it is right
# - **C** the picture shows a digit: else no class would get that much
# - **D** of its ten scores, the one for 4 is by far the highest; no more than that

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
how_sure = ...
practice.how_sure.check(how_sure)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: choose.** The test accuracy is 0.978. You would like 0.98. What do you do?
#
# - **A** try other settings and test each, until the test set gives 0.98
# - **B** try other settings and compare them on the validation pictures
# - **C** add the test pictures to the training pictures
# - **D** nothing is needed: 0.978 is as good as 0.98 in any case, even on other pictures

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
look_again = ...
practice.look_again.check(look_again)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 6: one knob.** Move the test pictures by another number of pixels, with `right` or `down`, and run that box and the next one again. (No setting is chosen by it, so the test set may be used.) Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

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
# - The test set is used **once**, at the end.
# - `predict` gives probabilities, `argmax(axis=-1)` makes answers of them.
# - Looking at mistakes teaches more than the score: **which** are wrong, how **sure** it was, what it **confuses**.
# - A high probability is not certainty, and a high score holds for pictures like those it was trained on.
#
# **New words:** evaluate, predict, confidence, confusion matrix.
#
# **Make it yours:** you have done it! All six stages, from raw pictures to an honest judgement. Go back to [5 Train](05_train.ipynb), turn a knob, and compare the *validation* accuracy: the test set has had its one look. Or set `data = "fashion-mnist"` in every notebook: clothes instead of digits, and not a line of the program changes.
#
# Next: [7 Your own handwriting](07_own_handwriting.ipynb), which shows the first of these cures.
