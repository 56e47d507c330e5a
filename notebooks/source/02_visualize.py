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
# # 2 Visualize: look before you compute
#
# [1 load](01_load.ipynb) → **2 visualize** → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - draw nine digits yourself, with nine lines of code
# - see that a picture is nothing but numbers
# - find out how differently people write, and which digits look alike
#
# **Time:** 10 minutes, and 10 for the exercises. **Before you start:** notebook 1, or at least: pictures are `x`, labels are `y`.

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

# %% [markdown] slideshow={"slide_type": "skip"}
# This notebook starts in a fresh, empty Python, which knows nothing of the one before. So the next box catches up with stage 1: it loads the pictures again and gives the training part its usual names. Every notebook of this workshop begins like that, so you can open any of them alone.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits

digits = load_digits(data)
x_train, y_train = digits.x_train, digits.y_train

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why look at all?
#
# Because the computer will not. Turned pictures, wrong labels, a class that is missing, white paper instead of black: a program computes with all of that and says nothing. People find it in a minute, by looking. So it is a habit worth having: **look at your data before you compute with it**.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Nine digits by hand
#
# [Matplotlib](../docs/glossary.md#matplotlib) is Python's drawing library. A [**subplot**](../docs/glossary.md#subplot) is one field of a grid: `plt.subplot(3, 3, 1)` means "a grid of 3 rows and 3 columns, field number 1". `imshow` draws an array as a picture; `cmap="gray"` says that small numbers are dark and large ones light, and `interpolation="none"` keeps every pixel a sharp square. `for i in range(...):` does the indented lines nine times, with `i` from 0 to 8, or less often if there are fewer pictures. (With `parse_math=False`, a `$` in a title is a letter and does not begin a formula.)

# %% slideshow={"slide_type": "subslide"}
import matplotlib.pyplot as plt

plt.figure(figsize=(5, 5))
for i in range(min(9, len(x_train))):
    plt.subplot(3, 3, i + 1)
    plt.imshow(x_train[i], cmap="gray", interpolation="none")
    plt.title(f"class {digits.class_names[y_train[i]]}", parse_math=False)
    plt.axis("off")
plt.tight_layout()
plt.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# There they are: white ink on black paper, with the label above each. People assigned the labels of MNIST, and of the clothes. The letters A to J that this workshop draws got their labels from the program that drew them. Read the nine yourself. Do you agree with all of them? If you hesitate anywhere, keep in mind that the computer will only ever be told the label, never your doubt.
#
# You have now done it by hand once. From here on, a helper does the same in one line, for as many pictures as you like. Here are fifty:

# %% slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_images

show_images(x_train[:50])

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Move it yourself.** The slider below goes through all the training pictures. Drag it, or click it and use the arrow keys. (Where you only read and nothing runs, you see the first picture.) Find one that you would have labelled differently.

# %% slideshow={"slide_type": "fragment"}
from handwriting.widgets.playground import image_playground

image_playground(x_train, y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A picture is numbers
#
# A computer has no eyes. What it gets is the array. On the left below is the first picture, with a small part framed. On the right you see that part again, with the number of each pixel written into it. **Predict:** which numbers stand in the black pixels, and which in the whitest ones?
#
# - **(a)** 0 in black, about 255 in white
# - **(b)** 255 in black, 0 in white, like ink on paper
# - **(c)** 0 in black, 1 in white

# %% slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_pixels

show_pixels(x_train[0])

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (a).** Black is 0 and the brightest ink is close to 255. At the edge of a stroke there are numbers between, because the pen covered only a part of that pixel. Nothing in the numbers says "this is a digit". Whatever finds the digit in them has to work with brightness alone. That is the whole task, and rules for it that people write by hand soon reach their limits.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Many hands, one digit
#
# How would you tell a computer what a 7 looks like? "A bar on top and a slanted line" is a start. Now look at how people really write it. `y_train == 7`, with two equal signs, compares every label with 7 and gives `True` or `False` for each; used in square brackets, it picks the pictures where it says `True`. The first forty of them (if you chose clothes, class 7 is sneakers):

# %% slideshow={"slide_type": "subslide"}
sevens = x_train[y_train == 7]
show_images(sevens[:40])

# %% [markdown] slideshow={"slide_type": "subslide"}
# Steep and flat, thick and thin, upright and leaning: a rule that fits all of these also fits some pictures of other digits. This is why we do not write rules, but show examples. **Change** the 7 to another digit, run the box again, and look for the two writers who differ most.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The average digit
#
# What is common to all the 7s, if each is different? Lay them over each other. `mean(axis=0)` takes the average over the first direction, which is "all pictures", pixel by pixel. A pixel that is white in nearly every 7 stays light, one that is white in a few becomes dark grey.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
if len(sevens) == 0:
    print("There is no picture of class 7 here. Take another class in the box with sevens.")
else:
    average_seven = sevens.mean(axis=0)
    print(average_seven.shape)

# %% [markdown] slideshow={"slide_type": "subslide"}
# This [**average image**](../docs/glossary.md#average-image) is again a picture of 28 × 28. **Predict** before the next box, which draws the average of every class. Which will be the sharpest?
#
# - **(a)** 0 and 1
# - **(b)** 4 and 5
# - **(c)** all the same: an average of thousands is always sharp

# %% slideshow={"slide_type": "fragment"}
from handwriting.visualize import show_averages

show_averages(x_train, y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (a)**, for digits. There is little choice in how to write a 0 or a 1. Where people agree, the average is sharp. Where they do not, it is a blur. Now compare the digits' shapes: 4 and 9 differ by one stroke at the top. 3, 5 and 8 share their lower half. 7 and 9 have the same back. Those are the pairs that people mix up in hurried handwriting, and your network may have trouble with some of them too. Remember your guess; in notebook 6 you will check it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.pick_threes.hint()`; asked again, it gives a stronger hint. `practice.pick_threes.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import visualize as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: pick.** Above, one line picked all the pictures of a 7. Write the line that picks all the *training* pictures of a 3. The line from above is there again; something in it has to change: `x_train[y_train == 7]`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
pick_threes = ...
practice.pick_threes.check(pick_threes)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: a function of your own.** Write a function that gives the average of any stack of pictures, pixel by pixel. `def` gives it a name, `images` is what it gets, and what follows `return` is what it gives back. It will be tried on several small stacks.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def average_picture(images):
    return ...


practice.average_picture.check(average_picture)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: which field?** A grid has 4 rows and 5 columns. Which number does `plt.subplot(4, 5, ...)` take for the third field in the second row?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
field_number = ...
practice.field_number.check(field_number)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** A pixel of a digit has the value 200. What does that say?
#
# - **A** the pixel is dark
# - **B** there are 200 such pixels in the picture
# - **C** the pixel is light: there is ink
# - **D** the picture belongs to class 200

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
pixel_200 = ...
practice.pixel_200.check(pixel_200)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: one knob.** Change the digit in the box with `sevens` (knob `digit`), or move the frame of `show_pixels` with `top=` or `left=`. Compare something that you can count or read off. Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

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
# - `plt.subplot`, `plt.imshow` and `plt.title` draw a grid of pictures.
# - A picture is an array of brightness: 0 black, 255 white.
# - People write one digit in many ways. That is why we learn from examples and do not write rules.
# - Some digits look alike, and a look at the averages gives a first hint which.
#
# **New words:** subplot, average image.
#
# **Make it yours:** set `data` to `"fashion-mnist"` and find the two kinds of clothes whose averages are most alike.
#
# Next: [3 Prepare](03_prepare.ipynb), where pictures become rows of numbers.
