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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Your network gets 98 of 100 test images right. Draw some digits, or take a photo of some, and find out what it makes of them.", "asked": "Does my photo leave this computer? Not if the notebook runs here. In Colab, the photo goes to a computer at Google, where the notebook runs."}
# # 7 Your own handwriting
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → **7 own handwriting** → [8 stronger network](08_stronger_network.ipynb) → [9 new problem](09_new_problem.ipynb) → [10 share](10_share.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - have your network classify what you draw, and find out what it needs for that
# - measure how moving a digit by a few pixels changes the prediction
# - prepare a drawing or a photo the way MNIST's makers prepared theirs
# - collect a small test set of your own, and measure the accuracy honestly
#
# **Time:** 25 minutes, and 15 for the exercises. **Before you start:** notebook 6. No pen at hand? You can use the sample drawings throughout.

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
photo = "sample"  # @param {type:"string"} # a photo with digits: sample, or a file's name

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the images, and your network from notebook 5. If the network is not on this computer, this notebook trains one now, which takes ten to thirty seconds. (The outputs that you see before you run anything come from a network trained in this way.)

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import require_digits, trained_model
from handwriting.load import load_digits
from handwriting.prepare import flatten, prepared, scale

ready = prepared(load_digits(data))
require_digits(ready)
model, record = trained_model(ready, work_dir)

# %% [markdown] slideshow={"slide_type": "slide", "words": "Thirty drawings: large and small, in the middle and elsewhere, dark on light and light on dark.\n\nYou have no trouble reading any of them.", "asked": "Were they chosen to be hard? No. They vary the way drawings and photos do."}
# ## Images from outside
#
# Your network classifies 98 of 100 test images correctly. The people who wrote those digits wrote none of the digits in the training set, but they filled in the same kind of form, and all the images were prepared in the same way. What about your digits? You will draw some in a moment. First, look at half of the thirty drawings that come with the workshop: large and small, in the middle and elsewhere, dark on light and light on dark. You have no trouble reading any of them.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.scan.drawings import sample_drawings
from handwriting.visualize import show_images

drawings, labels = sample_drawings()
show_images(drawings[7:22], labels[7:22], columns=5)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "The first idea: shrink the drawings", "words": "28 × 28 pixels, light ink on black. Most people try this first.", "asked": "What does the last line do? It inverts the image if the paper is white."}
# The network expects 28 × 28 pixels, with light ink on black. So here is the first idea: shrink each drawing to that size, and invert it if the paper is white. Most people try this first. The function below does these two things and nothing more, with [Pillow](../docs/glossary.md#pillow), a library for images. (If the median, the value in the middle, is above 127, most pixels are light, so the paper is white.)

# %% slideshow={"slide_type": "-", "lines": [5, 7]}
import numpy as np
from PIL import Image


def shrink(drawing):
    small = np.asarray(Image.fromarray(drawing).resize((28, 28)))
    return 255 - small if np.median(small) > 127 else small


# %% [markdown] slideshow={"slide_type": "subslide", "headline": "How many of the 30 drawings will the network get right?", "words": "It gets 98 of 100 test images right.", "asked": "Are these the same digits? Yes, 0 to 9. Only the drawings are new."}
# **Predict:** the network gets 98 of 100 test images right. How many of these 30 shrunk drawings will it classify correctly?
#
# - **(a)** 28 to 30, as with the test images
# - **(b)** about 25: some of them are unusual
# - **(c)** fewer than 15

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("own_handwriting.shrunk")

# %% slideshow={"slide_type": "subslide", "headline": "\"99 % on the test set, and it cannot read my digits\"", "words": "A common complaint about projects like this one.", "asked": "Is the network bad? No. It is given images unlike those it was trained on.", "lines": []}
shrunk = np.array([shrink(drawing) for drawing in drawings])
probabilities = model.predict(scale(flatten(shrunk)), verbose=0)
print(f"{(probabilities.argmax(axis=-1) == labels).sum()} of {len(labels)} are classified correctly")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c).** With MNIST and the default parameters, the network gets most of the drawings wrong. It is the same network as before, but these images are not like those it was trained on.
#
# </details>
#
# A common complaint about projects like this one is: "99 % on the test set, and it cannot read my digits". Here are all thirty drawings as the network sees them. The title of each is the prediction, and a cross marks a mistake. How do these images differ from the ones you looked at in notebook 2?

# %% slideshow={"slide_type": "subslide", "headline": "What the network sees", "words": "A cross marks a mistake. How do these images differ from MNIST's?", "asked": "Which ones are classified correctly? Mostly those that happen to look like MNIST's images."}
from handwriting.evaluate import show_predictions

show_predictions(shrunk, labels, probabilities)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "The letter A: what are its ten probabilities?", "words": "The network knows ten classes, and nothing else.", "asked": "Why is there no class \"none of these\"? You can add one, but no set of examples shows everything that is not a digit."}
# ## The network cannot say "none of these"
#
# It gets worse. The workshop comes with a drawing of a letter, too. (`to_mnist` prepares the drawing as the training images were prepared. You will see below how it does that. `letter[None]` makes a batch of one image, because `predict` expects a batch.) The network knows ten classes and nothing else, so it has no way to answer "none of these". **Predict:** what ten probabilities will the network give the letter A?
#
# - **(a)** about 10 % each: the network cannot know
# - **(b)** one digit gets far more than the others
# - **(c)** all are 0

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("own_handwriting.letter")

# %% slideshow={"slide_type": "subslide", "headline": "The network only compares the ten digits", "words": "The ten probabilities sum to 1, whatever the image shows.", "asked": "Could we reject an image when the network is unsure? That would catch this A. The next image is different."}
from handwriting.evaluate import show_guess
from handwriting.scan.drawings import sample_letter
from handwriting.scan import to_mnist

letter = to_mnist(sample_letter())
show_guess(letter, model.predict(scale(flatten(letter[None])), verbose=0)[0])

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The ten probabilities sum to 1, whatever the image shows. The network does not ask *whether* this is a digit. It only compares the ten digits with each other. At least it is not sure about the A: its highest probability is about 50 %.
#
# </details>
#
# Could you reject every image that the network is not sure about, and so catch everything that is not a digit? Try a house:

# %% slideshow={"slide_type": "subslide", "headline": "A house? Almost certainly a 0", "words": "The network cannot check whether an image shows a digit at all.", "asked": "Who can check that? A person, or a program made for that purpose, before the network gets the image."}
from PIL import ImageDraw

sheet = Image.new("L", (200, 200), "white")
corners = [(50, 150), (50, 90), (100, 45), (150, 90), (150, 150), (50, 150)]
ImageDraw.Draw(sheet).line(corners, fill="black", width=12)
house = to_mnist(sheet)
show_guess(house, model.predict(scale(flatten(house[None])), verbose=0)[0])

# %% [markdown] slideshow={"slide_type": "notes"}
# No: to this network, the house is almost certainly a 0. If you use a network for something that matters, something else has to check whether its images show digits. (The pad in notebook 1 says "This does not look like a digit" about many drawings. That message comes from a separate rule, made for the network behind that pad. The pad below has a simpler rule, which catches little more than dots.)

# %% [markdown] slideshow={"slide_type": "slide", "words": "Move every fifth test image to the right, one pixel at a time, and measure the accuracy.", "asked": "Why every fifth image? Students wrote the first half, and Census Bureau staff wrote the second. Every fifth is a fair sample of both."}
# ## How far is too far?
#
# In notebook 6, moving the images two pixels right and two down cost half the accuracy. Some of the sample drawings are much further from the middle. Measure the effect properly: move test images to the right by 0 to 6 pixels, and record the accuracy each time. Every fifth image is enough. (The first 2,000 would not do: students wrote the first 5,001 digits, and Census Bureau staff wrote the others. Every fifth is a fair sample of both.)

# %% slideshow={"slide_type": "skip"}
from handwriting.evaluate import shift

pixels = range(7)
images, truth = ready.images_test[::5], ready.labels_test[::5]
accuracies = []
for distance in pixels:
    moved = model.predict(scale(flatten(shift(images, right=distance))), verbose=0)
    accuracies.append((moved.argmax(axis=-1) == truth).mean())

# %% [markdown] slideshow={"slide_type": "notes"}
# A chart says more than seven numbers. The dashed line shows blind guessing. At what distance has the network lost half its accuracy? Compare that distance with the width of a digit, which is about 16 of the 28 pixels on average. At 6 pixels, the network still does better than guessing, but only a little.

# %% slideshow={"slide_type": "subslide", "headline": "At what distance is half the accuracy lost?", "words": "The dashed line shows blind guessing. A digit is about 16 pixels wide.", "asked": "Why does the accuracy stay a little above guessing? Some digits still overlap with their usual places."}
import matplotlib.pyplot as plt

plt.figure(figsize=(6, 3))
plt.plot(pixels, accuracies, "o-", label="this network")
plt.axhline(0.1, linestyle="--", color="#444444", label="blind guessing")
plt.title("accuracy when all images move right")
plt.xlabel("pixels")
plt.ylabel("accuracy")
plt.legend()
plt.show()

# %% [markdown] slideshow={"slide_type": "slide", "words": "They scaled each digit to fit into 20 × 20 pixels, and put its **centre of mass** in the middle of 28 × 28.", "asked": "Is preparing images cheating? No. Every image is prepared in the same way, in training and in use."}
# ## What MNIST's makers did
#
# No digit in MNIST is as far from the middle as some of the sample drawings, because MNIST's makers prepared each image in the same way. Their paper says how (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition", *Proceedings of the IEEE* 86(11), 1998). They scaled each digit to fit into 20 × 20 pixels, keeping its proportions. Then they placed it in 28 × 28 pixels so that its [**centre of mass**](../docs/glossary.md#centre-of-mass), the point on which it would balance, was in the middle. (The [QMNIST](https://arxiv.org/abs/1905.10498) project repeated these steps years later, and found out who wrote which digit.) You can check the last of these steps. Here is the average position of the ink in the first five test images. (`@` multiplies pair by pair and adds up the products.)

# %% slideshow={"slide_type": "-", "lines": [4, 5]}
places = np.arange(28)
ink = ready.images_test[:5].astype(float)
mass = ink.sum(axis=(1, 2))
print("rows:   ", np.round(ink.sum(axis=2) @ places / mass, 1))
print("columns:", np.round(ink.sum(axis=1) @ places / mass, 1))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Step by step, with a photo of a 7", "words": "Each step makes the photo more like MNIST's images.", "asked": "What if I use squared paper? The program removes the lines."}
# All of these numbers are close to 14, the middle. (Rows and columns are counted from 0 to 27, so 13 and 14 are the two in the middle.) Your own drawings have to be prepared in the same way. That is what `handwriting.scan` does. With a photo, it has more to do: it finds the paper in spite of shadows, decides whether the ink or the paper is darker, and removes the lines of squared paper. Then it adjusts the strokes to the width of those in MNIST. (The title of step 5 gives both widths, in pixels of the last image.) Here are the steps, with a photo of a 7:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.scan.drawings import sample_page
from handwriting.scan import show_steps

seven = np.asarray(Image.open(sample_page()))[60:230, 670:800]
show_steps(seven)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "The same drawings, prepared: how many will the network get right?", "words": "The network is the same, too.", "asked": "Has it been trained again? No. Not one weight has changed."}
# The last image could be one of MNIST's. `to_mnist` does all this in one go, and returns that last image. **Predict:** the *same* network gets the *same* thirty drawings, prepared in this way. How many will it classify correctly?
#
# - **(a)** as few as before: the network has not learned anything new
# - **(b)** about half
# - **(c)** most of them

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("own_handwriting.prepared")

# %% slideshow={"slide_type": "subslide", "headline": "Not one weight has changed", "words": "A network works for images that look like its training images.", "asked": "What if it still gets a drawing wrong? Look at that drawing: is anything in it rare in MNIST?", "lines": []}
scanned = np.array([to_mnist(drawing) for drawing in drawings])
probabilities = model.predict(scale(flatten(scanned)), verbose=0)
print(f"{(probabilities.argmax(axis=-1) == labels).sum()} of {len(labels)} are classified correctly")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c).** Not one weight of the network has changed. Only the preparation has changed: the drawings now look like the images that the network was trained on.
#
# </details>
#
# Here are the prepared drawings, with the predictions. Look for strokes that are rare in MNIST, such as the hook of a 1 or the bar through a 7.

# %% slideshow={"slide_type": "subslide", "headline": "Look for rare strokes", "words": "The hook of a 1, the bar through a 7.", "asked": "Which drawing does the network get wrong? Look for the cross."}
show_predictions(scanned, labels, probabilities)

# %% [markdown] slideshow={"slide_type": "slide", "words": "In a corner. Tiny. A letter. A bar through your 7.\n\nWhat fools the network?", "asked": "What are the small squares? Hidden units. Watch which ones light up."}
# ## Draw
#
# Now it is your turn. `DrawingPad` opens a pad for *your* network. Draw with the mouse, a finger, a pen, or the arrow keys (the space bar puts the pen down). On the right, you see the 28 × 28 pixels that the network gets, and its ten probabilities. In the strip below them, each small square is a hidden unit: watch which ones light up while you draw. Try to fool the network: draw in a corner, draw something tiny, draw a letter, put a bar through your 7. With the photo button, you can load a photo from your phone or disk.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.pad import DrawingPad

pad = DrawingPad(model, ready.class_names)
pad

# %% [markdown] slideshow={"slide_type": "notes"}
# The rest of your program can use what you drew: `pad.image` is the image that the network saw, and `pad.guess` is its prediction. While the pad is empty, both are `None`, Python's word for nothing.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
if pad.image is None:
    print("Nothing is drawn yet. Draw a digit above, then run this cell again.")
else:
    print(f"The network predicts {pad.guess}, from an image of shape {pad.image.shape}.")

# %% [markdown] slideshow={"slide_type": "slide", "words": "Ten digits on paper, with a little space between them, photographed from above.", "asked": "What makes a good photo? Even light, a dark pen, no other writing."}
# ## A whole row from a photo
#
# Write the digits 0 to 9 in a row on paper, with a little space between them, and photograph them from above. Put the file in the same folder as this notebook: drag it into the list of files on the left (in Colab, open that list with the folder button). Then set `photo` in the parameters cell to the file's name, run that cell, and go on here. Until then, this photo is used:

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "-"}
from handwriting.scan.image_file import open_image

path = sample_page() if photo == "sample" else photo
page, _ = open_image(path)
plt.figure(figsize=(8, 2.4))
plt.imshow(page)
plt.title("the photo")
plt.axis("off")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# `find_digits` finds all the digits, line by line from left to right, and prepares each one as `to_mnist` does. Together, the images form one array of shape `(10, 28, 28)`, which is flattened, scaled and given to the network. The title of each image is the prediction. A photo of a phone number works in the same way.

# %% slideshow={"slide_type": "subslide", "headline": "Found, prepared, classified", "words": "`find_digits` goes line by line, from left to right.", "asked": "Does it work with a phone number? Yes, in the same way."}
from handwriting.scan import find_digits

found = np.array([digit.image for digit in find_digits(path)])
show_predictions(found, None, model.predict(scale(flatten(found)), verbose=0))

# %% [markdown] slideshow={"slide_type": "slide", "words": "A handful of tries is not a measurement.\n\nCollect pictures **with labels**: many, and from more than one person.", "asked": "How many are enough? A hundred for a rough number. To compare two networks, many more."}
# ## A test set of your own
#
# A handful of tries is not a measurement. To measure, you need pictures with **labels**, as many as you can get, and from more than one person. `save_digit` saves the drawing on the pad as a small image file, with its label in the name. The file goes into the folder `my_digits` inside your work folder, and nowhere else. Draw a digit above, write its label in the cell below, and run that cell. Then clear the pad, and repeat. (If you run the cell twice, a drawing is still saved only once.) Pictures from your phone count, too: put them into `my_digits`, and begin each file's name with the digit, as in `7_kitchen.jpg`.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.scan.drawings import save_digit

label = None  # the digit that you drew, such as 7
if pad.drawing is None or label is None:
    print("Nothing is saved yet. Draw a digit above, and write its label in this cell.")
else:
    print("Saved as", save_digit(pad.drawing, label, work_dir))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "With 30 pictures, one mistake costs 3 percentage points", "words": "A test set represents only the people whose digits are in it.", "asked": "Are my drawings uploaded? No. They are files in your work folder."}
# Now measure: with your own pictures if you saved any, otherwise with the sample drawings. With few pictures, the result is rough. With 30, one more mistake lowers the accuracy by 3 percentage points. And who drew them? A test set represents only the people whose digits are in it.

# %% slideshow={"slide_type": "skip"}
from handwriting.scan.drawings import my_digits

my_images, my_labels = my_digits(work_dir)
my_predictions = model.predict(scale(flatten(my_images)), verbose=0).argmax(axis=-1)
print(f"accuracy {(my_predictions == my_labels).mean():.2f} on these pictures")

# %% [markdown] slideshow={"slide_type": "slide", "words": "MNIST's digits were written in the USA around 1990: few hooks, few bars.\n\nNobody meant any harm, yet the network works less well for some people.", "asked": "Is that what people call bias? Yes. The training data decides for whom a network works."}
# ## What the network was never shown
#
# Preparing the image prevents most mistakes, but not all. MNIST's digits were written in the USA around 1990. There, a 1 is usually a single stroke, and few people put a bar through a 7. If you learned to write elsewhere, the network has seen hardly any digits like yours. Nobody meant any harm, yet the network may work less well for you. More kinds of handwriting among the training images may help. So may images that are turned and resized a little during training. The network that comes with the workshop was trained on both. Here are its predictions for the same drawings:

# %% slideshow={"slide_type": "subslide", "headline": "A network that was shown more", "words": "Trained on hooks and bars, too. Is it better? Thirty drawings are too few to tell.", "asked": "How could we tell? With many digits from people who write hooks and bars."}
from handwriting.models.pretrained import pretrained_network

probabilities = pretrained_network().predict(scale(my_images))
show_predictions(my_images, my_labels, probabilities)

# %% [markdown] slideshow={"slide_type": "notes"}
# With the sample drawings, this network made no mistakes, and yours made one. Does that mean the extra training images helped? You cannot tell: thirty drawings are too few, and the program that drew them also drew some of this network's training images. To find out, you need many digits from people who write hooks and bars.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 5: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Do I need a pen? No. The pad will do."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.centre_of_mass.hint()` gives a hint, and `practice.centre_of_mass.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import own_handwriting as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: the centre of mass.** Write a function that takes one image, an array of shape `(28, 28)`, and returns the row and the column of its centre of mass: the average position of the ink, where a brighter pixel counts more. Return two numbers, separated by a comma.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def centre_of_mass(image):
    return ...


practice.centre_of_mass.check(centre_of_mass)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: into the middle.** The centre of mass of a digit is in row 10 and column 17. By how many pixels must the digit be moved down, and by how many to the right, to bring it to row 14 and column 14? Negative numbers mean up, and left. Write both numbers as `(down, right)`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
into_the_middle = ...
practice.into_the_middle.check(into_the_middle)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: what to look at first.** Your friend's network has an accuracy of 99 % on MNIST's test set, but fails on her own drawings. What should she look at first? Answer with a letter in quotes, such as `"A"`.
#
# - **A** the number of layers: the network needs more
# - **B** the number of epochs: the network has to train for longer
# - **C** what her drawings look like when they reach the network
# - **D** the test set: 99 % must be a mistake

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
look_first = ...
practice.look_first.check(look_first)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: a star.** A program reads postcodes with a network like yours. Someone scribbles a star. What does the program get?
#
# - **A** ten probabilities that sum to 1, one of them perhaps very high
# - **B** ten zeros, because a star is not a digit
# - **C** an error
# - **D** 10 % for each digit

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
star = ...
practice.star.check(star)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: one change.** Draw the same digit on the pad twice (or photograph it), and change *one* thing in between: the pen, the size, the place, the paper, the style or the slant. Then fill in the report: which of these six you changed (the `parameter`), what it was before and after, and what you saw, in a sentence with both percentages.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- Prepare images **as the training images were prepared**\n- The network cannot say \"this is not a digit\"\n- A test set represents the people whose digits are in it\n\nNext: [8 A stronger network](08_stronger_network.ipynb)", "asked": "Can a network handle moved digits? Yes. Notebook 8 shows how."}
# ## What you now know
#
# - A network needs images that are prepared **as its training images were**. It often gets others wrong, sometimes with great confidence.
# - **Centre, scale, stroke width, light on dark**: most failures on your own digits come from one of these four.
# - The network cannot say "this is not a digit".
# - A test set represents the people whose digits are in it. Collect one that is like the images you want to classify.
#
# **The most important new words:** centre of mass, Pillow.
#
# **Make it yours:** ask five people to write 0 to 9, photograph each row, and find out for whom the network works best.
#
# Next: [8 A stronger network](08_stronger_network.ipynb), with layers that use the same weights everywhere, and with training images that are moved and turned.
