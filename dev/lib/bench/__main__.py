"""python3 -m bench ROUNDS [SECTION...]: measures everything in one run and writes docs/BENCHMARKS.md."""

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

from bench import kubernetes, sections, stores, tenants

RESULTS = Path("docs/BENCHMARKS.md")
HEADING = "## Measured"


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    engine = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True)
    return f"{model}, {os.cpu_count()} processors, Linux {platform.release().split('-')[0]}, Docker Engine {engine.stdout.strip()}"


def show(value, unit):
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def main(rounds, chosen):
    work = {
        "start": lambda: sections.start(9),
        "latencies": lambda: sections.latencies(rounds),
        "paced": lambda: sections.paced(60),
        "tracing": lambda: sections.tracing(10 * rounds),
        "cold": lambda: sections.cold(2 * rounds),
        "sessions": lambda: sections.sessions(rounds),
        "sustained": lambda: sections.sustained(20),
        "overhead": lambda: sections.overhead(10),
        "files": sections.files,
        "stores": stores.section,
        "tenants": lambda: tenants.section(rounds),
        "runtimes": lambda: sections.runtimes(rounds),
        "kubernetes": lambda: kubernetes.section(rounds),
    }
    unknown = set(chosen) - set(work)
    if unknown:
        raise SystemExit(f"error: no section {', '.join(sorted(unknown))}; there are {', '.join(work)}")
    lines = [
        HEADING, "",
        f"By `dev/bench {rounds}` on {datetime.date.today()}: {machine()}. Medians; machines are noisy, so read the ratios, whose two"
        " sides were measured in turn in the same run.", "",
        "| | | |", "|---|---:|---|",
    ]
    print("\n".join(lines[4:]), flush=True)
    for name in chosen or work:
        for what, value, unit, remark in work[name]():
            lines.append(f"| {what} | {show(value, unit)} | {remark} |")
            print(lines[-1], flush=True)
    if not chosen:
        before, _, _ = RESULTS.read_text().partition(HEADING)
        RESULTS.write_text(before + "\n".join(lines) + "\n")
        print(f"\nwritten to {RESULTS}", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
