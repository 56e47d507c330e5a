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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Before a program computes with images, a person should look at them. We draw digits, average them, and get a first number to beat.", "asked": "Why look, if the computer does the work? It does not notice when something is wrong with the images."}
# # 2 Visualize: look before you compute
#
# [1 load](01_load.ipynb) → **2 visualize** → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - draw nine digits yourself, with nine lines of code
# - see that an image is made of numbers
# - find out how differently people write, and which digits look alike
#
# **Time:** 15 minutes, and 15 for the exercises. **Before you start:** notebook 1, or at least this: images are `x`, labels are `y`.

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

# %% [markdown] slideshow={"slide_type": "skip"}
# This notebook starts in a fresh Python session, which knows nothing about the previous one. So the next cell repeats stage 1: it loads the images and gives the training set its usual names. Every notebook in this workshop begins like this, so you can open any of them on its own.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits

digits = load_digits(data)
x_train, y_train = digits.x_train, digits.y_train

# %% [markdown] slideshow={"slide_type": "slide", "words": "Wrong labels, rotated images, a missing class: a program computes with all of that and never complains.\n\nA person sees the problem in a minute.", "asked": "Can people look at millions of images? No, but they can look at samples, at averages, and at the images that a program gets wrong."}
# ## Why look at all?
#
# Because the computer does not. Rotated images, wrong labels, a missing class, white paper instead of black: a program computes with all of that and never complains. A person sees the problem in a minute, by looking. So make it a habit: **look at your data before you compute with it**.

# %% [markdown] slideshow={"slide_type": "slide", "words": "`plt.subplot` chooses a position in a grid.\n\n`plt.imshow` draws an array as an image.\n\nDo you agree with all nine labels?", "asked": "Why are the digits white on black? The files were made that way. You will see the numbers in a moment."}
# ## Nine digits by hand
#
# [Matplotlib](../docs/glossary.md#matplotlib) is Python's usual drawing library. A [**subplot**](../docs/glossary.md#subplot) is one position in a grid of drawings: `plt.subplot(3, 3, 1)` means "3 rows and 3 columns, position 1". `imshow` shows an array as an image: `cmap="gray"` makes small numbers dark, and `interpolation="none"` keeps pixels sharp. `axis("off")` leaves out the numbers at the edges. `for i in range(...):` runs the indented lines nine times, with `i` from 0 to 8. With an `f` before the quotes, Python replaces what is in curly brackets with its value. (`parse_math=False` is for names with a `$`, `tight_layout` keeps titles apart, and `show` displays everything.)

# %% slideshow={"slide_type": "-"}
import matplotlib.pyplot as plt

plt.figure(figsize=(5, 5))
for i in range(min(9, len(x_train))):
    plt.subplot(3, 3, i + 1)
    plt.imshow(x_train[i], cmap="gray", interpolation="none")
    plt.title(f"class {digits.class_names[y_train[i]]}", parse_math=False)
    plt.axis("off")
plt.tight_layout()
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# You see the nine digits: white ink on black paper, with the label above each one. People assigned the labels of MNIST and of the clothes; the letters A to J got theirs from the program that draws them. Read each digit yourself. Do you agree with all the labels? If you hesitate over a digit, remember that the computer gets only the label. It never hears about your doubt.
#
# You have now drawn a grid of images by hand. From here on, a helper does the same in one line, for as many images as you like. Here are thirty:

# %% slideshow={"slide_type": "subslide", "headline": "Thirty images, with one line of code", "words": "Do you hesitate over one of the images? The computer gets only the label. It never hears about your doubt.", "asked": "Are all the labels right? Nearly all. People assigned them, and people make mistakes."}
from handwriting.visualize import show_images

show_images(x_train[:30], columns=5)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Try it yourself.** The slider below goes through all the training images. Drag it, or click it and use the arrow keys. (On a static page, you see only the first image.) Find an image that you would have labelled differently.

# %% slideshow={"slide_type": "skip"}
from handwriting.widgets.playground import image_playground

image_playground(x_train, y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "What numbers are at the edge of a stroke?", "words": "0 is black, 255 is white.", "asked": "Are photos made of numbers, too? In memory, yes, with three per pixel: red, green and blue."}
# ## An image is made of numbers
#
# A computer has no eyes. All it gets is the array. Below, on the left, you see the first image, with a frame around a small part. On the right is that part again, with the number of each pixel written in it. From notebook 1, you know that 0 is black and 255 is white. **Predict:** what are the numbers along the edge of a stroke, where ink and paper meet?
#
# - **(a)** many different ones between 0 and 255
# - **(b)** only 0 and 255: a pixel has ink, or it has none
# - **(c)** all about 128: half ink, half paper

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("visualize.pixels")

# %% slideshow={"slide_type": "subslide", "headline": "An image is made of numbers", "words": "Black is 0. The brightest ink is close to 255. At the edge of a stroke, the pen covered only part of a pixel.", "asked": "Where does it say that this is a 5? Nowhere. A program has to find that out from brightness alone."}
from handwriting.visualize import show_pixels

show_pixels(x_train[0])

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** A stroke does not end where a pixel ends: it covers nearly all of one pixel, and only a corner of the next. So its edge has many shades of grey.
#
# </details>
#
# Nothing in the numbers says "this is a digit". A program has to find the digit from brightness alone. That is the whole task, and rules that people write by hand soon reach their limits.

# %% [markdown] slideshow={"slide_type": "slide", "words": "How would you describe a 7? \"A bar on top and a slanted line\" fits some of these sevens.\n\nSo the computer gets examples, not rules.", "asked": "Could somebody write enough rules? People have tried. A rule that fits all sevens also fits some ones and nines."}
# ## One digit, many ways to write it
#
# How would you tell a computer what a 7 looks like? "A bar on top and a slanted line" is a start. Now look at how people really write it. `y_train == 7`, with two equals signs, compares every label with 7 and gives `True` or `False` for each. In square brackets, this comparison picks the images for which it gives `True`. Here are the first thirty. (If you chose clothes, class 7 is sneakers.)

# %% slideshow={"slide_type": "-"}
sevens = x_train[y_train == 7]
show_images(sevens[:30], columns=5)

# %% [markdown] slideshow={"slide_type": "notes"}
# Steep and flat, thick and thin, upright and leaning: a rule that fits all of these sevens also fits some images of other digits. That is why we give the computer examples instead of rules. **Change** the 7 to another digit, run the cell again, and look for the two writers who differ most.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Lay the sevens on top of each other: one average for each pixel.\n\nA pixel that is white in nearly every 7 stays light. One that is white in only a few becomes dark grey.", "asked": "What does `axis=0` mean? The first direction of the array, which runs through the images."}
# ## The average digit
#
# If every 7 is different, what do the sevens have in common? Lay them on top of each other. `mean(axis=0)` takes the average over the first axis, which runs through all the images: one average for each pixel. A pixel that is white in nearly every 7 stays light. One that is white in only a few becomes dark grey.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [4, 5]}
if len(sevens) == 0:
    print("There is no image of class 7 here. Choose another class in the cell with sevens.")
else:
    average_seven = sevens.mean(axis=0)
    print(average_seven.shape)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Which average will be the sharpest?", "words": "", "asked": "Sharp in what way? Clear edges, nearly white ink, little grey."}
# This [**average image**](../docs/glossary.md#average-image) has 28 × 28 pixels again. The next cell draws one for every class. **Predict:** which average will be the sharpest?
#
# - **(a)** 1
# - **(b)** 5
# - **(c)** none: an average of thousands is always sharp

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("visualize.sharpest")

# %% slideshow={"slide_type": "subslide", "headline": "Where people agree, the average is sharp", "words": "In this data, most people write a 1 as one stroke.\n\nWhich averages look alike?", "asked": "Can averages recognize digits? Yes, up to a point. That comes next."}
from handwriting.visualize import show_averages

show_averages(x_train, y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a)**, for digits. In this data, most people write a 1 as one straight stroke. (Elsewhere, many people give it a hook; see notebook 7.) Where people agree, the average is sharp. Where they do not, as on the ring of a 0, it is blurred.
#
# </details>
#
# Compare the averages. A 4 and a 9 differ by one stroke at the top. A 3 and a 5 share their lower half; an 8 closes it. A 7 and a 9 lean the same way. People mix up these pairs in hurried handwriting. Your model may, too: see notebook 6.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Compare a new image with all ten averages. The class of the nearest one is the prediction.", "asked": "Is 85.5 % good? Compared with guessing, yes. For a post office, no: about one digit in seven would be wrong."}
# ## A first number to beat
#
# Averages can already recognize digits. Compare a new image with all ten, and choose the class whose average is nearest. A fair test needs new images, so the next cell sets aside the last twelfth of the training images: `[-held_out:]` picks those, and `[:-held_out]` the rest, for the averages.

# %% slideshow={"slide_type": "skip"}
import numpy as np

from handwriting.visualize import average_images

held_out = max(1, len(x_train) // 12)
averages = average_images(x_train[:-held_out], y_train[:-held_out], len(digits.class_names))
new_images, new_labels = x_train[-held_out:], y_train[-held_out:]

# %% [markdown] slideshow={"slide_type": "notes"}
# How near is an image to an average? Subtract one from the other, square the differences, and take their mean: 0 means no difference. The loop below does that for every new image, once for each of the ten averages. `axis=(1, 2)` takes the mean over rows and columns, so one number per image is left. `np.argmin` then gives the position of the smallest value, which is the class. The last lines count how often that class is the label. (`:,` puts commas between thousands; `:.1f` rounds.)

# %% slideshow={"slide_type": "-", "lines": [2, 5]}
differences = []
for average in averages:
    squares = (new_images - average) ** 2
    differences.append(squares.mean(axis=(1, 2)))
nearest = np.argmin(differences, axis=0)
right = nearest == new_labels
print(f"right: {right.sum():,} of {len(right):,} images, {100 * right.mean():.1f} %")

# %% [markdown] slideshow={"slide_type": "notes"}
# With MNIST, the result is 85.5 %, and nothing was learned except ten averages. A plain method like this is called a [**baseline**](../docs/glossary.md#baseline). The share of images it gets right is its [**accuracy**](../docs/glossary.md#accuracy), a number from 0 to 1. A model is worth the effort only if it beats the baselines. Start a table; notebooks 5 and 6 add to it:

# %% slideshow={"slide_type": "subslide", "headline": "Beat the baselines", "words": "A plain method is a **baseline**. A model is worth the effort only if it beats one.\n\n**Accuracy**: the share of predictions that are right.", "asked": "Why not start with a better model? Without a baseline, you cannot tell whether it is any better.", "lines": []}
from handwriting.visualize import accuracy_table

baselines = {"blind guessing": 1 / len(digits.class_names), "nearest average": right.mean()}
print(accuracy_table(baselines, len(right)))

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 5: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "May I look at the solution? Yes, after you have tried. `solution()` shows one of several right answers."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.pick_threes.hint()` gives a hint, and `practice.pick_threes.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import visualize as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: pick the threes.** Above, `x_train[y_train == 7]` picked all the images of a 7. Write the line that picks all the *training* images of a 3. Only one thing has to change.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
pick_threes = ...
practice.pick_threes.check(pick_threes)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: a function for the average.** Write a function that returns the average of any stack of images, pixel by pixel. `def` gives it a name, `images` is its input, and `return` is followed by the result. Your function will be tried on several small stacks.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def average_image(images):
    return ...


practice.average_image.check(average_image)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: which position?** A grid has 4 rows and 5 columns. Which number replaces the dots in `plt.subplot(4, 5, ...)` for the third position in the second row?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
subplot_position = ...
practice.subplot_position.check(subplot_position)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: what does 200 mean?** A pixel of a digit has the value 200. What does that tell you? Answer with a letter in quotes, such as `"A"`.
#
# - **A** the pixel is dark
# - **B** there are 200 pixels like this in the image
# - **C** the pixel is light: there is ink
# - **D** the image belongs to class 200

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
pixel_200 = ...
practice.pixel_200.check(pixel_200)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: one change.** Change the digit in the cell with `sevens` (call this parameter `digit`), or move the frame with `top` or `left`, as in `show_pixels(x_train[0], top=10)`. (The defaults are `top=6` and `left=8`.) Compare something that you can count or read off. Then fill in the report: the parameter, its value before and after, and a sentence about what you saw, with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- An image is an array: 0 is black, 255 is white\n- People write the same digit in many ways\n- The nearest average is a **baseline**\n\nNext: [3 Prepare](03_prepare.ipynb)", "asked": "Do averages work for other images, too? Set `data` to `\"fashion-mnist\"`, and look at the averages of clothes."}
# ## What you now know
#
# - `plt.subplot`, `plt.imshow` and `plt.title` draw a grid of images.
# - An image is an array of brightness values: 0 is black, 255 is white.
# - People write the same digit in many ways. That is why the computer learns from examples instead of rules.
# - Some digits look alike, and the averages hint at which ones.
# - Choosing the nearest average is a **baseline**. On MNIST's last 5,000 training images, its **accuracy** is 85.5 %.
#
# **The most important new words:** subplot, average image, baseline, accuracy.
#
# **Make it yours:** set `data` to `"fashion-mnist"` and find the two kinds of clothes whose averages are most alike.
#
# Next: [3 Prepare](03_prepare.ipynb), where images become rows of numbers.
