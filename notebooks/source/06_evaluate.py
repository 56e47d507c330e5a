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

# %% [markdown] slideshow={"slide_type": "slide", "words": "One look at the test set. Then the mistakes: which ones, how sure the network is, and whose digits. And what if every image moves by two pixels?", "asked": "Why only one look? If you improve the network and look again, you fit your choices to the test set."}
# # 6 Evaluate: test once, and look at the mistakes
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → **6 evaluate**
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - measure your network, once, on images it has never seen
# - read its predictions: ten probabilities per image
# - find out what the network gets wrong, how sure it is, and whose digits it fails on
# - move every image by two pixels, and see what that does
#
# **Time:** 25 minutes, and 35 for the exercises. **Before you start:** a trained network from notebook 5. If there is none, this notebook trains one.

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
work_dir = "my_work"  # @param {type:"string"} # folder for your work

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: load and prepare the images as before, and load your network from notebook 5, if the network is on this computer and was trained on the same data. If not, this notebook trains one with the default hyperparameters, which takes ten to thirty seconds. The output says which of the two networks you have. (For the pages that come with the workshop, each notebook was run by itself, so this one trained a network.)

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import trained_model
from handwriting.load import load_digits
from handwriting.prepare import prepared

ready = prepared(load_digits(data))
images, labels, names = ready.images_test, ready.labels_test, ready.class_names
model, record = trained_model(ready, work_dir)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "How will the test accuracy compare with the validation accuracy?", "words": "You know the validation accuracy from notebook 5. Nobody has used the test images yet.", "asked": "What if the test accuracy is much lower? Then the choices were fitted to the validation images, or the test images are of a different kind."}
# ## The test set, once
#
# Until now, you have not touched the test set. Its images have played no part in training, or in any choice you have made. `evaluate` measures loss and accuracy on them. Do this **once**, with a finished network. If you keep improving the network and looking again, you are fitting your choices to the test set. **Predict:** how will the result compare with the validation accuracy from notebook 5?
#
# - **(a)** much higher
# - **(b)** about the same
# - **(c)** much lower

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("evaluate.test")

# %% slideshow={"slide_type": "subslide", "headline": "Close to the validation accuracy", "words": "That is what we hope for: the choices were not fitted to a few lucky images.", "asked": "May I train again and test again? Train, yes. But compare your networks on the validation set."}
loss, accuracy = model.evaluate(ready.x_test, ready.y_test, verbose=0)
print(f"test: loss {loss:.2f}, accuracy {accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b),** within 2 or 3 percentage points. The test images are of the same kind as the validation images, and your choices were not fitted to a few lucky images. That is what you hope for.
#
# </details>
#
# (From here on, the notebook uses the test images again and again. That does no harm: the network is finished, and no choice depends on what you see.)
#
# Is the test accuracy good? Compare it with the **baselines** from notebooks 2 and 5, now measured on the test images, too: the nearest average, and a network with no hidden layer.

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Compare the network with the baselines", "words": "What would be lost without the hidden layer? And without a network?", "asked": "Is 98 % good? It depends on the use: one wrong digit in fifty is a lot on cheques.", "lines": []}
from handwriting.evaluate import baselines
from handwriting.visualize import accuracy_table

accuracies = baselines(ready, ready.x_test, labels)
accuracies["network"] = accuracy
print(accuracy_table(accuracies, len(labels)))

# %% [markdown] slideshow={"slide_type": "notes"}
# Read the table from the bottom up: what would be lost without the hidden layer, and without a network? (On MNIST, the nearest average and the network with no hidden layer do worse here than in notebook 5. *Whose digits?* below gives one reason.)

# %% [markdown] slideshow={"slide_type": "slide", "words": "`predict` returns ten probabilities for each image. The highest bar is the prediction.", "asked": "Why is no bar exactly 0? Softmax gives each class a share, however small."}
# ## One prediction, read closely
#
# `predict` returns the predictions themselves: a row of ten probabilities for each image. The cell below prints the row for the first test image. (`e-07` means: move the decimal point seven places to the left.) The chart shows the same row as bars, beside the image. The highest bar is the predicted class. Be careful when you count: the bar for class 7, for example, is at index 7, which is the *eighth* position, because the first index is 0.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "-"}
from handwriting.evaluate import show_guess

probabilities = model.predict(ready.x_test, verbose=0)
print(probabilities[0])
show_guess(images[0], probabilities[0], names)

# %% [markdown] slideshow={"slide_type": "notes"}
# `argmax(axis=-1)` finds the index of the highest value in **each** row, for all rows at once. That gives one class per image. (Axis -1 is the last one.) Here are the first three and the last three predictions, with the labels below them:

# %% slideshow={"slide_type": "subslide", "headline": "`argmax` turns rows into classes", "words": "`axis=-1`: along each row, for all images at once.", "asked": "What if two probabilities are equal? `argmax` takes the first. That hardly ever happens."}
predictions = probabilities.argmax(axis=-1)
print("predictions:", predictions[:3], "…", predictions[-3:])
print("labels:     ", labels[:3], "…", labels[-3:])

# %% [markdown] slideshow={"slide_type": "slide", "words": "`==` compares predictions and labels pair by pair. `np.flatnonzero` returns the indices of the `True` values.", "asked": "How many predictions are wrong? Guess first. `len(wrong)` tells you."}
# ## Right and wrong
#
# A network that gives an image its true class [**classifies**](../docs/glossary.md#classify) it correctly. `predictions == labels` compares the two arrays pair by pair and gives `True` where they agree. `np.flatnonzero` returns the indices of the `True` values. So you get two lists of indices, one for the images that were classified correctly and one for the rest:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [3, 5]}
import numpy as np

right = np.flatnonzero(predictions == labels)
wrong = np.flatnonzero(predictions != labels)
len(right) + len(wrong)

# %% [markdown] slideshow={"slide_type": "notes"}
# First, here are nine images that the network classified correctly, each with its predicted class. Look for the untidiest one. The network had never been shown any of these nine, and it still got them right.

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Right: find the untidiest digit", "words": "The network had never been shown any of these nine images.", "asked": "How can it get them right? It learned from 55,000 other images where strokes usually are."}
from handwriting.visualize import show_images

shown = right[:9]
show_images(images[shown], [f"class {names[k]}" for k in predictions[shown]])

# %% [markdown] slideshow={"slide_type": "notes"}
# Now here are nine images that the network got **wrong**. Each title shows the prediction and the label. Cover the titles with your hand and read the digits yourself first. How many of the nine would you have got right?

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Wrong: would you have got these digits right?", "words": "Each title shows the prediction and the label.", "asked": "Are some labels wrong? A few are doubtful. People assigned them."}
titles = [f"predicted {names[predictions[k]]}\nis {names[labels[k]]}" for k in wrong[:9]]
show_images(images[wrong[:9]], titles)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "When the network is wrong, how sure is it?", "words": "The highest of the ten probabilities shows how **sure** the network is.", "asked": "Can we trust that number? On images like those in the test set, mostly. That comes next."}
# ## When the network is wrong, how sure is it?
#
# The highest of the ten probabilities shows how **sure** the network is of its prediction. It would help to know when not to trust a prediction. `show_failures` shows the mistakes, starting with the most confident. **Predict:** when the network is wrong, how sure is it?
#
# - **(a)** never above 50 %: it notices its mistakes
# - **(b)** sometimes nearly 100 %
# - **(c)** always nearly 100 %

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("evaluate.sure")

# %% slideshow={"slide_type": "subslide", "headline": "Nearly 100 % sure, and wrong", "words": "The most confident mistakes come first.", "asked": "Would a person be sure here? Yes, sometimes, but of a different digit."}
from handwriting.evaluate import show_failures

show_failures(images, labels, probabilities, names)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The network is nearly 100 % sure of these predictions, and still wrong: it has only its ten probabilities, and nothing in them says that it may be mistaken. But these nine are its most confident mistakes. It is much less sure of most others, so (c) is wrong.
#
# </details>
#
# Do the network's probabilities mean anything, then? To find out, take all the predictions that the network is about 70 % sure of, and count how many of them are right. If about 70 % are, the network is [**calibrated**](../docs/glossary.md#calibrated).
#
# The next chart does this for all the predictions that the network is 10 to 20 % sure of, 20 to 30 % sure of, and so on. The small numbers say how many predictions there are in each group. (Groups with fewer than 20 predictions are left out.)

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Does 70 % mean 70 %?", "words": "Take all the predictions that the network is about 70 % sure of. If about 70 % of them are right, it is **calibrated**.", "asked": "Why are the points on the left off the line? There are few predictions in those groups."}
from handwriting.evaluate import show_reliability

show_reliability(labels, probabilities)

# %% [markdown] slideshow={"slide_type": "notes"}
# Most points lie near the diagonal: on images *like these*, 70 % sure means right about 70 % of the time. (The two points on the left come from only 20 and 36 predictions, so they say little.) Calibration is useful. A post office could let the network sort the letters it is sure of, and leave the others to a person. **Try it yourself:** how sure must the network be for fewer than 10 of the accepted predictions to be wrong? How many images are then left to a person? (On a static page, all predictions are accepted.)

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "subslide", "headline": "Accept only confident predictions", "words": "The rest go to a person. How sure must the network be?", "asked": "Who decides that? The people who bear the cost of a mistake."}
from handwriting.widgets.playground import threshold_playground

threshold_playground(labels, probabilities)

# %% [markdown] slideshow={"slide_type": "notes"}
# (To *use* a threshold like this, choose it on the validation images.)
#
# On images of another kind, you cannot rely on these probabilities. **Softmax is not certainty**: it turns scores into numbers that sum to 1, and it cannot say "I have never seen anything like this".

# %% [markdown] slideshow={"slide_type": "slide", "words": "Rows: the true class. Columns: the predicted one. Off the diagonal: mistakes.", "asked": "Why is the matrix not symmetric? A 4 may look like a 9 more often than a 9 looks like a 4."}
# ## Which classes does the network mix up?
#
# The [**confusion matrix**](../docs/glossary.md#confusion-matrix) counts how often images of each true class (a row) were predicted as each class (a column). Correct predictions are on the diagonal. Everything else is a mistake: the darker the colour, the more frequent the mistake. Before you run the cell: going by notebook 2, which two digits do you expect to be mixed up?

# %% slideshow={"slide_type": "-"}
from handwriting.evaluate import confusion_matrix, most_confused, show_confusion

matrix = confusion_matrix(labels, predictions, len(names))
show_confusion(matrix, names)

# %% [markdown] slideshow={"slide_type": "notes"}
# Here is the same information in words, with the most frequent mistakes first. Which of these pairs do people mix up, too?

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide", "headline": "The most frequent mistakes", "words": "Which of these pairs do people mix up, too?", "asked": "Did you expect the first pair? Compare it with the averages in notebook 2.", "lines": []}
for line in most_confused(matrix, names, count=5):
    print(line)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Whose digits does the network get wrong more often?", "words": "Two groups each wrote half of the digits in the test set: high-school students and Census Bureau staff.", "asked": "How do we know who wrote them? The QMNIST project found out, in 2019."}
# ## Whose digits?
#
# "98 % right" is an average over everyone whose digits are in the test set. There were two groups: high-school students wrote the first 5,001 digits, and employees of the US Census Bureau wrote the other 4,999 (C. Yadav and L. Bottou, [Cold Case: The Lost MNIST Digits](https://arxiv.org/abs/1905.10498), 2019). **Predict:** whose digits does the network get wrong more often?
#
# - **(a)** the students'
# - **(b)** the Census Bureau staff's
# - **(c)** neither group's: both about equally often

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("evaluate.writers")

# %% slideshow={"slide_type": "subslide", "headline": "One number hid the difference", "words": "\"98 % right\" is an average over all the writers.", "asked": "Why is the network wrong more often on the students' digits? The numbers do not say. Compare their digits with the staff's.", "lines": []}
from handwriting.evaluate import errors_by_writers

for line in errors_by_writers(ready, predictions):
    print(line)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a),** on MNIST: the network fails on students' digits about twice as often. One number hid the difference. Students wrote half of the test set, but a smaller share of the validation set. That is one reason why the two baselines did worse above than in notebook 5.
#
# </details>
#
# Look closer: for how many people is the network never wrong? For each image, `load_writers` gives the number of its writer, if the QMNIST project's list is on this machine or can be downloaded. Then you can count images and mistakes per person. (`np.unique` numbers the people, and `np.bincount` counts or sums per person.)

# %% tags=["lean-skip", "nbval-ignore-output"] slideshow={"slide_type": "subslide", "headline": "For how many people is the network never wrong?", "words": "Count images and mistakes per person. Then report more than one number.", "asked": "Which groups matter? The people who will use the network, such as children or people from other countries.", "lines": []}
from handwriting.load import load_writers

writers = load_writers(ready)
if writers:
    people, person = np.unique(writers.test, return_inverse=True)
    written, mistakes = np.bincount(person), np.bincount(person, weights=predictions != labels)
    worst = (mistakes / written).argmax()
    print(f"every image right: {(mistakes == 0).sum()} of {len(people)} people")
    print(f"the worst result: {mistakes[worst]:.0f} of one person's {written[worst]} images wrong")

# %% [markdown] slideshow={"slide_type": "notes"}
# So report more than one number: the accuracy for each group you know of, the number of images, whose handwriting they show, and what was never tested. These images say nothing about the digits of an eight-year-old, or about a 7 as it is taught in another country.

# %% [markdown] slideshow={"slide_type": "slide", "words": "One weight per pixel, so a hidden unit can be drawn: blue raises its sum, red lowers it.", "asked": "Which unit knows the 7? No single unit does. What the network knows is spread over all units."}
# ## Look inside
#
# What has the network learned? Each hidden unit has one weight per pixel, 784 in all, so its weights can be drawn as an image. Blue: a bright pixel here raises the unit's sum. Red: it lowers the sum. White: it makes no difference. Here are the first twenty units:

# %% tags=["lean-skip"] slideshow={"slide_type": "-"}
from handwriting.evaluate import show_weights

show_weights(model)

# %% [markdown] slideshow={"slide_type": "notes"}
# Here and there, you can see part of a stroke: a blue patch beside a red one. Most of the rest looks like noise. None of these twenty units stands for a digit or a loop by itself; what the network knows is spread over all its units. In the corners, the weights are as random as they were at the start: the pixels there are black in every training image, so nothing ever changed these weights.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Every test image moves two pixels right and two down. You would hardly notice.", "asked": "Does anything fall off the edge? Hardly anything: digits have a wide black border."}
# ## Two pixels away
#
# One last test. Move every test image two pixels to the right and two pixels down. You would hardly notice: compare the two rows below.

# %% tags=["lean-skip"] slideshow={"slide_type": "-"}
from handwriting.evaluate import shift

moved = shift(images, right=2, down=2)
few = min(5, len(images))
both = np.concatenate([images[:few], moved[:few]])
show_images(both, ["as it was"] * few + ["moved"] * few, columns=few)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What happens to the accuracy?", "words": "The same digits, moved by two pixels and prepared as before.", "asked": "Is this allowed on the test set? Yes: no choice depends on the result."}
# The moved images must be prepared like the others: flattened and scaled, with the two helpers that do what you did by hand in notebook 3. **Predict** what happens to the accuracy:
#
# - **(a)** it stays the same: they are the same digits
# - **(b)** it falls by about 10 percentage points
# - **(c)** it falls to about half

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("evaluate.moved")

# %% tags=["lean-skip"] slideshow={"slide_type": "subslide", "headline": "Each pixel has its own weights", "words": "To you, a moved 7 is the same 7. To the network, it is a different vector of 784 numbers.", "asked": "What helps? Prepare new images like the training images (notebook 7), or train on moved ones (notebook 8).", "lines": []}
from handwriting.prepare import flatten, scale

moved_loss, moved_accuracy = model.evaluate(scale(flatten(moved)), ready.y_test, verbose=0)
print(f"as it was: accuracy {accuracy:.2f}")
print(f"moved:     accuracy {moved_accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c),** with MNIST and the default hyperparameters. (If you chose clothes: they fill the image, so moving them also cuts a piece off.)
#
# </details>
#
# Why does the accuracy fall? Each pixel has its own weights. Everything the network has learned is tied to fixed places, and it only ever saw digits in the middle of the image. To you, a moved 7 is the same 7, a little further right. To the network, it is a different vector of 784 numbers. A high score on a test set means that the network is good at images *like these*.
#
# Now think of digits that you draw: who puts them in the middle? Two things help: prepare a new image exactly as the training images were prepared (notebook 7), and train the network on moved and turned images, too (notebook 8).

# %% [markdown] slideshow={"slide_type": "skip"}
# Finally, here is the result in one place: data, hyperparameters and accuracy.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import test_result

test_result(record, loss, accuracy, labels, probabilities, model)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 7: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Is exercise 7 meant for today? Not necessarily. It repeats everything, so it makes good homework."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.accuracy_by_hand.hint()` gives a hint, and `practice.accuracy_by_hand.solution()` shows one solution. The next cell loads the exercises.

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import evaluate as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: accuracy by hand.** Write a function that takes the labels and the predictions, two arrays of the same length, and returns the accuracy: the share of predictions that are right, from 0 to 1.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def accuracy_by_hand(labels, predictions):
    return ...


practice.accuracy_by_hand.check(accuracy_by_hand)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: the confusion matrix by hand.** Write a function that takes the labels, the predictions and the number of classes, and returns the table of counts: the row is the true class, the column the predicted class.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def confusion_by_hand(labels, predictions, classes):
    return ...


practice.confusion_by_hand.check(confusion_by_hand)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: read a prediction.** The network returns `[0.02, 0.01, 0.05, 0.62, 0.01, 0.03, 0.01, 0.02, 0.21, 0.02]`. What does `argmax` return for this row?

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
predicted_class = ...
practice.predicted_class.check(predicted_class)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: how sure?** You take a photo with your phone, cut out a digit and shrink it to 28 × 28 pixels. The network is 99 % sure that it is a 4. What do you know? Answer with a letter in quotes, such as `"A"`.
#
# - **A** it is almost certainly a 4
# - **B** in 99 out of 100 cases like this one, the network is right
# - **C** the photo shows a digit: otherwise, no class would get such a high probability
# - **D** only that, of its ten scores, the one for 4 is by far the highest

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
how_sure = ...
practice.how_sure.check(how_sure)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: look again?** The test accuracy is 0.978. You would like 0.98. What do you do?
#
# - **A** try other hyperparameters and test each, until the test set gives 0.98
# - **B** try other hyperparameters and compare them on the validation images
# - **C** add the test images to the training images
# - **D** nothing: 0.978 is as good as 0.98, on other images, too

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
look_again = ...
practice.look_again.check(look_again)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: one change.** Move the test images by more or fewer pixels: change `right` or `down` in the cell that moves them, and run that cell and the next two again. (No choice depends on the result, so the test set may be used.) Then fill in the report: the parameter, its value before and after, and what you saw, in a sentence with both results.

# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 7: the whole workshop in twenty lines.** Write a function in plain NumPy and Keras, without the workshop's helpers. It takes images of 28 × 28 pixels (from 0 to 255) and their labels, for training and for testing. It prepares the images, builds and compiles a network, trains it for at least 4 epochs, and returns its accuracy on the test images. You may look back at earlier notebooks. The check runs your function on 1,200 small digits, in a few seconds.


# %% tags=["nbval-check-output", "lean-skip"] slideshow={"slide_type": "skip"}
def whole_workshop(x_train, y_train, x_test, y_test):
    return ...


practice.whole_workshop.check(whole_workshop)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output", "lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- The test set, **once**, compared with a baseline\n- The mistakes: **which**, how **sure**, **whose**\n- Trust the probabilities only for images *like those tested*\n\nNext: [7 Your own handwriting](07_own_handwriting.ipynb)", "asked": "Are we done? With the six stages, yes. Now try your own digits."}
# ## What you now know
#
# - The test set is for **one finished network**. Make no choices with it, and compare the result with a **baseline**.
# - `predict` returns probabilities; `argmax(axis=-1)` turns them into classes.
# - Looking at mistakes teaches you more than the score does: **which** predictions are wrong, how **sure** the network is, and **whose** digits it gets wrong.
# - You can rely on the probabilities for images like those in the test set. For others, you cannot.
#
# **The most important new words:** classify, calibrated, confusion matrix.
#
# **Make it yours:** you have done all six stages, from raw images to an honest evaluation. Go back to [5 Train](05_train.ipynb), change a hyperparameter, and compare the *validation* accuracy: you have had your one look at the test set. Or set `data = "fashion-mnist"` in notebooks 1 to 6, and go through them with clothes instead of digits.
#
# Next: [7 Your own handwriting](07_own_handwriting.ipynb), where you prepare your own digits.
