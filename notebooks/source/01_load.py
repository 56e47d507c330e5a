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
# # 1 Load: get pictures to learn from
#
# **1 load** → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# In six short notebooks you will teach a computer to read handwritten digits. Nobody tells it what a 7 looks like. It gets many examples and finds out by itself: that is [**machine learning**](../docs/glossary.md#machine-learning). The rules that it finds are kept as numbers, in what is called a [**model**](../docs/glossary.md#model).
#
# **You will**
#
# - get 70,000 pictures of handwritten digits into the computer
# - find out what kind of [data](../docs/glossary.md#data) they are: how many, how large, which numbers
# - pick out one picture and the digit that it shows
# - say why there is a training set and a test set
#
# **Time:** 10 minutes, and 10 for the exercises. **Before you start:** nothing. Some Python helps, but you can follow without it.

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **How to use a notebook.** The grey boxes hold code. Click one and press **Shift + Enter** to run it; what it says appears below. Go from top to bottom. To try something of your own, add a box: press **Esc**, then **B** in JupyterLab, or click **+ Code** in Colab. You cannot break anything: *Restart* in the menu brings you back to the start.
#
# > **How to read the code.** `a = b` gives the name `a` to something. `f(x)` asks `f` to do its work on `x`. `a.b` is the part `b` of `a`. `from ... import ...` fetches a tool from a [**library**](../docs/glossary.md#library), code that others wrote for you. `print` shows something, and the last line of a box shows its value by itself. What follows a `#` is a note for people.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Setup
#
# This box makes the notebook ready. It looks the same in every notebook of the workshop, and you need not understand it. Run it first. It prints one line that says which versions you have, whether a graphics processor (GPU) helps with the computing, and which pictures are on this machine already.

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
# The next box holds this notebook's [**parameters**](../docs/glossary.md#parameter): settings that you may change. There is one, and it says which pictures to load. Leave `"auto"` for now: it takes the famous ones if they can be had, and look-alikes made on this computer if there is no internet. What stands behind the `#` is a note: the values that it takes, and what it is for. (Colab makes a form of it.)

# %% tags=["parameters"] slideshow={"slide_type": "skip"}
data = "auto"  # @param ["auto", "mnist", "fashion-mnist", "letters", "stand-in"] {allow-input: true} # which pictures, or a path to yours

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Draw first
#
# This is where you are going. Run the next box, and draw a digit on the pad: with the mouse, a finger, or the arrow keys. A program that has learned from examples, and that comes with the workshop, reads it while you draw. In ninety minutes you will have built such a program yourself, and you will know what fools it.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.pad import DrawingPad

DrawingPad()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where this is going
#
# That was the end of the story; now comes its beginning. Most machine learning projects go through six stages like these, and each notebook is about one of them. The line below draws them. You are at the first: before anyone can learn, there must be something to learn from. How good the computer becomes depends very much on these pictures.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.visualize import show_diagram

show_diagram("stages")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Load the digits
#
# This workshop is about [**MNIST**](../docs/glossary.md#mnist): 70,000 digits that employees of the US Census Bureau and high-school students wrote on forms, around 1990. They became a standard test: thousands of researchers have tried their ideas on them, so you can compare your result with theirs. Each picture belongs to one of ten [**classes**](../docs/glossary.md#class), the digits 0 to 9. (If there is no internet, a [stand-in](../docs/glossary.md#stand-in) takes its place: 70,000 pictures of the same kind, made from 1,797 others.) The helper `load_digits` looks for the pictures on this machine, then on the internet, and checks that no file is damaged. The line that it prints says which pictures you got.

# %% slideshow={"slide_type": "fragment"}
from handwriting.load import load_digits

digits = load_digits(data)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **The same in other people's code.** [Keras](../docs/glossary.md#keras), the library that you will use from notebook 3 on, has a loader too. You will meet this line in many tutorials:
# >
# > `(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()`
# >
# > It gives MNIST as the same four arrays. Ours adds a check, a second address, and pictures for days without internet.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two parts, and why
#
# The pictures come in two parts. The [**training set**](../docs/glossary.md#training-set) is what the computer learns from. The [**test set**](../docs/glossary.md#test-set) is kept aside to find out, at the very end, whether it can read digits it has *never seen*. A student who knows the exam questions beforehand proves nothing, and it is the same here. The pictures are called `x` and what they show, the [**labels**](../docs/glossary.md#label), `y`. Four names:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
x_train, y_train = digits.x_train, digits.y_train
x_test, y_test = digits.x_test, digits.y_test
len(x_train), len(x_test)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What shape is the data?
#
# Each of the four is an [**array**](../docs/glossary.md#array): a block of numbers, all of one type, from the library [NumPy](../docs/glossary.md#numpy). Its [**shape**](../docs/glossary.md#shape) says how many numbers lie along each direction. Before you run the box, say what you expect: whoever [predicts](../docs/glossary.md#predict) first learns more from what comes. **Predict:** There are 60,000 pictures, each 28 [pixels](../docs/glossary.md#pixel) high and 28 wide. Which shape has `x_train`?
#
# - **(a)** `(28, 28, 60000)`
# - **(b)** `(60000, 28, 28)`
# - **(c)** `(60000, 784)`

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
x_train.shape, y_train.shape

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** First how many pictures, then rows of pixels, then columns. The labels have one direction only: one number per picture. Say the shapes aloud when you meet new data. (`(60000,)`, with a comma, is a shape with one direction.) Many errors in this field are arrays whose shape is not what someone thought.
#
# The other thing to ask is the type of the numbers, called [**dtype**](../docs/glossary.md#dtype):

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
x_train.dtype, y_train.dtype

# %% [markdown] slideshow={"slide_type": "subslide"}
# `uint8` is a whole number from 0 to 255 that fits into 8 bits. For a pixel it is the brightness: **0 is black, 255 is white**, and what lies between is grey. Let us make sure. The smallest and the largest pixel of all the training pictures:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
int(x_train.min()), int(x_train.max())

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One picture and its label
#
# Square brackets pick things out of an array. Python counts from **0**, so `x_train[0]` is the first picture and `y_train[0]` is its label: the class that it is said to show. A picture and its label always have the same position, also called [**index**](../docs/glossary.md#index). You will *see* the picture in the next notebook; here is its shape, and its label:

# %% slideshow={"slide_type": "fragment"}
first_image, first_label = x_train[0], y_train[0]
print("shape of the picture:", first_image.shape)
print("label:", first_label)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A colon picks a [**slice**](../docs/glossary.md#slice), from the first position up to, but without, the second: `y_train[0:10]` gives the labels at indices 0 to 9. You can slice in more than one direction. `first_image[14, 10:18]` takes row 14 of the picture, and of that row the columns 10 to 17. Try both, then change the numbers and run the box again:

# %% slideshow={"slide_type": "fragment"}
print("first ten labels:", y_train[0:10])
print("eight pixels of row 14:", first_image[14, 10:18])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How many of each digit?
#
# If nearly all pictures showed a 1, a lazy computer could say "1" every time and be right nearly always. So it is worth counting. **Predict:** ten classes and 60,000 training pictures. How many are there of each?
#
# - **(a)** exactly 6,000 of each
# - **(b)** about 6,000 of each, some hundreds more or less
# - **(c)** twice as many of the digits that people write most

# %% slideshow={"slide_type": "subslide"}
from handwriting.visualize import show_counts

show_counts(y_train, digits.class_names)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** The bars are about equally high, so no digit is rare. That also gives you a number to remember: someone who guesses blindly is right about **one time in ten**. Whatever your program reaches later has to be compared with that 10 %, not with zero.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.count_sevens.hint()`; asked again, it gives a stronger hint. `practice.count_sevens.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import load as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: count.** How many of the *training* pictures show a 7? Write one line that counts them. You know how to get the labels. New is the comparison: `y_train == 7`, with two equal signs, gives `True` or `False` for each label, and `.sum()` counts the `True` ones. As an example, the number of ones would be `(y_train == 1).sum()`.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
count_sevens = ...
practice.count_sevens.check(count_sevens)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: a shape.** Without running it: which shape has `x_train[20:30]`? Write it in round brackets, as Python does.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
slice_shape = ...
practice.slice_shape.check(slice_shape)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: how many numbers?** How many numbers does *one* picture consist of? Work it out first. `x_train[0].size` would tell you, too.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
numbers_in_picture = ...
practice.numbers_in_picture.check(numbers_in_picture)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: choose.** Why does the data have a test set? Answer with a letter in quotes, such as `"A"`.
#
# - **A** so that there are more pictures to learn from
# - **B** to find out whether the computer can read pictures that it has never seen
# - **C** because the test pictures are harder
# - **D** to choose the best settings with

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
why_test_set = ...
practice.why_test_set.check(why_test_set)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: one knob.** Change `data` in the parameters to `"stand-in"` or `"fashion-mnist"`, and run the notebook again from there. What stays the same, what changes? Compare a count, or a label. Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

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
# - Machine learning starts with **data**: examples (`x`) and what they show (`y`, the **labels**).
# - A **training set** to learn from, and a **test set** that is kept for the end.
# - An **array** has a **shape** and a **dtype**. Ours: many pictures of 28 × 28 pixels, whole numbers from 0 to 255.
# - `[ ]` picks one thing, `[ : ]` a **slice**, and counting starts at 0.
#
# **New words:** data, training set, test set, label, class, library, array, shape, dtype, pixel, index, slice.
#
# **Make it yours:** `load_digits` also takes the path of an `.npz` file with your own pictures (`x_train`, `y_train`, `x_test`, `y_test`).
#
# Next: [2 Visualize](02_visualize.ipynb), where you finally see them.
