"""Train the workshop's network from several seeds, and test it: python benchmarks/accuracy.py mnist stand-in.

Each network is trained for 4 epochs with the default parameters, and tested on every data set named.
"""

import argparse
import statistics

import handwriting


def main():
    """Print one line for each seed, and the mean and the lowest for each pair of data sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", help="mnist, fashion-mnist, letters, stand-in or a path")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    handwriting.setup()
    from handwriting.build import dense_network
    from handwriting.load import load_digits
    from handwriting.prepare import prepared

    sets = [prepared(load_digits(name)) for name in options.data]
    for learned in sets:
        found = {read.name: [] for read in sets}
        for seed in range(options.seeds):
            model = dense_network(seed=seed)
            model.fit(learned.x_train, learned.y_train, epochs=4, batch_size=128, verbose=0)
            for read in sets:
                found[read.name].append(model.evaluate(read.x_test, read.y_test, verbose=0)[1])
            print(f"{learned.name}, seed {seed}:", {name: round(values[-1], 4) for name, values in found.items()})
        for name, values in found.items():
            mean, spread = statistics.mean(values), statistics.pstdev(values)
            print(f"{learned.name} reads {name}: mean {mean:.4f}, spread {spread:.4f}, lowest {min(values):.4f}\n")


if __name__ == "__main__":
    main()
