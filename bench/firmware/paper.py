"""The paper's times on the same boards beside ours (Kusupati et al. 2018, arXiv:1901.02358, tables 4 and 5)."""

from __future__ import annotations

from rich.table import Table

# Milliseconds for one prediction on Google-12, a clip of a second, by the network alone: Due, MKR1000.
MILLISECONDS = {
    "FastGRNN": (242, 537),
    "FastGRNN-Q (not quantised)": (779, 2282),
    "RNN": (3472, 12028),
    "UGRNN": (6693, 22875),
    "SpectralRNN": (17766, 70902),
}


def beside(due: tuple[float, float], mkr1000: tuple[float, float]) -> Table:
    """Return a table of the paper's times and ours, in milliseconds, without and with waits for the memory."""
    table = Table(title="the network alone, a second of audio, milliseconds")
    table.add_column("")
    table.add_column("Due", justify="right")
    table.add_column("MKR1000", justify="right")
    for name, *ours in zip(("this model (estimated)", "with waits (estimated)"), due, mkr1000, strict=True):
        table.add_row(name, *(f"{milliseconds:.1f}" for milliseconds in ours))
    table.add_section()
    for name, theirs in MILLISECONDS.items():
        table.add_row(f"paper: {name}", *(f"{milliseconds:,}" for milliseconds in theirs))
    return table
