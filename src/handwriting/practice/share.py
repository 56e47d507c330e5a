"""Exercises of notebook 10: how large a shared network is, what an API says, and where the data goes."""

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, Order
from handwriting.practice.one_change import Report

RESPONSES = (
    {"predictions": [{"names": "4"}, {"names": "2"}]},
    {"predictions": [{"names": "7", "classes": 7}]},
    {"predictions": [{"names": "1"}, {"names": "0"}, {"names": "1"}, {"names": "5"}]},
)

page_bytes = Number(
    title="how many bytes?",
    truth=2 * 407_050,
    why="16 bits are two bytes. As text, the weights become 1.09 million characters, which is nearly all of the page.",
    misconceptions=[
        (4 * 407_050, "That is for float32, with 4 bytes for each weight. How many bytes are 16 bits?"),
        (16 * 407_050, "Those are bits. Eight bits are one byte."),
        (407_050, "One byte for each weight would be only 8 bits."),
        (round(2 * 407_050 * 4 / 3), "The weights need that many bytes only as text. How many are needed as float16?"),
        (2 * 407_050 * 4 / 3, "The weights need a third more only as text. How many bytes do they need as float16?"),
    ],
    hints=["How many bytes are 16 bits?", "Multiply the bytes for one weight by the number of weights, 407,050."],
    solution="page_bytes = 407050 * 16 / 8",
)

read_names = Function(
    title="read a response",
    truth=lambda response: "".join(prediction["names"] for prediction in response["predictions"]),
    why="Go through the list once, take the name from each prediction, and join the names into one string.",
    misconceptions=in_turn(
        lambda response: [prediction["names"] for prediction in response["predictions"]],
        'That is a list of names. `"".join(names)` joins them into one string.',
        lambda response: response["predictions"][0]["names"],
        "That is only the first name. Go through all the predictions.",
        lambda response: " ".join(prediction["names"] for prediction in response["predictions"]),
        'There are spaces between the names. Join them with `""`, an empty string.',
        lambda response: int("".join(prediction["names"] for prediction in response["predictions"])),
        "A number cannot begin with 0, but a phone number can. Leave it as text.",
        lambda response: str([prediction["names"] for prediction in response["predictions"]]),
        'That is a list turned into text, with brackets and commas. `"".join(names)` leaves them out.',
    ),
    hints=[
        '`response["predictions"]` is a list. Each element `prediction` has a name, `prediction["names"]`.',
        'Collect the names: `[prediction["names"] for prediction in response["predictions"]]`.',
        '`"".join(...)` joins a list of strings into one string.',
    ],
    solution="""
        def read_names(response):
            return "".join(prediction["names"] for prediction in response["predictions"])
    """,
    cases=[(response,) for response in RESPONSES],
)

in_order = Order(
    truth="CDAEB",
    why="Send, find, classify, answer, show. The app does not need to know anything about networks.",
    CD="before the request, the server has no photo.",
    DA="the network classifies single digits, so they must be found first.",
    AE="the names are the network's predictions.",
    EB="the app can only show what it was sent.",
    hints=["Who starts, the app or the server?", "C is the first step, and B is the last."],
)

status_400 = Choice(
    title="status 400",
    truth="B",
    why="A status from 400 to 499 means that the request is wrong. Sent again unchanged, it is still wrong.",
    A="The same request gets the same answer. (503 means too many requests at once. Then it helps to try again later.)",
    C="The server works: it understood enough to tell you what is wrong.",
    D="The network never saw this request. The server refused it first.",
    hints=[
        "Whose mistake is it if the status begins with a 4?",
        "When a row was missing, what did the server say besides the status?",
    ],
)

private_drawings = Choice(
    title="private drawings",
    truth="B",
    why="The page computes on the device where the digit was drawn, so nothing is sent anywhere. "
    "That is its greatest advantage.",
    A="To use your server, her computer has to send it the drawings.",
    C="Then the drawings go to that company. She must not send them to anybody.",
    D="A trained network is numbers and a rule. It needs no internet connection to calculate with them.",
    hints=["Which answer keeps the drawings on her computer?", "Try the page with the Wi-Fi switched off."],
)

one_change = Report(
    why="Two pages, one difference, two numbers. Test a program in this way before you give it away.",
    hints=[
        "Change one parameter in notebook 5, run that notebook to the end, and export the page under another name.",
        "Put both sizes into your sentence, or how many digits each page classified correctly.",
    ],
    example=("hidden", 512, 64, "the page with 512 units is 1.14 MB, and the one with 64 units is 0.19 MB"),
    may_change=("hidden", "epochs", "data"),
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
