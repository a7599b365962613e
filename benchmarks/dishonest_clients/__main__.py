"""What do dishonest clients gain, with the limits and without them, as a share of the honest maximum?

    python -m benchmarks.dishonest_clients [--only WORDS]

One line of JSON for each strategy, and one for all of them. `figure` is the highest share of the honest maximum (XP,
streak, levels, achievements, study time, words, conversations; see `maximum.py`) that the strategy reached, `before`
the same with TRUST_LIMITS=0. Boards rank the same numbers, so a share of at most 1 is also a place that an honest
player could have had. Exits with 1 if a strategy has gained more than an honest player could.
"""

import argparse
import json
import sys

from benchmarks.in_process import product_database


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dishonest_clients", description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="strategies whose name contains these words")
    options = parser.parse_args()
    with product_database():
        from benchmarks.dishonest_clients.judging import line_of, summary
        from benchmarks.dishonest_clients.strategies import STRATEGIES

        lines = []
        for strategy in STRATEGIES:
            if options.only in strategy.name:
                lines.append(line_of(strategy))
                print(json.dumps(lines[-1]), flush=True)
    result = summary(lines)
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
