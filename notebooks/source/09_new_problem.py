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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Clothes, letters, your own drawings: the same six stages with other images.", "asked": "Can a network learn anything? Anything with images and classes. How well it does is another question."}
# # 9 A new problem
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → [7 own handwriting](07_own_handwriting.ipynb) → [8 stronger network](08_stronger_network.ipynb) → **9 new problem** → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - take a new problem through the same six stages, on one page
# - say what stays the same and what changes when the images show something else
# - make a data set of your own: draw letters, and save them in folders
# - train a network on thirty drawings of letters, and test it fairly
#
# **Time:** 25 minutes, and 15 for the exercises. **Before you start:** notebook 6, and preferably 8.

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
data = "fashion-mnist"  # @param ["mnist","fashion-mnist","letters","stand-in"] {allow-input: true}
epochs = 4  # @param {type:"integer"} # 1 to 1000: passes through all training images
seed = 0  # @param {type:"integer"} # 0 to 4294967295: seed of the random numbers
work_dir = "my_work"  # @param {type:"string"} # folder for your work

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Stage 1: load clothes", "words": "**Fashion-MNIST**: 70,000 photos from an online shop, as small and as grey as MNIST's images.", "asked": "Why are they so small and grey? So that the data set can replace MNIST anywhere."}
# ## Clothes
#
# You can train a network on digits. What else can you train it on? This notebook goes through the six stages once more, quickly, with other images. [**Fashion-MNIST**](../docs/glossary.md#fashion-mnist) has 70,000 greyscale photos of clothes from an online shop, as small as MNIST's images. If it is not available, you get the letters A to J instead, drawn from fonts on your computer. They are a new problem, too: read "letters" where the text says "clothes". **Stage 1, load:**

# %% slideshow={"slide_type": "-", "lines": []}
from handwriting.load import load_digits

clothes = load_digits(data, otherwise="letters")
print(" · ".join(clothes.class_names))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Stage 2: look", "words": "Which classes look alike to you? Write two of them down.", "asked": "Would colour help? Perhaps. These images have none."}
# **Stage 2, visualize.** Never train on images that you have not looked at. Here are ten, each with the name of its class. Which classes look alike to you? Write two of them down before you go on.

# %% slideshow={"slide_type": "-"}
from handwriting.visualize import show_averages, show_images

titles = [clothes.class_names[label] for label in clothes.y_train[:10]]
show_images(clothes.x_train[:10], titles, columns=5)

# %% [markdown] slideshow={"slide_type": "skip"}
# Here is the average image of each class. Where it is sharp, the items in that class look very much alike. Where it is blurred, they differ: bags with and without handles, for example.

# %% slideshow={"slide_type": "skip"}
show_averages(clothes.x_train, clothes.y_train, clothes.class_names)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Stage 3: names, not numbers", "words": "Nobody would say that a coat is twice a pullover. So each name gets a one-hot row.", "asked": "And with digits? The same is true. It is only harder to see."}
# ## Names, not numbers
#
# **Stage 3, prepare,** now takes only one line: flatten, scale, make one-hot rows, and hold out some images for validation. Remember the colours in notebook 3: red, green and blue became rows with a single 1, because names are not numbers. With digits, you might have forgotten that, since a 3 looks like a number. But nobody would say that a coat is twice a pullover. Here are the first three labels, as names and as one-hot rows:

# %% slideshow={"slide_type": "-", "lines": [5, 6]}
from handwriting.prepare import prepared

ready = prepared(clothes)
names = ready.class_names
for label, row in zip(clothes.y_train[:3], ready.y_train[:3]):
    print(f"{names[label]:12} label {label}  {row.astype(int)}")

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Stage 4: what must change in the network?", "words": "It takes 784 numbers and returns ten probabilities.", "asked": "How many kinds of clothes are there, and how large are the images? Look back at the first two slides."}
# **Stage 4, build.** **Predict:** the network of notebook 4 takes 784 numbers and returns ten probabilities. What do you have to change in it for clothes?
#
# - **(a)** nothing
# - **(b)** the number of inputs
# - **(c)** the number of outputs

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("new_problem.change")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Nothing has to change", "words": "The network never knew that its images showed digits. It knows only pixels and positions.", "asked": "Could one network classify digits and clothes? Not at once: it has ten outputs, and one meaning for each.", "lines": [3, 4]}
from handwriting.build import dense_network

model = dense_network(seed=seed, classes=len(names))
model.count_params()

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** The images are the same size, and there are ten classes again, so the network still has 407,050 weights. It never knew that its images showed digits. It knows only pixels and positions.
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Stages 5 and 6: of 100 predictions, how many are right?", "words": "With digits, 98. The same network, the same four epochs.", "asked": "Do we change anything for clothes? No: the same network, the same hyperparameters."}
# ## Train and test
#
# Next come **stage 5, train,** with the same hyperparameters as before, and **stage 6, evaluate.** With digits, 98 of 100 were classified correctly. **Predict** before you train: with the same network and the same four epochs, how many of 100 items of clothing will it get right? (The cell below builds a new network first, so running it again starts from the beginning.)
#
# - **(a)** as many as with digits: 98
# - **(b)** between 85 and 90
# - **(c)** about half

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("new_problem.clothes")

# %% slideshow={"slide_type": "subslide", "headline": "So the problem is harder", "words": "The network is the same.", "asked": "Would a convolutional network do better? Yes: 91.5 %, after five epochs.", "lines": [14, 15]}
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

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b)** for clothes. The network is the same, so the problem must be harder.
#
# </details>
#
# One number cannot tell you why clothes are harder. The confusion matrix can, now with names along its sides:

# %% slideshow={"slide_type": "subslide", "headline": "What does the network mix up?", "words": "Hardly anything else is taken for trousers, and nearly all bags are classified correctly.\n\nShirts, T-shirts, pullovers, coats: often mixed up.", "asked": "Is that the network's fault? Partly. In 28 × 28 grey pixels, most buttons and collars are hard to see."}
from handwriting.evaluate import confusion_matrix, show_confusion

probabilities = model.predict(ready.x_test, verbose=0)
predictions = probabilities.argmax(axis=-1)
matrix = confusion_matrix(ready.labels_test, predictions, len(names))
show_confusion(matrix, names)

# %% [markdown] slideshow={"slide_type": "notes"}
# Hardly anything else is taken for trousers, and nearly all bags are classified correctly. Shirts, T-shirts, pullovers and coats are mixed up most often, and many of them are taken for dresses. In 28 × 28 grey pixels, most buttons and collars are hard to see, and a shirt with long sleeves has the same outline as a pullover. Here are the most confident mistakes. Would you have got these images right?

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide", "headline": "The most confident mistakes", "words": "Would you have got these images right?", "asked": "Are all labels right? Some are doubtful. People must check those."}
from handwriting.evaluate import show_failures

show_failures(ready.images_test, ready.labels_test, probabilities, names)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What stays, what changes", "words": "| stays | changes |\n|---|---|\n| the six stages | the images |\n| one-hot rows, softmax, loss | the names of the classes |\n| one look at the test set | which mistakes matter |", "asked": "What is a good result, then? One that is good enough for the class that matters most."}
# What can you do about these mistakes? A convolutional network like the one in notebook 8, trained for five epochs, classified 91.5 % of the test images correctly. Some images stay hard for any network; better images, larger and in colour, would help. Some labels are doubtful, and people must check them. Now you have gone through the same six stages once more. This is what stayed the same, and what changed:
#
# | stays | changes |
# |---|---|
# | the six stages, and the lines of code | the images |
# | one-hot rows, softmax, loss | the names of the classes |
# | one look at the test set | what counts as a good result |
# | looking at the mistakes | which mistakes matter: a wrong digit on a cheque, a wrong shirt in a shop |
#
# How well does the network do on each class? The confusion matrix tells you, row by row:

# %% slideshow={"slide_type": "skip"}
for name, row, right in zip(names, matrix, matrix.diagonal()):
    print(f"{name:12} accuracy {right / row.sum():.2f}" if row.any() else f"{name:12} not tested")

# %% [markdown] slideshow={"slide_type": "slide", "words": "Nobody will hand you 60,000 images. How far can you get with ten for each class?\n\nThree letters, 15 drawings of each: ten for training, five for testing.", "asked": "Do photos of cats work? Not here: the program looks for ink on plain paper. Drawings and symbols work."}
# ## Your own problem
#
# Your own problem begins with your own images, and nobody will hand you 60,000 of them. How far can you get with ten for each class? Take three letters. The pad below asks for them one by one. Draw, press **Keep it**, and go on. Each drawing is saved as an image file in a folder named after the letter. To draw a letter again, click it in the list; **Delete the last one** deletes the last drawing. You can stop, and go on tomorrow. You need 45 drawings: ten of each letter for training, and five of each for testing. Vary them: slanted and upright, round and pointed. (Size and position do not matter: each drawing is cropped and centred.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.pad import HandwritingCollector

pad = HandwritingCollector("ABC", f"{work_dir}/my_letters", times=15)
pad

# %% [markdown] slideshow={"slide_type": "notes"}
# Other names work, too: `HandwritingCollector(["cat", "house"], "my_drawings")`. And the pictures need not come from a pad. Make a folder that contains one folder for each class, and fill those with photos of drawings or symbols on plain paper (PNG or JPEG, any size). Many image data sets are organized like this. `load_folder("my_drawings", seed=seed)` looks for the ink, cuts it out, and fits it to 28 × 28 pixels, so photos of real cats do not work here. A third of each class, picked at random, is put aside for testing. Until you have drawn each letter at least three times, the notebook uses 45 letters drawn by a program in shaky handwriting.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.load import load_folder
from handwriting.data.letters import sample_letters

enough = min(pad.counts.values()) >= 3
folder = pad.folder if enough else sample_letters(f"{work_dir}/sample_letters")
letters = load_folder(folder, seed=seed)

# %% [markdown] slideshow={"slide_type": "notes"}
# Look at the letters before you train. Here are twelve of the training images, as the network will see them. If one is wrong, find it in the folder for its letter, such as `my_work/my_letters/A`, delete the file, and run the cell above again.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Look before you train", "words": "Twelve of the training images, as the network will see them.", "asked": "What if one of them is wrong? Delete its file, and load the folder again."}
titles = [letters.class_names[label] for label in letters.y_train[:12]]
show_images(letters.x_train[:12], titles, columns=4)

# %% [markdown] slideshow={"slide_type": "notes"}
# `load_folder` takes care of one more thing. If the same picture is in the folder twice, both copies go into training, or both into testing. Otherwise, the network could be tested on an image that it has memorized. That is called [**leakage**](../docs/glossary.md#leakage): something from the test images has leaked into training, and the result looks better than it is. Leakage is one of the most common mistakes in machine learning. So check: how many test images are also among the training images?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Leakage", "words": "Is a test image also among the training images? Then it may have been memorized, and the result looks better than it is.", "asked": "Is that rare? No. It is one of the most common mistakes in machine learning.", "lines": []}
seen = {image.tobytes() for image in letters.x_train}
print(sum(image.tobytes() in seen for image in letters.x_test), "of the test images")

# %% [markdown] slideshow={"slide_type": "slide", "words": "Augmentation shows each drawing moved, turned and resized. A convolution has fewer weights to learn.", "asked": "Aren't 40 epochs too many? No. The network never sees the same image twice."}
# ## Thirty drawings
#
# Thirty drawings are not many. A network could memorize them in no time, as the one in notebook 5 memorized its 300 images. Two things from notebook 8 help. Augmentation shows each image moved, turned and resized, never the same way twice. And a convolution uses the same few weights everywhere, so it has fewer to learn. Train for 40 epochs on these 30 images. In the code, `[..., None]` adds the last dimension that a convolution expects, `np.eye(3)` gives the three one-hot rows, and `one_cycle` changes the learning rate along the way. `trained_on` keeps the letters that were used: if you collect more and load the folder again, this network will not know the new ones.

# %% slideshow={"slide_type": "skip"}
import numpy as np
from handwriting.build import convolutional_network
from handwriting.train import one_cycle

x, y = letters.x_train[..., None] / np.float32(255), np.eye(len(letters.class_names))[letters.y_train]
rate = one_cycle(len(x), 40, batch_size=10, peak=0.003)
letter_network = convolutional_network(augment=True, learning_rate=rate, seed=seed, classes=y.shape[1])
history = letter_network.fit(x, y, epochs=40, batch_size=10, verbose=0)
trained_on = letters

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "How many test drawings will the network get right?", "words": "It was trained on 30 drawings, for 40 epochs.", "asked": "Who drew them? You, or a program that draws shaky letters."}
# Training took a few seconds: 40 epochs of 30 images are only 1,200 images in all. In notebook 5, four epochs of 55,000 images were 220,000. Now the test. **Predict:** how many of the test drawings does the network classify correctly?
#
# - **(a)** about a third: it can only guess
# - **(b)** about half
# - **(c)** nearly all

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("new_problem.letters")

# %% slideshow={"slide_type": "subslide", "headline": "Be honest about the result", "words": "The result holds for *these* letters, by *these* writers. With 15 images, one mistake costs 7 percentage points.", "asked": "What would be a fair test? Letters by people who drew none of the training letters."}
from handwriting.evaluate import show_predictions

letter_probabilities = letter_network.predict(trained_on.x_test[..., None] / np.float32(255), verbose=0)
show_predictions(trained_on.x_test, trained_on.y_test, letter_probabilities, trained_on.class_names)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c):** these letters differ clearly, and the network saw 40 versions of each drawing.
#
# </details>
#
# Be honest about the result. The check above finds only exact copies, not all leakage. The 45 stand-in letters come from a program that varies three ways to write each letter. So each test letter has close relatives among the training letters. When we tested on one of the three ways and trained on the other two, 11 to 15 of the 15 were classified correctly. You drew all your own letters within a few minutes. Even MNIST's validation set leaks, as notebook 3 shows: 31 % of its digits are by people who also wrote some for training. The cure is to split by person. Here, the result holds for *these* letters by *these* writers, and with 15 images, one mistake costs 7 percentage points. Have somebody else draw a few letters, on a pad for your network:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.pad import DrawingPad

DrawingPad(letter_network, trained_on.class_names)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 6: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "May I use other letters? Yes: give the pad a new folder."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.name_of.hint()` gives a hint, and `practice.name_of.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import new_problem as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: the name of a class.** Write a function that takes a row of probabilities and a list of names, and returns the name of the most probable class, as text.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def name_of(probabilities, names):
    return ...


practice.name_of.check(name_of)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: all the letters.** Someone collects all 26 letters, and builds the network of notebook 4 for them: 784 inputs, 512 hidden units. How many weights does it have now, biases included?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_weights = ...
practice.count_weights.check(count_weights)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: the shape of the labels.** You have 45 drawings of three letters, 15 of each. Ten of each are for training. The training labels, written as one-hot rows, form an array. What is its shape?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
labels_shape = ...
practice.labels_shape.check(labels_shape)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: turned copies.** To get more images, someone saves five copies of each drawing, each turned a little. *Then* they split all of them at random into a training part and a test part. The test accuracy is 1.00. What happened? Answer with a letter in quotes, such as `"A"`.
#
# - **A** the network is perfect
# - **B** turned copies of the training images are in the test part: leakage
# - **C** turned images are easier to classify
# - **D** the test part was too large

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
turned_copies = ...
practice.turned_copies.check(turned_copies)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: mushrooms.** A network sorts photos of mushrooms into "edible" and "poisonous", with an accuracy of 0.95 on the test set. What should you ask first, before anyone eats a mushroom that the network calls edible?
#
# - **A** whether more epochs would raise the accuracy to 0.96
# - **B** how many of the poisonous mushrooms the network calls edible
# - **C** whether the photos have 28 × 28 pixels
# - **D** nothing: 0.95 is better than most people could do

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
mushrooms = ...
practice.mushrooms.check(mushrooms)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: one change.** Change one of these: `epochs`, `data` or `seed` in the parameters cell, the number of `drawings` of each letter, or the `letters`. For fewer drawings, change the line that begins with `letters =` to `letters = load_folder(sample_letters(f"{work_dir}/few", count=6), seed=seed)`. For other letters, give the pad a new folder: `HandwritingCollector("OQ", f"{work_dir}/my_o_q", times=15)`. Run all cells again from the one you changed. Then fill in the report: the parameter, its value before and after, and what you saw, in a sentence with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- The **six stages** fit any problem with images and classes\n- Ask which mistakes matter\n- **Leakage** makes results look better than they are\n\nNext: [10 Share it](10_share.ipynb)", "asked": "How many images do I need? Begin with a few, measure, and collect more where the network fails."}
# ## What you now know
#
# - The **six stages** fit any problem with images and classes. The network does not care what the images show.
# - How good a result is depends on the **problem**. Ask which mistakes matter.
# - **A folder for each class** is all it takes to begin with images of your own.
# - **Leakage** makes results look better than they are: make sure that no test image has a copy, or a close relative, among the training images.
# - With augmentation, a few images go a long way.
#
# **The most important new words:** Fashion-MNIST, leakage.

# %% [markdown] slideshow={"slide_type": "notes"}
# **Make it yours:** collect drawings of five symbols from three people. Keep two people's drawings in one folder, and the third person's in another, with the same five folders inside. Train on everything in the first folder, and test on everything in the second. `load_folder` splits each folder, so put the parts together again. Do this for both folders. For the third person's, write:
#
# ```
# third = load_folder("third_person")
# x_test = np.concatenate([third.x_train, third.x_test])
# y_test = np.concatenate([third.y_train, third.y_test])
# ```
#
# Next: [10 Share it](10_share.ipynb), where others get to use what you have made.
