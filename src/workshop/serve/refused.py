from handwriting.errors import UserError

"""Requests that are not answered as asked: a status and a sentence."""


__all__ = ["Refused"]


class Refused(UserError):
    """A request that cannot be answered as it is.

    Parameters
    ----------
    sentence : str
        What is wrong and what to do.
    status : int
        4xx if another request would be answered, 503 if the same one will be, later.
    """

    def __init__(self, sentence, status=400):
        super().__init__(sentence)
        self.status = status

    @property
    def headers(self):
        """What the answer's head says beside the status."""
        return {503: {"retry-after": "1"}, 408: {"connection": "close"}}.get(self.status, {})
