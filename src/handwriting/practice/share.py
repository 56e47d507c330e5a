"""Exercises of notebook 10: what a shared network weighs, what an API says, and where the data go."""

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Function, Number, Order, Report

ANSWERS = (
    {"predictions": [{"names": "4"}, {"names": "2"}]},
    {"predictions": [{"names": "7", "classes": 7}]},
    {"predictions": [{"names": "1"}, {"names": "0"}, {"names": "1"}, {"names": "5"}]},
)


class Share(Notebook):
    page_bytes = Number(
        truth=2 * 407_050,
        why="16 bits are two bytes. As text they become 1.09 million letters, nearly all of the page.",
        misconceptions=[
            (4 * 407_050, "That is float32, with 4 bytes each. How many are 16 bits?"),
            (16 * 407_050, "Those are bits. Eight of them are one byte."),
            (407_050, "One byte each would be 8 bits."),
            (round(2 * 407_050 * 4 / 3), "That is what they need as text on the page. How many are they before?"),
            (2 * 407_050 * 4 / 3, "That is a third more, as text on the page. How many bytes are they before?"),
        ],
        hints=["How many bytes are 16 bits?", "That many for each of the 407,050 weights."],
        solution="page_bytes = 407050 * 16 / 8",
    )

    read_names = Function(
        truth=lambda answer: "".join(one["names"] for one in answer["predictions"]),
        why="One walk through the list, one name from each, joined to a text.",
        misconceptions=[
            (
                lambda answer: [one["names"] for one in answer["predictions"]],
                'That is a list of names. `"".join(names)` makes one text of them.',
            ),
            (
                lambda answer: answer["predictions"][0]["names"],
                "That is the first name only. Go through all predictions.",
            ),
            (
                lambda answer: " ".join(one["names"] for one in answer["predictions"]),
                'There are spaces between the names. Join them with `""`, an empty text.',
            ),
            (
                lambda answer: int("".join(one["names"] for one in answer["predictions"])),
                "A number cannot begin with 0, but a phone number can. Let it be a text.",
            ),
            (
                lambda answer: str([one["names"] for one in answer["predictions"]]),
                'That is a list written as a text, with brackets and commas. `"".join(names)` leaves them out.',
            ),
        ],
        hints=[
            '`answer["predictions"]` is a list. Each thing in it has a name, `one["names"]`.',
            'Collect them: `[one["names"] for one in answer["predictions"]]`.',
            '`"".join(...)` makes one text of a list of texts.',
        ],
        solution="""
            def read_names(answer):
                return "".join(one["names"] for one in answer["predictions"])
        """,
        cases=[(answer,) for answer in ANSWERS],
    )

    in_order = Order(
        truth="CDAEB",
        why="Ask, find, read, answer, show. The app needs to know nothing of networks.",
        misconceptions=[
            (("C", "D"), "before the request there is no photo on the server."),
            (("D", "A"), "the network reads single digits, so they must be found first."),
            (("A", "E"), "the names are the network's answers."),
            (("E", "B"), "the app can show only what it was sent."),
        ],
        hints=["Who speaks first, the app or the server?", "C is the first, and B is the last."],
        solution='in_order = "CDAEB"',
    )

    status_400 = Choice(
        truth="B",
        why="400 to 499 say that the request is wrong. Sent again as it is, it will be as wrong.",
        misconceptions=[
            ("A", "The same request gets the same answer. (With 503, `too much at once`, trying again later helps.)"),
            ("C", "The server is well: it understood enough to tell you what is wrong."),
            ("D", "The network never saw this request. The server refused it before."),
        ],
        hints=[
            "Whose mistake is it, if the status begins with a 4?",
            "What did the server say besides the number, when a row was missing?",
        ],
        solution='status_400 = "B"',
    )

    private_notes = Choice(
        truth="B",
        why="What is computed where it was written need not be sent anywhere. That is the page's greatest advantage.",
        misconceptions=[
            ("A", "To ask your server, her computer has to send it the pictures."),
            ("C", "Then the drawings go to that company. She must not send them to anybody."),
            ("D", "A trained network is numbers and a rule. It needs no internet to add them up."),
        ],
        hints=["In which of these do the pictures stay on her computer?", "Try the page with the Wi-Fi switched off."],
        solution='private_notes = "B"',
    )

    one_change = Report(
        why="Two pages, one difference, two numbers. Whoever gives a program away should have tried it like this.",
        hints=[
            "Change one setting in notebook 5, run it to the end, and export the page under another name.",
            "Write both sizes, or both counts of digits read right, into your sentence.",
        ],
        solution="""one_change = {
            "knob": "hidden",
            "before": 512,
            "after": 64,
            "saw": "the page with 512 units has 1.13 MB, the one with 64 units 0.18 MB",
        }""",
        may_change=("hidden", "epochs", "data"),
    )


EXERCISES, __getattr__, __dir__ = Share.exercises(), Share.find, Share.names
