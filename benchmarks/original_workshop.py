# %% [markdown]
# The workshop that this series follows, as one notebook: the measure for the series' budgets. It has that
# workshop's calls and settings (60,000 training images, the test set as validation, batch 128, 4 epochs).

# %%
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import matplotlib.pyplot as plt
import numpy as np
from tensorflow.keras import Input
from tensorflow.keras.layers import Activation, Dense, Dropout
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import to_categorical

from handwriting.load import load_digits

# %%
digits = load_digits("auto")
X_train, y_train, X_test, y_test = digits.x_train, digits.y_train, digits.x_test, digits.y_test
print(X_train.shape, y_train.shape, X_test.shape, y_test.shape)

# %%
for i in range(9):
    plt.subplot(3, 3, i + 1)
    plt.imshow(X_train[i], cmap="gray", interpolation="none")
    plt.title(f"Class {y_train[i]}")
plt.tight_layout()
plt.show()

# %%
X_train = X_train.reshape(60000, 784).astype("float32")
X_test = X_test.reshape(10000, 784).astype("float32")
X_train /= 255
X_test /= 255
print(X_train.shape, X_test.shape)

# %%
Y_train = to_categorical(y_train, 10)
Y_test = to_categorical(y_test, 10)
print(y_train[0], Y_train[0])

# %%
model = Sequential()
model.add(Input((784,)))
model.add(Dense(512))
model.add(Activation("relu"))
model.add(Dropout(0.2))
model.add(Dense(10))
model.add(Activation("softmax"))
model.summary()

# %%
model.compile(loss="categorical_crossentropy", metrics=["accuracy"], optimizer="adam")

# %%
history = model.fit(X_train, Y_train, batch_size=128, epochs=4, verbose=1, validation_data=(X_test, Y_test))

# %%
loss, accuracy = model.evaluate(X_test, Y_test)
print("Test accuracy:", accuracy)

# %%
predicted = np.argmax(model.predict(X_test), axis=-1)
correct = np.nonzero(predicted == y_test)[0]
incorrect = np.nonzero(predicted != y_test)[0]

# %%
for chosen in (correct, incorrect):
    plt.figure()
    for i, index in enumerate(chosen[:9]):
        plt.subplot(3, 3, i + 1)
        plt.imshow(X_test[index].reshape(28, 28), cmap="gray", interpolation="none")
        plt.title(f"Predicted {predicted[index]}, Class {y_test[index]}")
    plt.tight_layout()
    plt.show()
