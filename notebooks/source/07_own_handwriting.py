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
# # 7 Your own handwriting
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → **7 own handwriting** → [8 stronger network](08_stronger_network.ipynb) → [9 new problem](09_new_problem.ipynb) → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - let your network read what you draw, and find out why it fails
# - measure what moving a digit by a few pixels does to it
# - prepare a drawing or photo as MNIST's makers prepared theirs
# - collect a small test set of your own, and measure honestly
#
# **Time:** 30 minutes, and 15 for the exercises. **Before you start:** notebook 6. No pen at hand? Sample drawings stand in for yours everywhere.

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
photo = "sample"  # @param {type:"string"} # a photo with digits: sample, or a file's name

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the pictures, and your network from stage 5. If it is not on this computer, one is trained now, which takes ten to thirty seconds.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import trained_model
from handwriting.load import load_digits
from handwriting.prepare import flatten, prepared, scale

ready = prepared(load_digits(data))
model, record = trained_model(ready, work_dir)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Pictures from outside
#
# Your network reads 98 of 100 test pictures. But those come from the same desks as its training pictures. What about yours? You will draw in a moment. To begin with, here are thirty drawings that come with the workshop: large and small, here and there on the sheet, dark on light and light on dark. You have no trouble with any of them.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.scan.drawings import sample_drawings
from handwriting.visualize import show_images

drawings, labels = sample_drawings()
show_images(drawings[::2], labels[::2], columns=8)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The network wants 28 × 28 pixels with light ink on black. So the first idea is: shrink each drawing to that size, and turn it into its negative if the paper is white. Most people try this first. The helper below does no more than that, with [Pillow](../docs/glossary.md#pillow), Python's library for pictures.

# %% slideshow={"slide_type": "fragment"}
import numpy as np
from PIL import Image


def shrink(drawing):
    small = np.asarray(Image.fromarray(drawing).resize((28, 28)))
    return 255 - small if np.median(small) > 127 else small


# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** the network reads 98 of 100 test pictures. How many of these 30 shrunk drawings will it read?
#
# - **(a)** 28 to 30, as with the test pictures
# - **(b)** about 25: some are odd
# - **(c)** fewer than 15

# %% slideshow={"slide_type": "fragment"}
shrunk = np.array([shrink(drawing) for drawing in drawings])
answers = model.predict(scale(flatten(shrunk)), verbose=0)
print(f"{(answers.argmax(axis=-1) == labels).sum()} of {len(labels)} are read right")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c).** With MNIST and the usual settings, most are wrong. This is what people complain of most in projects like this one: "99 % on the test set, and it cannot read my own digit". Here are all thirty as the network sees them, with its answers. A cross marks a wrong one. What is different from the pictures you looked at in notebook 2?

# %% slideshow={"slide_type": "fragment"}
from handwriting.evaluate import show_predictions

show_predictions(shrunk, labels, answers)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Sure of nonsense
#
# It gets worse. One of the samples is no digit at all but a letter. The network was shown ten classes and nothing else, so it has no way to say "neither". **Predict:** what will its ten probabilities for the letter A look like?
#
# - **(a)** about 10 % each: it cannot know
# - **(b)** one digit stands out clearly
# - **(c)** all are 0

# %% slideshow={"slide_type": "subslide"}
from handwriting.evaluate import show_guess
from handwriting.scan.drawings import sample_letter
from handwriting.scan import to_mnist

letter = to_mnist(sample_letter())
show_guess(letter, model.predict(scale(flatten(letter[None])), verbose=0)[0])

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** Ten probabilities sum to 1, whatever the picture shows. The network does not ask *whether* this is a digit. It only compares the ten digits with each other. Anyone who uses such a program for something that matters has to ask that question elsewhere.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far is too far?
#
# In notebook 6, two pixels to the right and down cost half of the accuracy. Your drawings are moved much more than that. Measure it properly: move all test pictures by 0 to 6 pixels, and note the accuracy each time.

# %% slideshow={"slide_type": "fragment"}
from handwriting.evaluate import shift

pixels = range(7)
images, truth = ready.images_test[:2000], ready.labels_test[:2000]
accuracies = []
for distance in pixels:
    moved = model.predict(scale(flatten(shift(images, right=distance))), verbose=0)
    accuracies.append((moved.argmax(axis=-1) == truth).mean())

# %% [markdown] slideshow={"slide_type": "subslide"}
# A chart says more than seven numbers. On the dashed line lies blind guessing. Find the place where the network is no better than that, and compare it with the width of a digit, which is about 15 of the 28 pixels.

# %% slideshow={"slide_type": "subslide"}
import matplotlib.pyplot as plt

plt.figure(figsize=(6, 3))
plt.plot(pixels, accuracies, "o-", label="this network")
plt.axhline(0.1, linestyle="--", color="#444444", label="blind guessing")
plt.title("accuracy when all pictures move right")
plt.xlabel("pixels")
plt.ylabel("accuracy")
plt.legend()
plt.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What MNIST's makers did
#
# No picture in MNIST is moved like that, because its makers treated each one in the same way. [They tell how](https://yann.lecun.com/exdb/mnist/): the digit was cut out, scaled so that its longer side is 20 pixels, with its proportions kept, and placed so that its [**centre of mass**](../docs/glossary.md#centre-of-mass), the point on which it would balance, is in the middle of 28 × 28 pixels. You can check the last one. The average place of the ink, in the first five test pictures:

# %% slideshow={"slide_type": "fragment"}
places = np.arange(28)
ink = ready.images_test[:5].astype(float)
mass = ink.sum(axis=(1, 2))
print("rows:   ", np.round(ink.sum(axis=2) @ places / mass, 1))
print("columns:", np.round(ink.sum(axis=1) @ places / mass, 1))

# %% [markdown] slideshow={"slide_type": "subslide"}
# All close to 14, the middle. To read your drawing, do the same to it. That is what `handwriting.scan` does. It has more work with a photo: find the paper in spite of shadows, decide whether the ink is darker or lighter, and take out the squares of the paper. Then it brings the strokes to the width that MNIST's pens had. Step by step, with a photo of a 7:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.scan.drawings import sample_page
from handwriting.scan import show_steps

seven = np.asarray(Image.open(sample_page()))[60:230, 670:800]
show_steps(seven)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The last picture could be one of MNIST's. `to_mnist` goes all these steps at once, and gives that last picture. **Predict:** the *same* network reads the *same* thirty drawings, prepared in this way. How many will it get?
#
# - **(a)** as few as before: the network has not learned anything new
# - **(b)** about half
# - **(c)** most of them

# %% slideshow={"slide_type": "fragment"}
scanned = np.array([to_mnist(drawing) for drawing in drawings])
answers = model.predict(scale(flatten(scanned)), verbose=0)
print(f"{(answers.argmax(axis=-1) == labels).sum()} of {len(labels)} are read right")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (c).** Not one weight of the network has changed. Only the preparation has. What a network has learned holds for pictures that are prepared *exactly* as its training pictures were; remember this from notebook 3. Here they are, with the answers. Some strokes are unlike anything in MNIST, such as a hooked 1 or a crossed 7.

# %% slideshow={"slide_type": "fragment"}
show_predictions(scanned, labels, answers)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Draw
#
# Now you. `DrawingPad` opens a pad for *your* network. Draw with the mouse, a finger, a pen, or the arrow keys (the space bar puts the pen down). On the right you see the 28 × 28 pixels that the network gets, and its ten probabilities. Try to fool it: draw in a corner, draw tiny, draw a letter, cross your 7. The button for photos takes one from your phone or disk.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
from handwriting.pad import DrawingPad

pad = DrawingPad(model, ready.class_names)
pad

# %% [markdown] slideshow={"slide_type": "subslide"}
# What you drew is there for the next lines of your program: `pad.image` is the picture that the network saw, `pad.guess` its answer. While the pad is empty, both are `None`.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
if pad.image is None:
    print("Nothing is drawn yet. Draw a digit above, then run this box again.")
else:
    print(f"The network says {pad.guess}, from a picture of shape {pad.image.shape}.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A whole row from a photo
#
# Write the digits 0 to 9 in a row on paper, with a little space between them, and photograph them from above. Put the file's name into `photo` in the parameters. (In Colab, first upload it with the folder button at the left.) Until then, this photo is read:

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
from handwriting.scan.image_file import open_image

path = sample_page() if photo == "sample" else photo
picture, _ = open_image(path)
plt.figure(figsize=(8, 2.4))
plt.imshow(picture)
plt.title("the photo")
plt.axis("off")
plt.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# `find_digits` finds them all, line by line from left to right, and prepares each one as `to_mnist` does. Then they go through the network together, as one array of shape `(10, 28, 28)`. Above each stands the answer. A phone number works in the same way.

# %% slideshow={"slide_type": "fragment"}
from handwriting.scan import find_digits

found = np.array([digit.image for digit in find_digits(path)])
show_predictions(found, None, model.predict(scale(flatten(found)), verbose=0))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A test set of your own
#
# A handful of tries is no measurement. For that you need pictures with **labels**, as many as you can get, and from more than one person. `save_digit` keeps the drawing on the pad as a small picture file, with its label in the name, in the folder `my_digits` inside your work folder. It goes nowhere else. Draw a digit above, change the label here, run the box; then clear the pad, and again. Pictures from your phone count too: put them into that folder and let each name begin with the digit, such as `7_kitchen.jpg`.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
from handwriting.scan.drawings import save_digit

label = 7  # what you drew
if pad.drawing is None:
    print("Nothing is drawn yet, so nothing is kept.")
else:
    print("kept as", save_digit(pad.drawing, label, work_dir))

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now the measurement, on your pictures if you kept some, else on the sample drawings. With few pictures the result is rough: with 30 pictures, one more mistake moves it by 3 of 100. Who drew them, and who did not? A test set can only speak for the people in it.

# %% slideshow={"slide_type": "fragment"}
from handwriting.scan.drawings import my_digits

own_images, own_labels = my_digits(work_dir)
own_answers = model.predict(scale(flatten(own_images)), verbose=0).argmax(axis=-1)
print(f"accuracy {(own_answers == own_labels).mean():.2f} on these")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the network was never shown
#
# Preparing the picture cures most mistakes, not all. MNIST was written in the USA around 1990: a 1 is mostly one stroke there, a 7 is rarely crossed. If you learned to write elsewhere, the network has hardly seen digits like yours. That is nobody's bad will, and still it works worse for you. The cure is in the data: more kinds of writing, or pictures that are turned and bent a little during training. The network that comes with the workshop has learned from such pictures, too. Here it reads the same drawings:

# %% slideshow={"slide_type": "subslide"}
from handwriting.models.pretrained import pretrained_network

answers = pretrained_network().predict(scale(own_images))
show_predictions(own_images, own_labels, answers)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box. `practice.centre_of_mass.hint()` gives a hint, and `practice.centre_of_mass.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import own_handwriting as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: the centre of mass.** Write a function that takes one picture, an array of shape `(28, 28)`, and gives the row and the column of its centre of mass: the average place of the ink, where a brighter pixel counts more. Two numbers, separated by a comma.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def centre_of_mass(image):
    return ...


practice.centre_of_mass.check(centre_of_mass)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: into the middle.** The centre of mass of a digit is in row 10 and column 17. By how many pixels must it be moved down, and by how many to the right, so that it comes to row 14 and column 14? Negative numbers mean up, and left. Write both: `(down, right)`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
into_the_middle = ...
practice.into_the_middle.check(into_the_middle)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: choose.** Your friend's network has 99 % on MNIST's test set and fails on her own drawings. What should she look at first?
#
# - **A** the number of layers: it needs more
# - **B** the number of epochs: it has to train for longer
# - **C** what her drawing looks like when it reaches the network
# - **D** the test set: 99 % must be a mistake

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
look_first = ...
practice.look_first.check(look_first)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** A program reads postcodes with such a network. Someone scribbles a star. What does the program get?
#
# - **A** ten probabilities that sum to 1, and perhaps a very high one
# - **B** ten zeros, because a star is no digit
# - **C** an error
# - **D** 10 % for each digit

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
star = ...
practice.star.check(star)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: one change.** Draw the same digit on the pad twice (or photograph it), and change *one* thing in between: the pen, the size, the place, the paper, the style or the slant. Then fill in the report: which of these six (the `knob`), what it was before and after, and what you saw, in a sentence with both percentages.

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
# - A network reads pictures that are prepared **as its training pictures were**. Others it misreads, and is sure.
# - **Centre, scale, stroke width, light on dark**: most failures on your own digits are one of these four.
# - It cannot say "this is no digit".
# - A test set speaks for those who are in it. Collect one that is like the pictures you want to read.
#
# **New words:** centre of mass, Pillow.
#
# **Make it yours:** ask five people to write 0 to 9, photograph each row, and find out for whom it works best.
#
# Next: [8 A stronger network](08_stronger_network.ipynb), which looks for strokes wherever they are.
