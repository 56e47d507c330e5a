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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Images become rows of numbers from 0 to 1. Labels become one-hot rows. And some images are set aside.", "asked": "Could the network take the images as they are? Not this one: it computes with one row of numbers. Notebook 8 builds one that takes square images."}
# # 3 Prepare: numbers that a network can use
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → **3 prepare** → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb)
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - turn each 28 × 28 image into one row of 784 numbers
# - bring those numbers into the range from 0 to 1
# - write labels as [**one-hot**](../docs/glossary.md#one-hot) rows, first by hand, then with Keras
# - set 5,000 images aside to check how well the network learns
#
# **Time:** 15 minutes, and 20 for the exercises. **Before you start:** you know what shape and dtype are (notebook 1).

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
# The next cell repeats stage 1: it loads the images and labels, and gives all four arrays their usual names.

# %% slideshow={"slide_type": "skip"}
from handwriting.load import load_digits

digits = load_digits(data)
x_train, y_train = digits.x_train, digits.y_train
x_test, y_test = digits.x_test, digits.y_test

# %% [markdown] slideshow={"slide_type": "slide", "words": "The network takes a **vector**. **Flattening** lays the rows of pixels end to end: 784 **features**.", "asked": "Is anything lost? No number is. But the row no longer shows which pixel was below which."}
# ## From a square to a row
#
# The model that you will build is a [**neural network**](../docs/glossary.md#neural-network); notebook 4 shows what is in it. Its input is a [**vector**](../docs/glossary.md#vector): one row of numbers. So each square image is laid out as one row: first the top row of pixels, then the one below it, and so on to the bottom. This is called [**flattening**](../docs/glossary.md#flatten). No number is lost, but the row no longer shows which pixel was below which. The 784 numbers that describe one image are its [**features**](../docs/glossary.md#feature).

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-"}
from handwriting.visualize import show_diagram

show_diagram("flatten")

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What is the shape of `flat_train`?", "words": "The images are square. The number of elements must stay the same.", "asked": "Does `reshape` change `x_train`? No. The result gets a new name."}
# NumPy's `reshape` flattens the images. You give it the new shape, and it has one rule: **the number of elements must stay the same**. Each image will become one row. The result gets a new name, so you can run the cell again without harm. **Predict:** what will the shape of `flat_train` be?
#
# - **(a)** `(60000, 784)`
# - **(b)** `(47040000,)`
# - **(c)** `(784, 60000)`

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("prepare.flat")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "Each image gets its own row", "words": "28 × 28 is 784.", "asked": "Why `len(x_train)` and not 60000? So that the line works with other data, too."}
flat_train = x_train.reshape(len(x_train), 784)
flat_test = x_test.reshape(len(x_test), 784)
flat_train.shape, flat_test.shape

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** Images come first, as before: each gets its own row. And 28 × 28 is 784, so the number of elements stays the same.
#
# </details>
#
# NumPy refuses a shape with a different *number* of elements. That is good: an error now is better than nonsense later. (NumPy does not refuse a wrong shape if the number is right: `(784, len(x_train))` would be accepted, and would scramble the images.) The next cell tries 700 columns. `try` and `except` catch the error, so that the notebook goes on and you can read the message:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "The wrong number of elements is refused", "words": "An error now is better than nonsense later.", "asked": "Does NumPy notice every mistake? No. A wrong shape with the right number of elements scrambles the images.", "lines": [2, 2]}
try:
    x_train.reshape(len(x_train), 700)
except ValueError as error:
    print("NumPy says:", error)

# %% [markdown] slideshow={"slide_type": "slide", "words": "A network learns well with inputs between 0 and 1.\n\n`uint8` cannot hold fractions; `float32` can. `/ 255` divides all 47 million numbers, without a loop.", "asked": "Why not `float64`? It needs twice the memory, and the network learns no better."}
# ## From 0…255 to 0…1
#
# A network starts with small random numbers inside and improves them in many small [training steps](../docs/glossary.md#step). That works well with inputs between 0 and 1. Inputs of up to 255 can make the first steps far too large, and learning slow or unstable. So you divide every pixel by 255.
#
# The type comes first: `uint8` cannot hold fractions. `float32` can, and Keras computes with it. (Without this step, NumPy would choose `float64`, which needs twice the memory.) Then `/ 255` divides **each element**, all 47 million of them, without a loop.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [1, 2]}
scaled_train = flat_train.astype("float32") / 255
scaled_test = flat_test.astype("float32") / 255
float(scaled_train.min()), float(scaled_train.max()), scaled_train.dtype

# %% [markdown] slideshow={"slide_type": "notes"}
# Did the image survive? To see it, you need the square again, so use `reshape` in the other direction. This is the first image as the network will get it, flattened and [scaled](../docs/glossary.md#scale), but laid out as a square again. Compare it with the one in notebook 2. It looks the same, because only the range of the numbers has changed.

# %% slideshow={"slide_type": "skip"}
from handwriting.visualize import show_images

show_images(scaled_train[0].reshape(28, 28), "after")

# %% [markdown] slideshow={"slide_type": "slide", "headline": "A label is a name, not a number", "words": "An 8 is not twice a 4. There is no 6 halfway between a 3 and a 9.\n\n**One-hot**: one element per class, a 1 for the right one.", "asked": "Why colours? Nobody mistakes a colour for a number."}
# ## Labels: why not the number itself?
#
# The label of the first image is already a number. Why not use it as it is? Because the numbers are **names** here. An 8 is not twice a 4, and mistaking a 3 for a 4 is no better than mistaking it for a 9. If the network predicted a single number, an image halfway between a 3 and a 9 would become a 6. So each name gets a vector: one element per class, with a 1 for the right class and 0 everywhere else. That is called **one-hot**.
#
# Start with names that are clearly not numbers: colours. Collect the different values, start a row of zeros for each label, and set one element to 1. (`dict.fromkeys` keeps each value once; `index` finds the position of a value.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [5, 6]}
colours = ["red", "blue", "green", "blue"]
values = list(dict.fromkeys(colours))
for colour in colours:
    row = [0] * len(values)
    row[values.index(colour)] = 1
    print(f"{colour:6}", row)

# %% [markdown] slideshow={"slide_type": "notes"}
# Now the same for digits. The values are 0 to 9, so each row has ten elements. For a 3, the element at index 3 is set to 1. That is the **fourth** one, because counting starts at 0. `np.zeros` makes a table of zeros. The line `table[digit, digit] = 1` is the whole algorithm: in row 0, set element 0; in row 1, set element 1; and so on.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
import numpy as np

table = np.zeros((10, 10), dtype=int)
for digit in range(10):
    table[digit, digit] = 1
    print(digit, "→", table[digit])

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What is the shape of the result?", "words": "`to_categorical` turns 60,000 labels of ten classes into one-hot rows.", "asked": "Why use a library if I can write the code myself? Now you know what the library does. From here on, it saves you the typing."}
# Now that you know how one-hot rows are made, you can leave that to a library. `to_categorical` is part of **Keras**, the library you will build the network with. Keras runs on [**TensorFlow**](../docs/glossary.md#tensorflow), which does the computing. Importing TensorFlow takes a few seconds. **Predict:** there are 60,000 training labels and ten classes. What is the shape of the one-hot table?
#
# - **(a)** `(60000,)`
# - **(b)** `(60000, 10)`
# - **(c)** `(10, 60000)`

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("prepare.one_hot")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "One row per image, one column per class", "words": "", "asked": "What do so many numbers cost? A few megabytes of memory.", "lines": [4, 6]}
import tensorflow as tf

classes = len(digits.class_names)
one_hot_train = tf.keras.utils.to_categorical(y_train, classes)
one_hot_test = tf.keras.utils.to_categorical(y_test, classes)
one_hot_train.shape, one_hot_test.shape

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** There is one row per image and one column per class.
#
# </details>
#
# Check one of the one-hot rows: here is the first label as a number and as a row. The index of the 1 must be the label. [`argmax`](../docs/glossary.md#argmax) goes the other way: it gives the **index** of the largest value in a row. You will need it in notebook 6 to turn the network's output back into a digit.

# %% slideshow={"slide_type": "subslide", "headline": "`argmax` goes the other way", "words": "It gives the **index** of the largest value in a row. Notebook 6 uses it to turn predictions into digits.", "asked": "Why does `argmax` not return the 1 itself? You know that value already. Its position is the label."}
print("label:  ", y_train[0])
print("one-hot:", one_hot_train[0].astype(int))
print("back:   ", one_hot_train[0].argmax())

# %% [markdown] slideshow={"slide_type": "slide", "words": "If you compare networks on the test set, you fit your choices to it.\n\nInstead, one training image in twelve goes into the **validation set**.", "asked": "The network does not learn from the test set, so why not look? You learn from it: you keep what scores best."}
# ## Three parts, not two
#
# While the network learns, you want to know how well it does on images that it does not learn from. The test set could tell you. But if you use it after every try and keep whatever scores best, you have fitted your choices to it, and its score is no longer a fair estimate. So leave the test set alone until notebook 6, where you use it **once**. To check how well the network learns, set aside part of the training images: the [**validation set**](../docs/glossary.md#validation-set). It is one twelfth of them, but at least one image. `[:-held_out]` means all but the last `held_out` images; `[-held_out:]` means only those.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [4, 4]}
held_out = max(1, len(x_train) // 12)
learn_x, learn_y = scaled_train[:-held_out], one_hot_train[:-held_out]
validation_x, validation_y = scaled_train[-held_out:], one_hot_train[-held_out:]
len(learn_x), len(validation_x), len(scaled_test)

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What is each part for?", "words": "| part | purpose | how often |\n|---|---|---|\n| training | to learn from | all the time |\n| validation | to check and compare | all the time |\n| test | to measure the finished network | once |", "asked": "How large should each part be? Large enough that chance matters little: thousands here, more if differences are small."}
# | part | what it is for | how often you look |
# |---|---|---|
# | training | the network learns from it | all the time |
# | validation | you check how well it learns, and compare choices | all the time |
# | test | you measure the finished network | once, at the end |
#
# `prepared(digits)` does everything in this notebook in one line. The next notebooks start with it, so you do not have to copy the cells above. The arrays should be the same; let's verify that. `np.array_equal` compares two arrays, element by element: here, the first 10,000 rows, and all the labels:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
from handwriting.prepare import prepared

ready = prepared(digits)
print("images:", np.array_equal(ready.x_train[:10000], learn_x[:10000]))
print("labels:", np.array_equal(ready.y_train, learn_y))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "How fair is this validation set?", "words": "It should show how the network does on digits by people whose writing it has *never seen*. Who wrote these digits?", "asked": "Does the split matter? On MNIST, a little: 97.2 % are right with a split by person, 97.5 % with a random split. With few writers, the split matters more."}
# **How fair is this validation set?** It should show how the network does on digits by people whose writing it has never seen. So ask who wrote the digits in this set. The QMNIST project found this out for every MNIST image ([C. Yadav and L. Bottou, 2019](https://arxiv.org/abs/1905.10498)), and `load_writers` fetches the project's list: for each image, the number of its writer. (Without the list, or with other data, the next two cells compute nothing. The text below each gives the results for MNIST.) `np.isin` looks for each element of one array in another, and `np.unique` keeps each value once:

# %% tags=["lean-skip", "nbval-ignore-output"] slideshow={"slide_type": "-", "lines": []}
from handwriting.load import load_writers

writers = load_writers(digits)
if writers:
    held = writers.train[-held_out:]
    familiar = np.isin(held, writers.train[:-held_out])
    print(f"validation set: digits by {len(np.unique(held))} people")
    both = len(np.unique(held[familiar]))
    print(f"{familiar.mean():.0%} of these digits are by {both} people who wrote digits in the training set, too")

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "Split by person", "words": "Hold out everything that every twelfth person wrote. Then no writer is in both the training and the validation set.", "asked": "Do people do this in practice? They should: every patient, speaker or writer belongs in one part only."}
# On MNIST, 251 of the 282 people who wrote digits in the validation set also wrote digits in the training set, and 31 % of the validation images are theirs. So the network is partly checked on handwriting that it knows. To avoid this, **split by person**: hold out everything that every twelfth person wrote. (`[::12]` picks every twelfth element; `~` swaps `True` and `False`.)

# %% tags=["lean-skip", "nbval-ignore-output"] slideshow={"slide_type": "-", "lines": []}
if writers:
    people = np.unique(writers.train)
    aside = np.isin(writers.train, people[::12])
    shared = np.isin(writers.train[aside], writers.train[~aside]).sum()
    print(f"held out: {aside.sum():,} images by {len(people[::12])} people; by people in both parts: {shared}")

# %% [markdown] slideshow={"slide_type": "notes"}
# On MNIST, a split by person holds out 5,046 images by 45 people; nobody is in both parts. Does the split matter? A little. We held out each twelfth of the training images in turn, and trained the network of the next notebooks on the rest. With a split by person, it got 97.2 % right; with a random split, 97.5 %. In the stand-in, written by only 13 people, the split matters more: 93 % when split by person, 96 % at random. (So the stand-in that you load is split by person.) MNIST's test set is fair: none of its writers wrote a training image.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 7: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Does a shape need round brackets? Yes: that is how Python writes it."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.flat_length.hint()` gives a hint, and `practice.flat_length.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import prepare as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: how long is a row?** You get images of 32 × 32 pixels. How many numbers are there in one flattened image?

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
flat_length = ...
practice.flat_length.check(flat_length)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: five flat images.** Five of our images, `x_train[:5]`, are flattened. What is the shape of the result? Write it in round brackets.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
flat_shape = ...
practice.flat_shape.check(flat_shape)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: one-hot by hand.** Write a function that takes an array of labels and the number of classes, and returns a table: one row per label, with a 1 at the index of the label. `np.zeros((rows, columns))` makes a table of zeros. Your function will be tried on several arrays of labels.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def one_hot_by_hand(labels, classes):
    return ...


practice.one_hot_by_hand.check(one_hot_by_hand)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: the right order.** This is a recipe for writing colours as one-hot rows, but its steps are out of order. Put them in an order that works. Write the order as one word of five letters, in quotes.
#
# - **A** find out which element belongs to the label
# - **B** put the finished row into the table
# - **C** collect the different values
# - **D** set that element to 1
# - **E** start a row with a zero for each value

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
recipe = ...
practice.recipe.check(recipe)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: why one-hot?** Why does the network get one-hot rows and not the digits themselves? Answer with a letter in quotes, such as `"A"`.
#
# - **A** the digits are names, and numbers would imply that some digits are closer to each other than others
# - **B** one-hot rows need less memory
# - **C** an 8 is twice a 4, and the network must know that
# - **D** large numbers slow the computer down

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
why_one_hot = ...
practice.why_one_hot.check(why_one_hot)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: which images?** You train five networks of different sizes. Which images do you use to compare them?
#
# - **A** the training images
# - **B** the validation images
# - **C** the test images
# - **D** it does not matter: the networks have seen neither the validation nor the test images

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
which_images = ...
practice.which_images.check(which_images)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 7: one change.** In the cell that scales the images, divide by a number other than 255, such as 100 (call this parameter `divisor`), or set more or fewer images aside (`held_out`). Look at the output, then restore the old value. Then fill in the report: the parameter, its value before and after, and a sentence about what you saw, with both results.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- `reshape`: another shape, the same number of elements\n- `/ 255`: pixels from 0 to 1\n- **One-hot** rows for names\n- **Validation set**: check and choose\n\nNext: [4 Build](04_build.ipynb)", "asked": "Do I have to type all this every time? No: `prepared(digits)` does it in one line."}
# ## What you now know
#
# - `reshape` changes the shape, never the number of elements: 28 × 28 becomes 784.
# - `astype("float32") / 255` brings pixels into the range from 0 to 1.
# - **One-hot** rows are for names, even for names that look like numbers; `to_categorical` makes the rows, and `argmax` turns them back into labels.
# - The **validation set** is for checking and choosing; the test set is for the end.
#
# **The most important new words:** vector, feature, flatten, scale, one-hot, validation set, argmax.
#
# **Make it yours:** write the letters of your first name as one-hot rows with 26 elements each.
#
# Next: [4 Build](04_build.ipynb), where you build the network.
