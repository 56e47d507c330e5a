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

# %% [markdown] slideshow={"slide_type": "slide", "words": "Your network on a phone, on a server, in other people's programs, and what to say about it.", "asked": "Do others need Python? Not for a web page: a browser can do the calculation."}
# # 10 Share it
#
# [1 load](01_load.ipynb) → [2 visualize](02_visualize.ipynb) → [3 prepare](03_prepare.ipynb) → [4 build](04_build.ipynb) → [5 train](05_train.ipynb) → [6 evaluate](06_evaluate.ipynb) → [7 own handwriting](07_own_handwriting.ipynb) → [8 stronger network](08_stronger_network.ipynb) → [9 new problem](09_new_problem.ipynb) → **10 share**
#
# *No Colab or Binder button here: this copy of the workshop has no public address yet.* <!-- badges -->
#
# **You will**
#
# - put your network and a drawing pad into one web page that anybody can open
# - say on that page what your network can do, and what it cannot
# - let programs use your network through an API
# - export your network in the format that large servers use
#
# **Time:** 20 minutes, and 20 for the exercises. **Before you start:** notebook 6.

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

# %% [markdown] slideshow={"slide_type": "skip"}
# Catching up: the images, and your network from notebook 5. If the network is not on this computer, this notebook trains one now, which takes ten to thirty seconds. (The outputs that you see before you run anything come from a network trained in this way.)

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.evaluate import trained_model
from handwriting.load import load_digits
from handwriting.prepare import prepared

ready = prepared(load_digits(data))
model, record = trained_model(ready, work_dir)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your network in one file: how large will it be?", "words": "A trained network is numbers and a rule. This one has 407,050 weights.", "asked": "What is in the file? The weights, a drawing pad, and the rule for calculating."}
# ## One file
#
# Your network lives in this notebook. To show it to your grandmother, you would have to install Python, TensorFlow and this workshop on her phone. There is a better way. What is a trained network? Numbers (its weights), and a rule for calculating with them. Every web browser can do calculations. So put both of these into a web page, together with a pad to draw on, and send her the page. **Predict:** your network has 407,050 weights. How large a file will the page be?
#
# - **(a)** about 10 kB, like a short letter
# - **(b)** about 1 MB, like a photo
# - **(c)** about 500 MB, like a film

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
from handwriting.practice.predictions import predict

predict("share.page")

# %% slideshow={"slide_type": "subslide", "headline": "One file, for anybody", "words": "The page needs no server and no internet, and it sends nothing anywhere.", "asked": "Will it open on any phone? Yes, in any current browser.", "lines": []}
from handwriting.share import export_page

accuracy = model.evaluate(ready.x_test, ready.y_test, verbose=0)[1]
about = {"author": "", "sentence": "It was trained on handwritten digits. Draw one!"}
page = export_page(
    model, f"{work_dir}/my-digits.html", class_names=ready.class_names, accuracy=accuracy, data=ready, **about
)
print(f"{page.name}: {page.stat().st_size / 1e6:.1f} MB")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (b).** The weights take up nearly all of the page. The next section explains how they fit.
#
# </details>
#
# Find `my-digits.html` in the folder `my_work` beside this notebook. Download it (right-click it in the list of files), and open it with a double-click. The page looks like this:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "What other people get", "words": "A pad, a prediction and, below them, the facts about the network.", "asked": "Can they change the network? No. They can draw, but the weights stay as they are."}
from handwriting.visualize import show_diagram

show_diagram("page")

# %% [markdown] slideshow={"slide_type": "notes"}
# The page needs no server and no internet: switch off the Wi-Fi and try it. And it sends nothing anywhere: what is drawn on it stays on the phone. Fill in `author` and `sentence` above, run the cell again, and email the page to somebody.

# %% [markdown] slideshow={"slide_type": "slide", "words": "Keras stores a weight in 32 bits, about seven digits. The page uses 16 bits, called **float16**: about three digits.", "asked": "Why not keep all 32 bits? The page would be twice as large."}
# ## Rounded weights
#
# How do 407,050 numbers fit into 1 MB? Keras stores each weight in 32 bits, which is about seven digits: as if you gave your height to within a hundredth of a hair's width. The page uses 16 bits, a format called [**float16**](../docs/glossary.md#float16), which is about three digits. Here is a number like one of the network's weights, before and after rounding. (To see one of yours, write `weight = model.get_weights()[0][300, 7]`.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "-", "lines": [3, 5]}
import numpy as np

weight = np.float32(0.0802066)
print("float32:", weight)
print("float16:", np.float16(weight))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "What does rounding do to the predictions?", "words": "All 407,050 weights are rounded to 16 bits.", "asked": "On which images do we compare the predictions? On all the test images. We do not choose anything based on the result."}
# All 407,050 weights are rounded. **Predict:** what does rounding do to the predictions?
#
# - **(a)** nearly all stay the same
# - **(b)** about 10 % change
# - **(c)** about half of them change

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("share.rounded")

# %% slideshow={"slide_type": "subslide", "headline": "No single weight decides", "words": "Hundreds of products are added up, and small errors mostly cancel out.", "asked": "Does rounding ever matter? It can, where two digits are almost equally probable.", "lines": []}
import keras

rounded = keras.models.clone_model(model)
rounded.set_weights([weights.astype(np.float16) for weights in model.get_weights()])
before = model.predict(ready.x_test, verbose=0).argmax(axis=-1)
after = rounded.predict(ready.x_test, verbose=0).argmax(axis=-1)
print(f"the same prediction: {(before == after).mean():.2f} of all test images")

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** No single weight decides. Hundreds of products are added up, and the small errors mostly cancel out. (Some networks on phones use 8 bits, or even 4.)
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide", "words": "A **model card**: what the network was trained on, how good it is and on which images, and what it was *never shown*.", "asked": "Who reads it? Everyone who has to decide whether to trust the network."}
# ## What the page says about your network
#
# Scroll down on the page. Below the pad, there is a [**model card**](../docs/glossary.md#model-card): what the network was trained on, how good it is and on which images, and what it was *never shown*. If you give a program away, say what it is for. Your grandmother does not know that the network can only compare every scribble with the ten digits, or that MNIST's digits were written in the USA around 1990. You do. Here is the card from your page:

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.share import show_card

show_card(page)

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Other programs use your network", "words": "A **server** waits for **requests** and answers each one. The rules by which programs talk to it are its **API**.", "asked": "Can other computers reach the server? No. Only programs on this computer can."}
# ## An API: other programs use your network
#
# People draw. Programs send requests. Suppose a friend writes an app that reads phone numbers from photos, and wants it to use *your* network. For that, you run a [**server**](../docs/glossary.md#server): a program that waits for [**requests**](../docs/glossary.md#request) and answers each one. The rules by which one program talks to another are called an [**API**](../docs/glossary.md#api). The next cell starts a server on your own computer, in the background of this notebook:

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "-", "lines": [3, 3]}
from workshop.serve import start

server = start(model, class_names=ready.class_names)
print("running at", server.url)

# %% [markdown] slideshow={"slide_type": "notes"}
# Is the server running? `requests` is a library for sending requests to servers: `get` asks for something, and `post` sends something, such as images, with the request. The last part of an address says what you want: at `/healthz`, this server says whether it is working. Every response has a status code, or status, which is a number: 200 means that all went well. (`json()` returns the content of the response.)

# %% slideshow={"slide_type": "subslide", "headline": "Is the server running?", "words": "Every response has a status code. 200: all went well.", "asked": "What is `/healthz`? The part of the address that asks whether the server is working.", "lines": [3, 4]}
import requests

response = requests.get(f"{server.url}/healthz", timeout=10)
print(response.status_code, response.json())

# %% [markdown] slideshow={"slide_type": "notes"}
# Now send images to the server. They travel as text, in a format called [**JSON**](../docs/glossary.md#json): square brackets for lists, curly brackets for names and values. It looks like Python, and programs in every language can read it. `tolist()` turns an array into lists like these. The images are sent as they are: 28 × 28 numbers from 0 to 255. Flattening and scaling are the server's job.

# %% slideshow={"slide_type": "subslide", "headline": "Images travel as JSON", "words": "Lists, names and values, as text. Programs in every language can read it.", "asked": "Who scales the images? The server. They are sent as they are.", "lines": [2, 3]}
address = f"{server.url}/v1/models/digits:predict"
digits = {"instances": ready.images_test[:3].tolist()}
response = requests.post(address, json=digits, timeout=10)
for prediction in response.json()["predictions"]:
    print(f"{prediction['names']} ({100 * max(prediction['probabilities']):.0f} %)")

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "One row of an image is missing: what does the server do?", "words": "", "asked": "How could that happen? Through a bug in an app, or a photo of the wrong size."}
# What if your friend's app has a bug, and sends something wrong? **Predict:** you send an image with one row missing. What does the server do?
#
# - **(a)** it stops with an error, and nobody can use it any more
# - **(b)** it fills the missing row with zeros and answers
# - **(c)** it answers with a status of 400 or more, and says what is wrong

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("share.bad_request")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "subslide", "headline": "The server says what is wrong", "words": "A status that begins with 4: the mistake is in your request.", "asked": "Why not guess the missing row? The answer would be wrong, and nobody would notice.", "lines": [1, 2]}
wrong = {"instances": ready.images_test[:1, :27].tolist()}
response = requests.post(address, json=wrong, timeout=10)
print(response.status_code, response.json()["error"])

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (c).** A status that begins with 4 means "the mistake is in your request". A guess would have been worse than no answer, because nobody would have noticed.
#
# </details>
#
# What about photos? At `/read`, the server takes a whole photo, finds the digits as in notebook 7, and returns its predictions as text. The next cell sends a photo that comes with the workshop: ten digits in a row.

# %% slideshow={"slide_type": "subslide", "headline": "A whole photo", "words": "The server finds the digits, prepares them, and returns its predictions as text.", "asked": "Is the photo kept? No. It is read and forgotten.", "lines": []}
from handwriting.scan.drawings import sample_page

with sample_page().open("rb") as photo:
    response = requests.post(f"{server.url}/read", files={"file": photo}, timeout=30)
print(response.json()["text"])

# %% [markdown] slideshow={"slide_type": "notes"}
# When many requests arrive at once, the server puts their images together into one batch, because a batch of thirty takes far less time than thirty single images. Here are forty requests, ten at a time. (Write 1 instead of 10, and compare. `lambda _: …` is a function without a name, which sends one request; `map` runs it forty times.)

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide", "headline": "Many requests at once", "words": "A batch of thirty takes far less time than thirty single images.", "asked": "Can the server handle a whole class? Yes. `handwriting serve` does the same for everyone in the room.", "lines": []}
import time
from concurrent.futures import ThreadPoolExecutor

began = time.monotonic()
with ThreadPoolExecutor(10) as pool:
    responses = list(pool.map(lambda _: requests.post(address, json=digits, timeout=30), range(40)))
print(f"{40 / (time.monotonic() - began):.0f} requests per second")

# %% [markdown] slideshow={"slide_type": "notes"}
# Only programs on this computer can reach the server, and it stops when this notebook does. Open its address in a browser on the same computer. You will see a drawing page with your network in it, much like the one above. The model card there says less, because the server was given the network and the names, but nothing about the data. `/docs` lists everything the server can do. (In Colab, the server runs on a computer at Google, so you can reach it only from the notebook.) For a whole class, run `handwriting serve my_work --host 0.0.0.0` in a terminal. That server does the same for everyone in the room, and prints the address to type in. It does not ask for a password, so use it only in the classroom. Now stop the server:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
server.stop()
server

# %% [markdown] slideshow={"slide_type": "slide", "words": "Many machines run the same program, which does nothing but answer requests. It loads a network from a folder named after the network's version.", "asked": "Do I need that? Perhaps not. A page on the phone needs no server, and sends nobody's drawings anywhere."}
# ## When thousands of people ask
#
# One computer is not enough for a whole country. Instead, many machines run the same program, which does nothing but answer requests like yours. One program of this kind is TensorFlow Serving. It loads a network from a folder whose name is a number, the network's version. A better network goes into folder 2, and the servers switch over without a pause. `export_serving` writes a folder like this, with the next number:

# %% slideshow={"slide_type": "-", "lines": []}
from handwriting.share import export_serving

version = export_serving(model, f"{work_dir}/models/digits", class_names=ready.class_names)
print("in the folder:", *sorted(file.name for file in version.iterdir()))

# %% [markdown] slideshow={"slide_type": "subslide", "headline": "The exported network: what comes back?", "words": "The first three test images go in as they are.", "asked": "What does \"as they are\" mean? As 28 × 28 whole numbers from 0 to 255."}
# There is no Python in the new folder. `saved_model.pb` describes the network as a list of calculations, and `variables` holds the weights. TensorFlow can load the folder. **Predict:** the loaded network gets the first three test images, as they are. What comes back?
#
# - **(a)** the same names as from the API
# - **(b)** wrong names, because the images are not scaled
# - **(c)** an error, because the images are not flat

# %% tags=["lean-skip"] slideshow={"slide_type": "skip"}
predict("share.saved")

# %% slideshow={"slide_type": "subslide", "headline": "The preparation travels with the network", "words": "The flattening, the division by 255 and the names were exported with the network, so that nobody can forget them.", "asked": "Does the network need Python? No. TensorFlow runs it, and programs in many languages can call TensorFlow.", "lines": [4, 5]}
import tensorflow as tf

loaded = tf.saved_model.load(str(version)).signatures["serving_default"]
found = loaded(images=tf.constant(ready.images_test[:3]))
print([name.decode() for name in found["names"].numpy()])

# %% [markdown] slideshow={"slide_type": "notes"}
# <details><summary>Compare with your prediction</summary>
#
# **It is (a).** The flattening, the division by 255 and the names were exported with the network, so that nobody can forget them.
#
# </details>
#
# `docs/serving.md` explains how to run the network on many machines, and how many you need, with commands to copy. First, ask yourself whether you need a server at all. A page that computes on the phone needs no server, costs nothing, and sends nobody's drawings anywhere.

# %% [markdown] slideshow={"slide_type": "slide", "headline": "Your turn", "words": "Exercises 1 to 6: replace the three dots, and run the cell. It checks your answer.\n\nStuck? Ask for a `hint()`.", "asked": "Will exercise 6 overwrite my page? Yes, unless you give the second page a different name."}
# ## Practice
#
# Replace the three dots with your answer, and run the cell. `practice.page_bytes.hint()` gives a hint, and `practice.page_bytes.solution()` shows one solution. The next cell loads the exercises.

# %% slideshow={"slide_type": "skip"}
from handwriting.practice import share as practice

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 1: how many bytes?** How many bytes do 407,050 weights need as float16? (A byte is 8 bits. On the page, the weights are written as text, which takes a third more space. Ignore that here.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
page_bytes = ...
practice.page_bytes.check(page_bytes)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 2: read a response.** Write a function that takes what the server sends, such as `{"predictions": [{"names": "4"}, {"names": "2"}]}`, and returns the names as one string, a piece of text: `"42"`.


# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
def read_names(response):
    return ...


practice.read_names.check(read_names)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 3: in order.** Your friend's app sends a photo, and gets the digits back, in these five steps. Put them in order, as one word of five letters, in quotes.
#
# - **A** the server scales the images and gives them to the network
# - **B** the app shows the number
# - **C** the app sends a request with the photo
# - **D** the server finds the digits in the photo
# - **E** the server sends the names, as JSON

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
in_order = ...
practice.in_order.check(in_order)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 4: status 400.** The server answers your request with status 400. What do you do? Answer with a letter in quotes, such as `"A"`.
#
# - **A** send the request again until it works
# - **B** read what the server says is wrong, and correct your request
# - **C** restart the server
# - **D** train the network for longer

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
status_400 = ...
practice.status_400.check(status_400)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 5: private drawings.** A doctor has her patients draw single digits, to see how steady their hands are. She wants to try your network on these drawings, which must not leave her computer. What do you give her?
#
# - **A** the address of your server: it is fast
# - **B** the page: it computes on her own computer, and sends nothing
# - **C** an account for a large company's API
# - **D** nothing: networks always need the internet

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
private_drawings = ...
practice.private_drawings.check(private_drawings)

# %% [markdown] slideshow={"slide_type": "notes"}
# **Exercise 6: one change.** Export your page twice, under two names: call the second one `my-digits-64.html`, for example. In between, change `hidden` or `epochs` in notebook 5, run that notebook, and run this one again. (Or use another value of `data` here, as you must in Colab, where this notebook never sees notebook 5's network. Then use another `work_dir`, too: the new network will be saved there.) Have the same person draw the same digits on both pages, or compare the sizes of the files. Then fill in the report, with two numbers in your sentence.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
one_change = {"parameter": ..., "before": ..., "after": ..., "saw": ...}
practice.one_change.check(one_change)

# %% [markdown] slideshow={"slide_type": "skip"}
# How many exercises have you done? The next cell counts them, and names those that are left in each notebook you have begun.

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "skip"}
from handwriting.practice import progress

progress()

# %% [markdown] slideshow={"slide_type": "slide", "words": "- A trained network is **numbers and a rule**: it runs wherever a program can calculate\n- An **API** takes requests and sends answers\n- Share a **model card** with your network", "asked": "What next? A problem of your own, with people who need it solved."}
# ## What you now know
#
# - A trained network is **numbers and a rule**. It runs wherever a program can calculate: in a web page, on a phone, on a server.
# - Weights can be **rounded** a lot before the predictions change.
# - An **API** takes requests and sends answers. A good one says what is wrong with a bad request.
# - If you share a network, share a **model card** with it: what it was trained on, and what it was never shown.
#
# **The most important new words:** float16, model card, server, request, API, JSON.
#
# **Make it yours:** at the end of notebook 9, run this, and send the page to the people who drew the letters:
#
# ```
# from handwriting.share import export_page
# right = (letter_probabilities.argmax(axis=-1) == trained_on.y_test).mean()
# names, card = trained_on.class_names, {"accuracy": right, "data": trained_on.name}
# export_page(letter_network, "letters.html", class_names=names, **card)
# ```
#
# That was the last notebook of the workshop. You have come a long way: from 70,000 images to a network that other people can use.
