"""Messages of the serial link: any cuts leave them whole, and any garbage before them is skipped."""

from __future__ import annotations

import errno
import os
import pty
import socket
import struct
import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from featurizer import FEATURIZER_ID
from tests.waits import PATIENCE, until
from wakeword.boards.messages import (
    MAX_PAYLOAD,
    VERSION,
    BoardEvent,
    Decoder,
    Frame,
    Message,
    checksum,
    encode,
    report_of,
)
from wakeword.boards.ports import touch
from wakeword.boards.selftest import selftest
from wakeword.boards.serial_link import Link, compute, listen, open_link
from wakeword.errors import DeviceError
from wakeword.model.export_c import model_id
from wakeword.model.pretrained import load_model

messages = st.builds(Message, st.sampled_from("HESPAhtam"), st.binary(max_size=MAX_PAYLOAD))


def decoded(data: bytes) -> list[Message]:
    return list(Decoder().feed(data))


@given(message=messages)
def test_a_message_has_one_zero_and_that_is_its_end(message: Message) -> None:
    line = encode(message)
    assert line.index(0) == len(line) - 1
    assert decoded(line) == [message]


@given(sent=st.lists(messages, max_size=4), cut=st.integers(1, 50))
def test_cuts_make_no_difference(sent: list[Message], cut: int) -> None:
    line, decoder = b"".join(map(encode, sent)), Decoder()
    pieces = [line[at : at + cut] for at in range(0, len(line), cut)]
    assert [message for piece in pieces for message in decoder.feed(piece)] == sent


def test_the_word_of_an_event_has_composed_accents() -> None:
    """As the words of models have; the board may run one that another program wrote."""
    event = report_of(Message("E", struct.pack("<IhB", 95, 24576, 3) + "cafe\u0301".encode()))
    assert isinstance(event, BoardEvent) and event.word == "caf\u00e9"


@given(garbage=st.binary(max_size=600), message=messages)
def test_a_message_behind_garbage_is_found(garbage: bytes, message: Message) -> None:
    assert decoded(garbage + b"\0" + encode(message))[-1] == message


# Its checksum, if it were not inverted, would end with a zero, and lose it here.
@example(message=Message("E", b'"\r'), at=6, flip=1)
@given(message=messages, at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_no_other_message(message: Message, at: int, flip: int) -> None:
    line = bytearray(encode(message))
    line[at % len(line)] ^= flip
    assert all(found == message for found in decoded(bytes(line)))


def test_an_endless_line_without_a_zero_takes_no_memory() -> None:
    decoder = Decoder()
    for _ in range(100):
        assert list(decoder.feed(b"x" * 10_000)) == []
    assert len(decoder._pending) <= 2 * MAX_PAYLOAD


class Stop(Exception):
    """End `listen`, which has no end."""


def said_of(*reports: Message, enough: Callable[[str], bool] = lambda line: False) -> list[str]:
    """What `listen` says of a board that sends these, until it has said this, or until the board has sent a word."""
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def board() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(100)  # it is asked; what came before would be dropped when the port is opened
                line.sendall(b"".join(map(encode, (Message("H", struct.pack("<II", 1, FEATURIZER_ID)), *reports))))
                while line.recv(100):
                    pass

        def stop(found: BoardEvent) -> None:
            raise Stop

        def say(line: str) -> None:
            said.append(line)
            if enough(line):
                raise Stop

        thread = threading.Thread(target=board, daemon=True)
        thread.start()
        with pytest.raises(Stop):
            listen(f"socket://127.0.0.1:{listener.getsockname()[1]}", stop, say)
        thread.join(PATIENCE)
    return said


def status(peak: int = 2, lost: int = 0) -> Message:
    return Message("S", struct.pack("<IHIII", 1, peak, lost, 4, 5))


def test_samples_that_a_board_loses_are_reported_each_time_that_their_count_has_doubled() -> None:
    """A board in trouble says so each second; after a reset it counts anew."""
    counts = [0, 1, 2, 3, 3, 4, 9, 15, 17, 40, 0, 5]
    said = said_of(*(status(lost=lost) for lost in counts), event(b"yes"))
    assert [line for line in said if "lost" in line] == [
        f"the board has lost {lost} samples so far" for lost in (1, 2, 4, 9, 40, 5)
    ]


def test_a_microphone_that_gives_nothing_but_zeros_is_reported_once_and_again_after_it_gave_sound() -> None:
    peaks = [0, 0, 0, 0, 7, *[0] * 12, 7, *[0] * 5]
    said = said_of(*map(status, peaks), event(b"yes"))
    assert [line for line in said if "zeros" in line] == [
        "the board's microphone gives nothing but zeros; check its wiring"
    ] * 2


def test_a_board_that_answers_and_gives_no_sound_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its microphone has not started, so no second of samples is ever full, after which it would send its status."""
    monkeypatch.setattr("wakeword.boards.serial_link._SILENT_SECONDS", 0.2)
    assert said_of(enough=lambda line: "sound" in line)[-1] == (
        "no sound comes from the board's microphone; check its wiring and pins, then reset the board"
    )


def test_the_checksum_is_the_one_of_the_specification() -> None:
    assert checksum(b"123456789") == 0x29B1


def event(word: bytes, score: int = 20_000) -> Message:
    return Message("E", struct.pack("<IhB", 100, score, 3) + word)


@pytest.mark.parametrize(
    "message",
    [
        Message("?", b""),
        Message("\xff", b""),
        Message("H", b"short"),
        Message("H", bytes(9)),
        Message("P", bytes(7)),
        event(b"\xff"),
        event(b""),
        event(b"yes", score=-1),
        event(b"\x1b[2J"),
        event(b"two\nlines"),
        event(b"nul\0"),
        event("\u2028".encode()),
    ],
    ids=repr,
)
def test_a_message_of_another_form_is_skipped(message: Message) -> None:
    assert report_of(message) is None


def test_a_word_has_letters_of_any_script() -> None:
    report = report_of(event("नम\u200dस्ते naïve".encode()))
    assert isinstance(report, BoardEvent) and report.word == "नम\u200dस्ते naïve"


def test_a_board_that_sends_frames_without_end_is_refused() -> None:
    board, host = pty.openpty()
    with Link(os.ttyname(host)) as link:
        os.write(board, encode(Message("P", struct.pack("<IHH", 0, 0, 0))) * 9)
        with pytest.raises(DeviceError, match="computes frames that it has no samples for"):
            compute(link, np.zeros(120, np.int16))
    os.close(board)


def test_frames_out_of_order_fail_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model()
    board, host = pty.openpty()
    with Link(os.ttyname(host)) as link:
        os.write(board, encode(Message("H", struct.pack("<II", model_id(model), FEATURIZER_ID))))
        monkeypatch.setattr("wakeword.boards.selftest.compute", lambda *_: [Frame(1 << 31, 0, 0, ())])
        with pytest.raises(DeviceError, match="sent frame 2147483648 in the place of frame 0"):
            selftest(link, model, np.zeros(400, np.int16))
    os.close(board)


def test_a_port_that_is_not_there_is_one_line() -> None:
    with pytest.raises(DeviceError, match=r"/dev/nowhere can't be opened: .*; is the board plugged in\?"):
        open_link("/dev/nowhere")


@pytest.mark.parametrize("opened", [open_link, touch])
def test_a_port_that_the_system_denies_is_a_line_with_the_way_out(
    opened: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: str, *how: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    with (
        monkeypatch.context() as kernel,
        pytest.raises(DeviceError, match=r"^/dev/denied is denied to you: .* dialout"),
    ):
        kernel.setattr(os, "open", denied)
        opened("/dev/denied")


def test_a_port_that_another_program_reads_is_one_line_and_leaves_it_its_bytes() -> None:
    board, host = pty.openpty()
    with Link(os.ttyname(host)) as first:
        with pytest.raises(DeviceError, match=r"^/dev/pts/\d+ is in use by another program, .*; end that first$"):
            open_link(os.ttyname(host))
        os.write(board, encode(event(b"yes")))
        assert until(first.receive) == [report_of(event(b"yes"))]
    with open_link(os.ttyname(host)):
        pass
    os.close(board)


def test_a_port_at_which_nothing_answers_is_one_line() -> None:
    board, host = pty.openpty()
    with Link(os.ttyname(host)) as link, pytest.raises(DeviceError, match="no wakeword firmware answers"):
        link.hello(patience=0.1)
    os.close(board)


def test_a_board_of_another_version_is_told_apart_from_none() -> None:
    board, host = pty.openpty()
    hello = bytes([VERSION + 1]) + b"H"
    hello += (checksum(hello) ^ 0xFFFF).to_bytes(2, "big")
    with Link(os.ttyname(host)) as link:
        os.write(board, bytes([len(hello) + 1]) + hello + b"\0")
        with pytest.raises(DeviceError, match=f"speaks version {VERSION + 1} of the link, this is version {VERSION}"):
            link.hello(patience=0.1)
    os.close(board)
