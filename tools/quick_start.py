"""A plugin that pytest loads before all others: it saves each of its processes 1.3 seconds, and NumPy's idle threads.

OpenBLAS multiplies small matrices on all cores, which takes ten times the processor time, and here all cores are busy.
"""

import os

from workshop import skip_iri_grammar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
skip_iri_grammar()
