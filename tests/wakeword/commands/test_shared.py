"""What commands share: bars end at their total."""

from __future__ import annotations

import pytest

from wakeword.commands.shared import progress_bar


@pytest.mark.parametrize("steps", [3, 5])
def test_a_bar_ends_at_its_total_however_often_the_work_is_redone(
    steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("hey lumen", 3) as advance:
        for _ in range(steps):
            advance()
    told = capsys.readouterr()
    assert told.out == ""
    assert "3/3" in told.err and "4/3" not in told.err and "5/3" not in told.err
