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
# # 3 Prepare: numbers that a network can read
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → **3 prepare** → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - turn each 28 × 28 picture into one row of 784 numbers
# - bring those numbers into the range from 0 to 1
# - write labels as [**one-hot**](../docs/glossary.md#one-hot) rows, first by hand, then with Keras
# - set 5,000 pictures aside to watch the learning with
#
# **Time:** 15 minutes, and 15 for the exercises. **Before you start:** you know what shape and dtype are (notebook 1).

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
# Catching up with stage 1: load the pictures and labels, and give all four arrays their usual names.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits

digits = load_digits(data)
x_train, y_train = digits.x_train, digits.y_train
x_test, y_test = digits.x_test, digits.y_test

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From a square to a row
#
# The network that you will build reads a plain list of numbers. So each square picture is laid out as one row: first the top row of pixels, then the one below it, and so on to the bottom. This is called [**flattening**](../docs/glossary.md#flatten). The numbers keep their order, and none is lost; but the row no longer shows which pixel lay below which.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.visualize import show_diagram

show_diagram("flatten")

# %% [markdown] slideshow={"slide_type": "subslide"}
# NumPy's `reshape` does this. You tell it the new shape: as many rows as there are pictures, `len(x_train)`, and 784 columns. Its one rule: **the number of elements must stay the same**. The result gets a new name, so that you can run the box again without harm. **Predict:** which shape will `flat_train` have?
#
# - **(a)** `(60000, 784)`
# - **(b)** `(47040000,)`
# - **(c)** `(60000, 56)`

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
flat_train = x_train.reshape(len(x_train), 784)
flat_test = x_test.reshape(len(x_test), 784)
flat_train.shape, flat_test.shape

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (a).** Each picture keeps a row of its own, and 28 × 28 is 784, so the rule holds. A shape with the wrong *number* of elements is refused, and that is good: an error now is better than nonsense later. (A wrong shape with the right number is not refused: `(784, len(x_train))` would pass and scramble the pictures.) The next box tries it with 700 columns. `try` and `except` catch the error, so that you can read it in peace:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
try:
    x_train.reshape(len(x_train), 700)
except ValueError as error:
    print("NumPy says:", error)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From 0…255 to 0…1
#
# A network learns by many small corrections, and it starts with small numbers inside. Inputs of about 1 suit it; inputs of 255 can make its first [steps](../docs/glossary.md#step) wild, and the learning slow or unstable. So you divide every pixel by 255. First the type: `uint8` knows no fractions. `float32` does, and it is what Keras computes with; NumPy's own choice, `float64`, would need twice the memory. Then `/ 255` divides **each element**, all 47 million of them, without a loop.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
scaled_train = flat_train.astype("float32") / 255
scaled_test = flat_test.astype("float32") / 255
float(scaled_train.min()), float(scaled_train.max()), scaled_train.dtype

# %% [markdown] slideshow={"slide_type": "subslide"}
# Did the picture survive? To see it, you need the square again: the same `reshape`, backwards. This is the first picture as the network will get it, flattened, [scaled](../docs/glossary.md#scale) and laid out again. Compare it with the one in notebook 2. It looks the same, because only the scale of the numbers changed.

# %% slideshow={"slide_type": "fragment"}
from handwriting.visualize import show_images

show_images(scaled_train[0].reshape(28, 28), "after")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Labels: why not the number itself?
#
# The label of the first picture is a number, and networks like numbers. Why not use it as it is? Because these numbers are **names**. An 8 is not twice a 4, and reading a 3 as a 4 is no smaller mistake than reading it as a 9. If the network answered with one number, a picture between 3 and 9 would get the answer 6. Names need another form: one slot for each, and a mark in the slot that is right. That is called **one-hot**.
#
# Start with something that is clearly no number: colours. How would you write them as rows of 0 and 1? The recipe: collect the different values, start a row of zeros for each label, and set one slot to 1. (`dict.fromkeys` keeps each value once, `index` tells where one stands.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide"}
colours = ["red", "blue", "green", "blue"]
values = list(dict.fromkeys(colours))
for colour in colours:
    row = [0] * len(values)
    row[values.index(colour)] = 1
    print(f"{colour:6}", row)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now the same for digits. The values are 0 to 9, so each row has ten slots, and digit 3 sets slot 3: the **fourth**, because counting starts at 0. `np.zeros` makes a table of zeros. The line `table[digit, digit] = 1` is the whole algorithm: in row 0 set slot 0, in row 1 set slot 1, and so on.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import numpy as np

table = np.zeros((10, 10), dtype=int)
for digit in range(10):
    table[digit, digit] = 1
    print(digit, "→", table[digit])

# %% [markdown] slideshow={"slide_type": "subslide"}
# You know how it works, so a library may do it from here on. `to_categorical` belongs to **Keras**, the library that you will build the network with. It comes with [**TensorFlow**](../docs/glossary.md#tensorflow), which does the computing. Importing TensorFlow takes some seconds. **Predict:** there are 60,000 training labels and ten classes. Which shape will the result have?
#
# - **(a)** `(60000,)`
# - **(b)** `(60000, 10)`
# - **(c)** `(10, 60000)`

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
import tensorflow as tf

classes = len(digits.class_names)
one_hot_train = tf.keras.utils.to_categorical(y_train, classes)
one_hot_test = tf.keras.utils.to_categorical(y_test, classes)
one_hot_train.shape, one_hot_test.shape

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is (b).** One row per picture, one slot per class. Check one of them: the first label as a number, and as a row. The 1 must stand in the slot that the number names. [`argmax`](../docs/glossary.md#argmax) goes the other way: it tells **where** in the row the largest value stands. You will need it in notebook 6 to read the network's answers.

# %% slideshow={"slide_type": "fragment"}
print("label:  ", y_train[0])
print("one-hot:", one_hot_train[0].astype(int))
print("back:   ", one_hot_train[0].argmax())

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three parts, not two
#
# While the network learns, you want to know how well it does on pictures that it does not learn from. The test set could tell. But if you look at it after every try and keep what scores best, you have fitted your choices to it, and its verdict is worth less. So the test set stays in the drawer until notebook 6, where you look **once**. To watch the learning, you hold out a part of the training pictures: the [**validation set**](../docs/glossary.md#validation-set), one picture in twelve, and at least one. `[:-held_out]` means all but the last `held_out`, and `[-held_out:]` means only those.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
held_out = max(1, len(x_train) // 12)
learn_x, learn_y = scaled_train[:-held_out], one_hot_train[:-held_out]
validation_x, validation_y = scaled_train[-held_out:], one_hot_train[-held_out:]
len(learn_x), len(validation_x), len(scaled_test)

# %% [markdown] slideshow={"slide_type": "subslide"}
# | part | what for | how often you look |
# |---|---|---|
# | training | the network learns from it | all the time |
# | validation | you watch the learning and choose settings | all the time |
# | test | the final exam | once, at the end |
#
# All of this notebook in one line is `prepared(digits)`. The next notebooks start with it, so that you need not copy the boxes above. It makes the same arrays; let us check that, and not believe it. `np.array_equal` compares every element of the first 10,000 rows:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "fragment"}
from handwriting.prepare import prepared

ready = prepared(digits)
print("pictures:", np.array_equal(ready.x_train[:10000], learn_x[:10000]))
print("labels:  ", np.array_equal(ready.y_train, learn_y))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Practice
#
# Now you. Each box below has three dots in it. Put your answer in their place and run the box: it tells you whether you are right, and if not, why. Try as often as you like. When you are stuck, add a box with `practice.flat_length.hint()`; asked again, it gives a stronger hint. `practice.flat_length.solution()` shows an answer. The next box gets the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import prepare as practice

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 1: how long?** You get pictures of 32 × 32 pixels. How long is a flattened one?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
flat_length = ...
practice.flat_length.check(flat_length)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 2: which shape?** Five of our pictures, `x_train[:5]`, are flattened. Which shape does the result have? Write it in round brackets.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
flat_shape = ...
practice.flat_shape.check(flat_shape)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 3: one-hot by hand.** Write a function that takes an array of labels and the number of classes, and gives a table: one row per label, with a 1 in the label's slot. `np.zeros((rows, columns))` makes a table of zeros. It will be tried on several labels.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def one_hot_by_hand(labels, classes):
    return ...


practice.one_hot_by_hand.check(one_hot_by_hand)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 4: the right order.** These are the steps that make one-hot rows of colours. Put them into an order that works, as one word of five letters in quotes.
#
# - **A** find out which slot belongs to the label
# - **B** put the row into the table
# - **C** collect the different values
# - **D** set that slot to 1
# - **E** start a row with a zero for each value

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
recipe = ...
practice.recipe.check(recipe)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 5: choose.** Why does the network get one-hot rows and not the digits themselves?
#
# - **A** the digits are names, and numbers would claim that some of them are closer to each other
# - **B** one-hot rows need less memory
# - **C** because an 8 is twice a 4, which the network must know
# - **D** large numbers slow the computer down

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
names_not_numbers = ...
practice.names_not_numbers.check(names_not_numbers)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 6: choose.** You train five networks with different settings. On which pictures do you compare them?
#
# - **A** on the training pictures
# - **B** on the validation pictures
# - **C** on the test pictures
# - **D** it does not matter, both validation and test pictures are unseen

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
which_part = ...
practice.which_part.check(which_part)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Exercise 7: one knob.** Divide by another number than 255 in the box that scales (knob `divisor`), or hold out another number of pictures (knob `held_out`). Look at what the box says, then put it back. Then fill in the report: which knob, its value before and after, and what you saw, in a sentence with both results. No certain number is expected. Evidence is.

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
# - `reshape` changes the shape, never the number of elements: 28 × 28 becomes 784.
# - `astype("float32") / 255` brings pixels into the range from 0 to 1.
# - **One-hot** rows are for names that look like numbers; `to_categorical` makes them, `argmax` reads them.
# - A **validation set** is for watching and choosing; the test set is for the end.
#
# **New words:** flatten, scale, one-hot, validation set, argmax.
#
# **Make it yours:** write your first name's letters as one-hot rows, with 26 slots each.
#
# Next: [4 Build](04_build.ipynb), where the network gets its layers.
