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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Teach a computer to recognize handwritten digits: not with rules, but with examples. That is **machine learning**.", "asked": "Do large AI systems learn like this, too? Yes: from examples, in many small steps, but on a far larger scale."}
# # 1 Load: get images to learn from
#
# **1 load** → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# In six short notebooks, you will teach a computer to recognize handwritten digits. Nobody tells it what a 7 looks like. It gets many examples and finds the rules by itself: that is [**machine learning**](../docs/glossary.md#machine-learning). The rules that it finds are stored as numbers, in a [**model**](../docs/glossary.md#model).
#
# **You will**
#
# - get 70,000 images of handwritten digits into the computer
# - find out what kind of [data](../docs/glossary.md#data) this is: how many images there are, how large they are, and what numbers they are made of
# - pick out one image and the digit it shows
# - say why there is a training set and a test set
#
# **Time:** 15 minutes, and 10 for the exercises. **Before you start:** nothing. Some Python helps, but you can follow without it.

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "A notebook is made of cells", "words": "Click a grey cell and press **Shift + Enter**. The output appears below it. Go from top to bottom.\n\nGot tangled up? Choose *Restart*, and begin again at the top.", "asked": "Can I break something? No. Restart, and run the cells again from the top. What you typed is kept."}
# > **In Colab, save a copy first:** *File, Save a copy in Drive*. Otherwise, your work is lost when you close the page.
# >
# > **How to use a notebook.** A notebook is made of **cells**: some hold text, and the grey ones hold code. Click a code cell and press **Shift + Enter** to run it; the output appears below it. Go from top to bottom. To try something of your own, add a cell: in JupyterLab, press **Esc**, then **B**; in Colab, click **+ Code**. If things get tangled, choose *Restart* in the menu and run the cells again from the top. Restarting erases what the code has computed, but keeps what you typed; to undo typing, press **Ctrl + Z**.
#
# > **How to read the code.** `a = b` gives the name `a` to the value `b`. `f(x)` calls the function `f` with `x` as its input. `a.b` is the part of `a` that is called `b`. `*` multiplies, `/` divides, and `**` raises to a power. `from ... import ...` fetches a tool from a [**library**](../docs/glossary.md#library), code that other people wrote for you to use. `print` shows something, `len` counts how many things there are, and the value of the last line of a cell is shown without `print`. The text after `#` is a comment: Python ignores it.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Setup
#
# The next cell gets the notebook ready. It is the same in every notebook of the workshop, and you do not need to understand it. Run it first. It prints one line that says which software versions you have, whether there is a graphics processor (GPU) to speed up the calculations, and which images are already on this machine.

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

# %% [markdown] slideshow={"slide_type": "skip"}
# The next cell holds this notebook's [**parameters**](../docs/glossary.md#parameter): values that you may change. Here, there is only one, and it says which images to load. Leave it at `"auto"` for now. Then the notebook loads MNIST, the best-known data set of handwritten digits, if it is available. Otherwise, it makes a [**stand-in data set**](../docs/glossary.md#stand-in) of similar images on this computer. The comment lists the values you can choose. (Colab turns the comment into a form.) Besides digits, there are small photos of clothes (`"fashion-mnist"`) and the letters A to J (`"letters"`).

# %% tags=["parameters"] slideshow={"slide_type": "skip"}
# the images: a name, or the path to yours
data = "auto"  # @param ["auto","mnist","fashion-mnist","letters","stand-in"] {allow-input: true}

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Draw a digit", "words": "A program that has learned from examples names the digit while you draw.\n\nCan you fool it?", "asked": "Why does the program call a scribble a digit? It compares the drawing with ten digits only. A separate rule decides when to say \"not a digit\". Notebook 7 comes back to that."}
# ## Draw first
#
# This is where you are going. Run the next cell and draw a digit on the pad, with the mouse, a finger, or the arrow keys. A program that has learned from examples names the digit while you draw. The program comes with the workshop. By the end of notebook 6, you will have built and trained a simpler one yourself, and you will know what fools it.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.pad import DrawingPad

DrawingPad()

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Six stages, one notebook each", "words": "Most machine learning projects go through stages like these. We are at the first: without data, there is nothing to learn from.", "asked": "Which stages take longest? In practice, the first three: getting, looking at and preparing the data."}
# ## Where this is going
#
# The pad shows where you will end up. Now start at the beginning. Most machine learning projects go through six stages like the ones drawn below, and each of the first six notebooks is about one of them. You are at the first: before a computer can learn, it needs something to learn from. How good it gets depends very much on the images that it learns from.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.visualize import show_diagram

show_diagram("stages")

# %% [markdown] slideshow={"slide_type": "slide", "words": "**MNIST**: 70,000 digits, written in the USA around 1990. Ten **classes**, 0 to 9.\n\nThousands of researchers have tried their ideas on it.", "asked": "Isn't MNIST solved by now? For research, yes. For learning, it is ideal: it is small and clean, and everybody's results can be compared."}
# ## Load the digits
#
# This workshop is about [**MNIST**](../docs/glossary.md#mnist): 70,000 digits that employees of the US Census Bureau and high-school students wrote on forms around 1990. It has become a standard test. Thousands of researchers have tried their ideas on it, so you can compare your result with theirs. Each image belongs to one of ten [**classes**](../docs/glossary.md#class), the digits 0 to 9.
#
# The helper `load_digits` looks for the images on this machine, then on the internet, and checks that no file is damaged. The line it prints says which images you got. (The stand-in also has 70,000 images. They are made from 1,797 other handwritten digits.)

# %% slideshow={"slide_type": "-"}
from handwriting.load import load_digits

digits = load_digits(data)

# %% [markdown] slideshow={"slide_type": "notes"}
# > **What you will see elsewhere.** [Keras](../docs/glossary.md#keras), the library that you will use from notebook 3 on, has its own loader. Many tutorials start with this line:
# >
# > `(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()`
# >
# > It loads the same data, in four arrays, and checks the file, too. The workshop's loader adds a second download address, and a stand-in for days without internet.

# %% [markdown] slideshow={"slide_type": "slide", "words": "The computer learns from the **training set**.\n\nThe **test set** is kept for the end: can the computer recognize digits it has *never seen*?", "asked": "Why not test on the training images? A program could memorize them. A student who has seen the exam questions proves nothing."}
# ## Two parts, and why
#
# The images come in two parts. The computer learns from the [**training set**](../docs/glossary.md#training-set). The [**test set**](../docs/glossary.md#test-set) is set aside. At the very end, it shows whether the computer can recognize digits it has *never seen*. A student who has seen the exam questions beforehand proves nothing, and the same goes for a computer. The images are called `x`. The [**labels**](../docs/glossary.md#label), which say what the images show, are called `y`. That makes four names:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
x_train, y_train = digits.x_train, digits.y_train
x_test, y_test = digits.x_test, digits.y_test
len(x_train), len(x_test)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "What is the shape of `x_train`?", "words": "Each image is 28 pixels wide and 28 high. There are 60,000 training images.", "asked": "What is a shape? How many numbers an array has in each direction."}
# ## What shape is the data?
#
# Each of these four names stands for an [**array**](../docs/glossary.md#array): a block of numbers, all of one type. Arrays come from the library [NumPy](../docs/glossary.md#numpy). An array's [**shape**](../docs/glossary.md#shape) says how many numbers there are in each direction. (NumPy calls a direction an **axis**, and counts the axes from 0.) Decide what you expect before you run the cell: you learn more if you [predict](../docs/glossary.md#predict) first. **Predict:** each image is 28 [pixels](../docs/glossary.md#pixel) wide and 28 high, and there are 60,000 of them for training. What is the shape of `x_train`?
#
# - **(a)** `(28, 28, 60000)`
# - **(b)** `(60000, 28, 28)`
# - **(c)** `(60000, 784)`

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("load.shape")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Images first, then rows, then columns", "words": "`y_train` has one number per image, so it has only one direction.\n\nNew data? Check the shape first.", "asked": "Why the comma in `(60000,)`? With a single number in the brackets, Python needs it: `(60000)` would be a plain number."}
x_train.shape, y_train.shape

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** First comes the number of images, then the rows of pixels, then the columns. The labels have only one direction: one number per image. Python writes that shape as `(60000,)`, with a comma.
#
# </details>
#
# Check the shape whenever you meet new data: many bugs come from arrays with an unexpected shape. The other thing to check is the type of the numbers, called [**dtype**](../docs/glossary.md#dtype):

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "What kind of numbers?", "words": "`uint8`: whole numbers from 0 to 255.\n\n0 is black, 255 is white.", "asked": "Why 255? Eight bits hold the whole numbers from 0 to 255."}
x_train.dtype, y_train.dtype

# %% [markdown] slideshow={"slide_type": "notes"}
# `uint8` is the type for whole numbers from 0 to 255, each stored in 8 bits. For a pixel, the number is its brightness: **0 is black, 255 is white**, and the numbers in between are shades of grey. Let's verify that. Here are the smallest and largest pixel values in all the training images:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
int(x_train.min()), int(x_train.max())

# %% [markdown] slideshow={"slide_type": "slide", "words": "Python counts from **0**: `x_train[0]` is the first image, `y_train[0]` its label.\n\nAn image and its label have the same **index**.", "asked": "Why does Python count from 0? The index of an element says how many come before it."}
# ## One image and its label
#
# Square brackets pick things out of an array. Python counts from **0**, so `x_train[0]` is the first image and `y_train[0]` is its label: the class it belongs to. An image and its label always have the same position, also called the [**index**](../docs/glossary.md#index). You will *see* the image in the next notebook; here are its shape and its label:

# %% slideshow={"slide_type": "-"}
first_image, first_label = x_train[0], y_train[0]
print("shape of the image:", first_image.shape)
print("label:", first_label)

# %% [markdown] slideshow={"slide_type": "notes"}
# A colon picks a [**slice**](../docs/glossary.md#slice). The slice starts at the index to the left of the colon, and stops before the index to the right: `y_train[0:10]` gives the labels at indices 0 to 9. You can slice in more than one direction. `first_image[14, 10:18]` takes row 14 of the image and, from that row, columns 10 to 17. Run the cell, then change the numbers and run it again:

# %% slideshow={"slide_type": "subslide", "headline": "A slice picks several elements", "words": "`start:stop` begins at `start` and ends *before* `stop`.", "asked": "Why is the end left out? `0:10` has ten elements, and `10:20` continues where `0:10` stops."}
print("first ten labels:", y_train[0:10])
print("eight pixels of row 14:", first_image[14, 10:18])

# %% [markdown] slideshow={"slide_type": "slide", "headline": "How many images of each digit?", "words": "There are 60,000 training images and ten classes.", "asked": "Who decides how many images there are of each digit? The people who collect the data."}
# ## How many of each digit?
#
# If nearly all images showed a 1, a lazy program could always say "1" and nearly always be right. So it is worth counting. **Predict:** there are ten classes and 60,000 training images. How many are there of each?
#
# - **(a)** exactly 6,000 of each
# - **(b)** about 6,000 of each, give or take several hundred
# - **(c)** twice as many of the digits that people write most often

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("load.counts")

# %% slideshow={"slide_type": "subslide", "headline": "Nearly equal numbers", "words": "Blind guessing is right about **10 %** of the time.\n\nCompare every result with that, not with zero.", "asked": "What if one class were rare? A program could ignore it, and still nearly always be right. So also ask how many images of the rare class the program finds."}
from handwriting.visualize import show_counts

show_counts(y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The bars are about the same height, so no digit is rare. People wrote the digits that they were asked to write, and nobody evened out the counts afterwards.
#
# </details>
#
# Nearly equal counts also give you a number to remember: blind guessing is right about **10 %** of the time. Whatever share of right answers your program reaches later, compare it with that 10 %, not with zero.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 5: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Does anybody see my answers? No. They are saved in a file on this computer and never sent anywhere."}
# ## Practice
#
# Now it is your turn. Each exercise below has a cell with three dots. Replace them with your answer and run the cell: it tells you whether you are right, and if not, why not. Try as often as you like. If you are stuck, add a cell with `practice.count_sevens.hint()`; run it again for a stronger hint. `practice.count_sevens.solution()` shows one solution. Write numbers without commas: `60000`, not `60,000`. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import load as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: count the sevens.** How many of the *training* images show a 7? Write one line that counts them. You know how to get the labels. The new part is the comparison `y_train == 7`, with two equals signs: it gives `True` or `False` for each label, and `.sum()` counts the `True` values. For example, the number of ones is `(y_train == 1).sum()`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_sevens = ...
practice.count_sevens.check(count_sevens)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: the shape of a slice.** Without running any code: what is the shape of `x_train[20:30]`? Write it in round brackets, as Python does.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
slice_shape = ...
practice.slice_shape.check(slice_shape)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: how many numbers?** How many numbers is *one* image made of? Work it out first. Then you can check your result with `x_train[0].size`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
numbers_per_image = ...
practice.numbers_per_image.check(numbers_per_image)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: why a test set?** Why does the data have a test set? Answer with a letter in quotes, such as `"A"`.
#
# - **A** so that there are more images to learn from
# - **B** to find out whether the computer can recognize images it has never seen
# - **C** because the test images are harder
# - **D** to choose the best version of the program

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
why_test_set = ...
practice.why_test_set.check(why_test_set)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: one change.** Change `data` in the parameters cell to `"stand-in"` or `"fashion-mnist"`, and run the notebook again from there. What stays the same, and what changes? Compare a count or a label. Then fill in the report: the parameter, its value before and after, and a sentence about what you saw, with both results. There is no single right answer. Report what you saw.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them for the whole series, and names those that are left in each notebook you have begun. (Four more notebooks, 7 to 10, follow the six stages. In Colab, each notebook runs on a separate computer at Google, so you see only the exercises of this notebook, and only while Colab keeps its session.) Your progress is saved in a small file in the folder `my_work` on this computer and never sent anywhere.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- **Data**: examples `x` and their labels `y`\n- **Training set** to learn from, **test set** for the end\n- An array has a **shape** and a **dtype**\n\nNext: [2 Visualize](02_visualize.ipynb)", "asked": "Do I have to remember all the new words? No. The glossary has them, and every notebook links to it."}
# ## What you now know
#
# - Machine learning starts with **data**: examples (`x`) and what they show (`y`, the **labels**).
# - The **training set** is for learning, and the **test set** is kept for the end.
# - An **array** has a **shape** and a **dtype**. `x_train` holds 60,000 images of 28 × 28 pixels, as whole numbers from 0 to 255.
# - `[ ]` picks one thing, `[ : ]` picks a **slice**, and counting starts at 0.
#
# **The most important new words:** data, training set, test set, label, class, library, array, shape, dtype, pixel, index, slice.
#
# **Make it yours:** `load_digits` also accepts the path of an `.npz` file (NumPy's format for several arrays) with your own images (`x_train`, `y_train`, `x_test`, `y_test`).
#
# Next: [2 Visualize](02_visualize.ipynb), where you finally see the images.
