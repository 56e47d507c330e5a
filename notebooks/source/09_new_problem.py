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
# # 9 A new problem
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → [7 own handwriting](07_own_handwriting.ipynb) → [8 stronger network](08_stronger_network.ipynb) → **9 new problem** → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - take a new problem through the same six stages, on one page
# - say what stays the same and what changes when pictures show something else
# - make a data set of your own: draw letters, and keep them in folders
# - teach a network your letters from thirty drawings, and test it fairly
#
# **Time:** 30 minutes, and 10 for the exercises. **Before you start:** notebook 6, better 8.

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
data = "fashion-mnist"  # @param ["auto", "mnist", "fashion-mnist", "letters", "stand-in"] {allow-input: true} # which pictures, or a path to yours
epochs = 4  # @param {type:"integer"} # 1 to 1000: how often it goes through all training pictures
seed = 0  # @param {type:"integer"} # 0 to 4294967295: start of the random numbers
work_dir = "my_work"  # @param {type:"string"} # folder that keeps your work

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Clothes
#
# You can teach a network to read digits. What else can you teach it? This page goes through the six stages once more, quickly, with other pictures. [**Fashion-MNIST**](../docs/glossary.md#fashion-mnist) has 70,000 photos of clothes from an online shop, in grey and in MNIST's size. If it cannot be had, you get the letters A to J instead, drawn from the fonts on your computer. They are a new problem, too: read "letters" where the text says "clothes". **Stage 1, load:**

# %% slideshow={"slide_type": "fragment"}
from handwriting.load import load_digits

clothes = load_digits(data, otherwise="letters")
print(" · ".join(clothes.class_names))

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Stage 2, visualize.** Never train on pictures that you have not looked at. Here are ten, each with its name. Which classes look alike to you? Write two of them down before you go on.

# %% slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_averages, show_images

titles = [clothes.class_names[label] for label in clothes.y_train[:10]]
show_images(clothes.x_train[:10], titles, columns=5)

# %% [markdown] slideshow={"slide_type": "skip"}
# And the average of each class. Where it is sharp, the things of this class are all alike. Where it is blurred, they differ: bags with and without handles, say.

# %% slideshow={"slide_type": "fragment"}
show_averages(clothes.x_train, clothes.y_train, clothes.class_names)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Names, not numbers
#
# **Stage 3, prepare,** is one line by now: flatten, scale, one-hot, and hold some out for validation. Remember the colours of notebook 3: red, green and blue became rows with a single 1, because names are not numbers. With digits you might have forgotten that, since a 3 looks like a number. But nobody would say that a coat is twice a pullover. The first three labels, as names and as rows:

# %% slideshow={"slide_type": "fragment"}
from handwriting.prepare import prepared

ready = prepared(clothes)
names = ready.class_names
for label, row in zip(clothes.y_train[:3], ready.y_train[:3]):
    print(f"{names[label]:12} label {label}  {row.astype(int)}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Stage 4, build.** **Predict:** the network of notebook 4 took 784 numbers and gave ten probabilities. What do you have to change in it for clothes?
#
# - **(a)** nothing
# - **(b)** the number of inputs
# - **(c)** the number of outputs

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.build import dense_network

model = dense_network(seed=seed, classes=len(names))
model.count_params()

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (a).** Pictures of the same size, and as many classes: so it has the same 407,050 weights. The network never knew that it read digits. It knows pixels, and places in a row.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Train and test
#
# **Stage 5, train,** with the same settings as before, and **stage 6, evaluate.** With digits, 98 of 100 were right. **Predict** before you train: how many of 100 pieces of clothing will it name, with the same network and the same four epochs? (The first line builds the network once more, so that running the box again does not train the old one for longer.)
#
# - **(a)** as many: 98
# - **(b)** between 85 and 90
# - **(c)** about half

# %% slideshow={"slide_type": "fragment"}
from handwriting.parameters import require

require(epochs=epochs)
model = dense_network(seed=seed, classes=len(names))
history = model.fit(
    ready.x_train,
    ready.y_train,
    validation_data=(ready.x_validation, ready.y_validation),
    epochs=epochs,
    batch_size=128,
    verbose=0,
)
print(f"validation: accuracy {history.history['val_accuracy'][-1]:.2f}")
loss, accuracy = model.evaluate(ready.x_test, ready.y_test, verbose=0)
print(f"test: loss {loss:.2f}, accuracy {accuracy:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b)** for clothes. The network is the same, so the problem must be harder. One number cannot tell why. The confusion matrix can, now with names at its edges:

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import confusion_matrix, show_confusion

probabilities = model.predict(ready.x_test, verbose=0)
guesses = probabilities.argmax(axis=-1)
matrix = confusion_matrix(ready.labels_test, guesses, len(names))
show_confusion(matrix, names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Hardly anything else is read as trousers, and bags are mostly read right. Shirts, T-shirts, pullovers and coats are mixed up more than all others. In 28 × 28 grey pixels, most buttons and collars are hard to see, and a shirt with long sleeves has the outline of a pullover. Here are the mistakes of which the network was most sure. Would you have known?

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import show_failures

show_failures(ready.images_test, ready.labels_test, probabilities, names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# What can be done about it? A network of convolutions, as in notebook 8, named 92 of 100 when we tried it. Some pictures stay hard for any network, and some labels are odd. Then only better *pictures* help: larger ones, in colour. So the way was the same from first to last. This was not:
#
# | stays | changes |
# |---|---|
# | the six stages, and the lines of code | the pictures |
# | one-hot rows, softmax, loss | the names of the classes |
# | a test set, looked at once | what counts as a good result |
# | looking at the mistakes | which mistakes matter: a wrong digit on a cheque, a wrong shirt in a shop |
#
# A good result for which class? The same matrix tells it, row by row: how much of each class it gets right.

# %% slideshow={"slide_type": "fragment"}
for name, row, right in zip(names, matrix, matrix.diagonal()):
    print(f"{name:12} accuracy {right / row.sum():.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Your own problem
#
# A problem of your own begins with pictures of your own. Nobody hands you 60,000 of them. How far do you get with ten of each? Take three letters. This pad asks for one after the other. Draw, press **Keep it**, and go on. Each drawing becomes a picture file, in a folder that has the letter's name. You can stop, and go on tomorrow. Ten of each to learn from and five to test make 45. Vary them: large, small, slanted, in a corner.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.pad import HandwritingCollector

pad = HandwritingCollector("ABC", f"{work_dir}/my_letters", times=15)
pad

# %% [markdown] slideshow={"slide_type": "subslide"}
# Other names work, too: `HandwritingCollector(["cat", "house"], "my_drawings")`. And pictures need not come from a pad. Make a folder, in it one folder for each class, in those photos of drawings or signs on plain paper (PNG or JPEG, any size): most people keep pictures for a network like that. `load_folder("my_drawings", seed=seed)` looks for the ink, cuts it out, and makes 28 × 28 pixels of it, so photos of real cats do not work here. A third of each class, picked at random, is put aside for the test. Until you have drawn some, 45 letters stand in for yours, drawn by a program with an unsteady hand.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
from handwriting.load import load_folder
from handwriting.data.letters import sample_letters

enough = min(pad.counts.values()) >= 3
folder = pad.folder if enough else sample_letters(f"{work_dir}/sample_letters")
letters = load_folder(folder, seed=seed)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Look at them before you train. These are twelve to learn from, as the network will see them. If one is wrong, look for it in the folder of its letter, such as `my_work/my_letters/A`. Delete its file, and run the box above again.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
titles = [letters.class_names[label] for label in letters.y_train[:12]]
show_images(letters.x_train[:12], titles, columns=6)

# %% [markdown] slideshow={"slide_type": "subslide"}
# `load_folder` sees to one more thing. If the same picture lies in the folder twice, both copies go to the same side. Else the network could be tested on a picture that it knows by heart. That is called [**leakage**](../docs/glossary.md#leakage), and it makes a result look better than it is. It is among the most common mistakes in machine learning. So check it: how many test pictures are among the training pictures?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
learned = {picture.tobytes() for picture in letters.x_train}
print(sum(picture.tobytes() in learned for picture in letters.x_test), "of the test pictures")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Thirty drawings
#
# Thirty pictures are few. A network could know them by heart in no time, as one in notebook 5 did with 300. Two things from notebook 8 help. Augmentation shows each picture moved, turned and resized, never twice the same. And a convolution looks for the same stroke at every place. So: 40 epochs with these 30. In the code, `[..., None]` adds the direction that a convolution wants, `np.eye(3)[labels]` makes one-hot rows, and `one_cycle` changes the size of the steps while the network learns. `trained_on` keeps which letters these were: if you collect more and run the box above again, the new ones are not those that this network knows.

# %% slideshow={"slide_type": "fragment"}
import numpy as np
from handwriting.build import convolutional_network
from handwriting.train import one_cycle

x, y = letters.x_train[..., None] / np.float32(255), np.eye(len(letters.class_names))[letters.y_train]
rate = one_cycle(len(x), 40, batch_size=10, peak=0.003)
reader = convolutional_network(augment=True, learning_rate=rate, seed=seed, classes=y.shape[1])
learning = reader.fit(x, y, epochs=40, batch_size=10, verbose=0)
trained_on = letters

# %% [markdown] slideshow={"slide_type": "subslide"}
# That took some seconds: 40 times 30 pictures are no more than 1,200. In notebook 5 it was 220,000. Now the exam. **Predict:** how many of the drawings that it has not seen does it read?
#
# - **(a)** about a third: it can only guess
# - **(b)** about half
# - **(c)** nearly all
#
# A cross marks a wrong answer.

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import show_predictions

answers = reader.predict(trained_on.x_test[..., None] / np.float32(255), verbose=0)
show_predictions(trained_on.x_test, trained_on.y_test, answers, trained_on.class_names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c),** with letters that differ as much as these. Be fair, though. Your own test drawings come from the same hand, made minutes after the others. With the 45 that stand in it is worse: their program knows three ways to write each letter, and varies them. So each one in the test has close relatives among the thirty, and the check above finds exact copies only. The result holds for *these* letters by *this* hand. And with 15 pictures, a single mistake is 7 of 100. Let somebody else draw a few. They can do it here: this pad reads along, with your letters beside its bars.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.pad import DrawingPad

DrawingPad(reader, trained_on.class_names)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box. `practice.name_of.hint()` gives a hint, and `practice.name_of.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import new_problem as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: the name.** Write a function that takes a row of probabilities and a list of names, and gives the name of the most probable class: a text.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def name_of(probabilities, names):
    return ...


practice.name_of.check(name_of)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: all letters.** Someone collects all 26 letters, and takes the network of notebook 4 for them: 784 inputs, 512 hidden units. How many weights does it have now, biases included?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: a shape.** You have 45 drawings of three letters, 15 of each. Ten of each are for training. The labels of these, written as one-hot rows, make an array. Which shape has it?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
labels_shape = ...
practice.labels_shape.check(labels_shape)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** To get more pictures, someone saves each drawing five times, each copy turned a little. *Then* he splits all of them at random into a training and a test part. The test accuracy is 1.00. What happened?
#
# - **A** the network is perfect
# - **B** turned copies of the training pictures lie in the test part: leakage
# - **C** turning pictures makes them easier to read
# - **D** the test part was too large

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
turned_copies = ...
practice.turned_copies.check(turned_copies)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: choose.** A network sorts photos of mushrooms into "edible" and "poisonous", with 0.95 on the test set. What should be asked first, before anyone eats by it?
#
# - **A** whether more epochs lift it to 0.96
# - **B** how many of the poisonous ones it calls edible
# - **C** whether the photos have 28 × 28 pixels
# - **D** nothing: 0.95 is better than most people

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
mushrooms = ...
practice.mushrooms.check(mushrooms)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 6: one change.** Turn one of these: `epochs` (for clothes) or `seed` in the parameters, the number of `drawings` of each letter, or the `letters`. For fewer drawings, write `load_folder(sample_letters(f"{work_dir}/few", count=6), seed=seed)`. For other letters, give the pad a folder of its own: `HandwritingCollector("OQ", f"{work_dir}/my_o_q", times=15)`. Run all boxes again from there. Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"knob": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How far are you? This box lists all exercises of the series and which of them you have done. It is kept in a small file in the folder `my_work` on this machine, and sent nowhere.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# - The **six stages** fit any problem with pictures and names. The network does not care what they show.
# - How good a result is depends on the **problem**. Look at the mistakes, and ask which of them matter.
# - **A folder for each class** is all it takes to begin with pictures of your own.
# - **Leakage** makes results look better than they are: no picture, and no copy of one, may be on both sides.
# - Few pictures go far with augmentation, for the people and the pens that made them.
#
# **New words:** Fashion-MNIST, leakage.
#
# **Make it yours:** collect five signs, such as arrows or notes of music, from three people. Keep two people's drawings in one folder, and the third person's in another, each with the same five folders inside. Train on the first, and test on all of the second:
#
# ```
# learn, exam = load_folder("two_people"), load_folder("third_person")
# x_exam = np.concatenate([exam.x_train, exam.x_test])
# y_exam = np.concatenate([exam.y_train, exam.y_test])
# ```
#
# Next: [10 Share it](10_share.ipynb), where others use what you have made.
