"""Measure how much faster the compiled recurrence trains than the plain loop, on the same cores in the same run.

    python bench/train_speed.py [--clips 20000] [--threads 2] [--rounds 3]

An epoch is a forward pass, a backward pass and a step of Adam over one-second clips, with H = 100 and ranks 16 and 25.
It is measured smooth (stage one), piecewise linear, and fake-quantized (stage three); loop and kernel take turns.
Prints a line of JSON for each form: the median seconds of an epoch, and the median of the rounds' ratios. The preset
`best` has --frames-per-step 2.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch
from torch.nn import functional

from wakeword.networks import fused
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import QuantizedNet, choose_formats

FRAMES, BANDS, LABELS = 99, 32, 12


def epoch(net: KeywordNet, form: str, features: torch.Tensor, labels: torch.Tensor, batch_size: int) -> float:
    """Return the seconds of one epoch."""
    net.cell.piecewise = 0.0 if form == "smooth" else 1.0
    quantized = QuantizedNet(net, choose_formats(net, features[:200])) if form == "quantized" else None
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    steps = FRAMES // net.config.frames_per_step
    begin = time.perf_counter()
    for x, y in zip(features.split(batch_size), labels.split(batch_size), strict=True):
        states = (quantized or net).states(x, None, steps - 1)[:, 0]
        loss = functional.cross_entropy(quantized.logits(states) if quantized else net.head(states), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - begin


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20_000)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames-per-step", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if fused.kernel() is None:
        raise SystemExit("the kernel can't be built here")
    features = torch.randn(options.clips, FRAMES, BANDS)
    labels = torch.randint(LABELS, (options.clips,))
    cell = CellConfig(inputs=BANDS * options.frames_per_step, frames_per_step=options.frames_per_step)
    net = KeywordNet(cell, LABELS, torch.zeros(BANDS), torch.ones(BANDS))
    for form in ("smooth", "piecewise", "quantized"):
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(options.rounds):
            for net.fused in (False, True):
                seconds[net.fused].append(epoch(net, form, features, labels, options.batch_size))
        ratios = [plain / compiled for plain, compiled in zip(seconds[False], seconds[True], strict=True)]
        result = {
            "form": form,
            "clips": options.clips,
            "threads": options.threads,
            "frames_per_step": options.frames_per_step,
        }
        result |= {"loop_s": statistics.median(seconds[False]), "kernel_s": statistics.median(seconds[True])}
        print(json.dumps(result | {"times_faster": round(statistics.median(ratios), 2)}), flush=True)


if __name__ == "__main__":
    main()
