"""Tells what machine an embedding comparison ran on, and prints its tables; for bench_embed.py."""

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("sentence-transformers", "transformers", "torch", "onnxruntime", "onnx", "tokenizers", "numpy")


def describe_machine():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = fields.get("flags", fields.get("Features", "")).split()
    telling = ("avx", "fma", "f16c", "amx", "asimd", "sve", "i8mm")
    return {
        "cpu": fields.get("model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "simd": " ".join(flag for flag in flags if flag.startswith(telling)) or "SIMD unknown",
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def report(engines, asked):
    print(f"\n{'engine':<21} {'tokens/s':>9} {'lowest':>8} {'highest':>8}", end="")
    print(f" {'11 tokens, ms':>14} {'mean cosine':>12} {'min cosine':>11} {'peak RSS, MiB':>14}")
    for engine in engines:
        speeds, row = engine.tokens_per_s, engine.summary()
        print(f"{engine.name:<21} {row['tokens_per_s_median']:>9.0f} {min(speeds):>8.0f} {max(speeds):>8.0f}", end="")
        print(f" {row['latency_ms_median']:>14.2f} {decimals(row['cosine_mean'], 6):>12}", end="")
        print(f" {decimals(row['cosine_min'], 6):>11} {decimals(row['peak_rss_mib'], 0):>14}")
    print("Medians over the rounds; cosine to sentence-transformers' vectors.")
    print(f"\n{'what is asked':<50} {'asked':>8} {'got':>7} {'rounds':>15}")
    for row in asked:
        bound = f"{'<=' if row['at_most'] else '>='} {row['bound']:g}"
        spread = f"{min(row['rounds']):.4g}..{max(row['rounds']):.4g}" if len(row["rounds"]) > 1 else ""
        print(f"{row['what']:<50} {bound:>8} {row['got']:>7.4g} {spread:>15}  {'met' if row['met'] else 'missed'}")


def decimals(number, digits):
    return "-" if number is None else f"{number:.{digits}f}"
