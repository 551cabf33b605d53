"""What the command lines of the comparisons have in common."""

import argparse
import os


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {text}")
    return number


def add_threads(parser):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser.add_argument("--threads", type=positive, default=cores, help=f"threads of each (default {cores})")
