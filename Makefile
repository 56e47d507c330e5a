# The commands of the workshop. Each sets up .venv on first use, and again only when
# pyproject.toml or constraints.txt change. `make PYTHON=python3.12 run` picks another Python.

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif

INSTALLED := .venv/installed
# pip compiles on one core only.
COMPILE := import compileall, sysconfig; compileall.compile_dir(sysconfig.get_path('purelib'), quiet=2, workers=0)
# Kernels start in other folders, so relative paths in the environment become absolute first.
LAB := from handwriting.data import cache; cache.make_folders_absolute(); from jupyterlab.labapp import main; main()

.PHONY: help run test lab doctor slides kit notebooks publish benchmark clean
.DELETE_ON_ERROR:

help:  ## show this list (what `make` alone does)
	@echo "make COMMAND, where COMMAND is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else 'This workshop needs Python 3.10 to 3.13, and %s is Python %d.%d. Choose another one: make PYTHON=python3.12 run' % ((sys.executable,) + v))"
	@echo "Setting up .venv (only once; this takes a few minutes) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable ".[run,serve,lab,test]" --constraint constraints.txt
	-@$(BIN)/python -c "$(COMPILE)"
	@echo done > $(INSTALLED)

run: $(INSTALLED)  ## run the six notebooks; write pages to read, in output/index.html
	@$(BIN)/python -m workshop run --output output $(ARGS)

test: $(INSTALLED)  ## check style, code and notebooks
	@$(BIN)/python tools/check.py $(ARGS)

lab: $(INSTALLED)  ## open JupyterLab at the first notebook
	@$(BIN)/python -c "$(LAB)" --LabApp.default_url=/lab/tree/notebooks/01_load.ipynb $(ARGS)

doctor: $(INSTALLED)  ## check this machine, and show what to fix
	@$(BIN)/python -m workshop doctor $(ARGS)

slides: $(INSTALLED)  ## turn the notebooks into slides: output/slides/index.html
	@$(BIN)/python -m workshop slides $(ARGS)

kit: $(INSTALLED)  ## a folder and a zip for USB sticks; with all packages: make kit ARGS=--wheels
	@$(BIN)/python -m workshop kit $(ARGS)

notebooks: $(INSTALLED)  ## rebuild the notebooks from notebooks/source, on MNIST
	@$(BIN)/python tools/build_notebooks.py $(ARGS)

publish: $(INSTALLED)  ## write the public address into notebooks and README: make publish REPO=owner/name
	@$(BIN)/python tools/publish.py $(REPO)

benchmark: $(INSTALLED)  ## compare the series with the one-notebook workshop it follows
	@$(BIN)/python benchmarks/compare.py $(ARGS)

clean:  ## remove .venv and everything the commands made
	rm -rf .venv output build dist .pytest_cache .ruff_cache notebooks/my_work
