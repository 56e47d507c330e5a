"""The predictions of all notebooks: the right choice, and what each of the others misses."""

#: The name, such as load.shape, and the letter of the right choice; below it every other letter, and what that misses.
TEXTS = """
load.shape b
    a The number of images comes first: `x_train[0]` has to be one whole image.
    c That would be one long row of 784 pixels for each image. Each image still has its 28 rows and 28 columns.
load.counts b
    a These digits were collected from people, and nobody made the counts equal.
    c People wrote the digits that they were asked to write, so all of them are about equally common.
visualize.pixels a
    b A stroke does not end where a pixel ends. Pixels that it covers only partly are grey.
    c At its edge, a stroke covers some pixels almost completely and others hardly at all, so their greys differ.
visualize.sharpest a
    b People write a 5 in many ways: upright or leaning, round or angular. That blurs the average.
    c An average is sharp only where the images agree. Where they differ, it is grey.
prepare.flat a
    b That would put all images into one long row. Each image needs its own row.
    c Images come first: `flat_train[0]` has to be one whole image.
prepare.one_hot b
    a That is the shape that the labels had before: one number each. Now each label becomes a row.
    c Rows and columns are swapped. There is one row for each image and one column for each class.
build.softmax b
    a Softmax gives the largest score the largest share, but the others get a share, too.
    c Equal shares come from equal scores. These three scores are different.
build.weights c
    a Adding is not enough: every hidden unit has a weight for every pixel, so multiply.
    b That is the output layer alone. The hidden layer has many more weights.
build.half c
    a The loss depends on the probability, not only on which class has the highest one.
    b The loss is a logarithm: halving the probability adds the same amount to every loss. It does not double the loss.
build.untrained b
    a To be wrong every time, a network would have to know the right class and avoid it.
    c Half would be far better than guessing. These weights are random.
train.steps b
    a 128 is the number of images in one step, not the number of steps.
    c That would be one step for every image. One step uses a whole batch.
train.slope b
    a The change is small, but it is there. Learning consists of a great many small changes like this.
    c That happens only at the lowest point, where the slope is 0. An untrained network is not there.
train.curves b
    a The first steps correct mistakes that the network makes on nearly all images. Later steps find few to correct.
    c The last epoch builds on the others, but by then there are few mistakes left to correct.
train.overfit a
    b With 300 images, the network can memorize each one, and that does not help with other images.
    c 300 images are enough to learn from: most of the validation images are classified correctly, too.
train.rates b
    a The smallest rate makes tiny steps, but they go the right way, so the network learns a little even in one epoch.
    c With the largest rate, the network guesses. With the smallest, it learns a little: the steps go the right way.
evaluate.test b
    a The test images are of the same kind as the validation images, so they are not much easier.
    c The result can be a little lower if you made many choices with the validation images, but not much lower.
evaluate.sure b
    a A network does not notice its mistakes. It is nearly 100 % sure of some of them.
    c The network is only 50 % or 60 % sure of many of its mistakes. That is useful: then you can ask a person.
evaluate.writers a
    b The network is wrong about half as often on the staff's digits.
    c A single accuracy hides the difference: the two groups differ by a factor of about two.
evaluate.moved c
    a To you, they are the same digits. But in the network, every pixel has its own weights.
    b The accuracy falls by much more: every pixel of the digit meets weights that were meant for another place.
own_handwriting.shrunk c
    a The test images were prepared like the training images. These drawings were only made smaller.
    b The drawings are ordinary. But their positions and sizes are not what the network expects.
own_handwriting.letter b
    a That would be honest, but nothing in the network can say "I do not know".
    c The ten probabilities always sum to 1, so they cannot all be 0.
own_handwriting.prepared c
    a The network did not need to learn anything new. The images only had to look like those it knows.
    b The network gets more than half right: little was wrong with the images except position, size and stroke width.
stronger_network.schedule b
    a The network is the same, but the path to good weights is not: the steps grow first, then become tiny.
    c If all the steps were so large, they would jump too far. But the last steps are tiny, and the weights settle.
stronger_network.convolutions c
    a The number of weights says little. These weights are used again at every position in the image.
    b This network does better: it does not have to learn again, at every position, what a stroke is.
stronger_network.augmented b
    a The accuracy rises later. In one epoch, the network has a harder task, and the validation images were not moved.
    c 10 % is blind guessing. The network still learns, only more slowly.
new_problem.change a
    b Images of clothes have 28 × 28 pixels, too, so there are 784 inputs again.
    c There are ten classes again: ten kinds of clothes instead of ten digits.
new_problem.clothes b
    a Clothes are harder to tell apart: a shirt, a coat and a pullover have the same outline.
    c Half would be too few: trousers and bags are hard to mix up.
new_problem.letters c
    a Guessing would give a third. The network has seen 40 versions of each of 30 drawings.
    b The network does better: these letters differ clearly, and one writer (or one program) drew all of them.
share.page b
    a 407,050 weights need at least a byte or two each.
    c The page does not contain TensorFlow. It needs only the weights and a few lines of JavaScript.
share.rounded a
    b No single weight decides. Many small errors mostly cancel out.
    c Three digits are enough to keep nearly all predictions the same.
share.bad_request c
    a A server must not stop because one request is wrong. This server checks first.
    b A made-up row would lead to a made-up prediction, and nobody would notice.
share.saved a
    b The division by 255 was saved with the network.
    c The flattening was saved with the network.
"""


def read_predictions(text):
    """Return the right choice and what each of the others misses, by the prediction's name."""
    found, misses = {}, {}
    for line in text.strip().splitlines():
        first, rest = line.split(maxsplit=1)
        if line.startswith(" "):
            misses[first] = rest
        else:
            misses = {}
            found[first] = (rest, misses)
    return found


PREDICTIONS = read_predictions(TEXTS)
