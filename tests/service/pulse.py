"""A real sound server with a room in it: what is played into the room, its microphone hears."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.processes import run, started
from tests.waits import until

_SCRIPT = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=room rate=16000 channels=1 format=s16le norewinds=1
load-module module-remap-source master=room.monitor source_name=ear remix=no
set-default-sink room
set-default-source ear
"""
_ALSA = "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n"


class Room:
    """PulseAudio, of the test's own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pulse"))
        socket = self._folder / "socket"
        (self._folder / "room.pa").write_text(_SCRIPT.format(socket=socket))
        (self._folder / "asound.conf").write_text(_ALSA)
        self.environment = {
            **{name: str(self._folder) for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH")},
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
            "JACK_NO_START_SERVER": "1",
        }
        self._server = ExitStack()
        self.open()

    def open(self) -> None:
        """Start the sound server."""
        script = ["-n", "-F", str(self._folder / "room.pa")]
        # Real time, where this user may have it: a busy machine is to skip nothing.
        alone = ["--realtime=yes", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes"]
        command = ["pulseaudio", *alone, *script]
        server = started(command, environment=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._server.enter_context(server)
        until(lambda: self._run("pactl", "info").returncode == 0)

    def listeners(self) -> int:
        """How many are listening at present."""
        return len(self._run("pactl", "list", "short", "source-outputs").stdout.splitlines()) - 1  # but for the ear

    def play(self, file: Path) -> None:
        """Play a file into the room, and wait for its end."""
        assert self._run("paplay", str(file)).returncode == 0

    def close(self) -> None:
        """The sound server is gone, as when a microphone is pulled out."""
        self._server.close()
        (self._folder / "socket").unlink(missing_ok=True)

    def remove(self) -> None:
        self.close()
        shutil.rmtree(self._folder)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run(command, environment=self.environment)
