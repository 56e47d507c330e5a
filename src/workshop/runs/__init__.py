"""Find, check, execute and sweep notebooks, and read what they stored.

`run` stands here for notebook 05. It imports what it needs when it is called, so that a notebook can import it without
papermill.
"""

from handwriting.errors import UserError
from workshop import skip_iri_grammar
from workshop.packages import needed

__all__ = ["run"]

#: The notebooks of the series; beside them may lie anybody's copies.
SERIES = ("01_load", "02_visualize", "03_prepare", "04_build", "05_train", "06_evaluate", "07_own_handwriting")
SERIES += ("08_stronger_network", "09_new_problem", "10_share")
FAILED = "failed.ipynb"  # the notebook of a sweep's run that failed, in the run's folder
#: How the name of a notebook ends that an earlier run wrote, where the last run did not get so far.
EARLIER = ".earlier.ipynb"


def run(notebook, folder="my_work/runs", workers=None, **parameters):
    """Run a notebook with every combination of some values, and compare the results.

    Cells that do not contribute to the result (tagged `lean-skip`) are left out.

    Parameters
    ----------
    notebook : str
        Such as "05", or a path.
    folder : str or path
        Each run's notebook is written to a folder there, named after its parameters; what was there is replaced.
    workers : int, optional
        Runs at once; by default as many as this machine allows.
    **parameters
        Each a value, or a list of values.

    Returns
    -------
    workshop.runs.try_values.Rows
        One row for each run: its parameters, its measures, and the path of its notebook.

    Raises
    ------
    ParameterError
        For a notebook, a parameter or a value that does not exist, before anything runs.
    UserError
        If a package is missing that running notebooks needs.
    """
    skip_iri_grammar()
    try:
        from workshop.runs.try_values import run_variations
    except ImportError as error:
        raise UserError(needed(error)) from None
    return run_variations(notebook, folder, workers, parameters)
