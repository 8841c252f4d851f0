"""Training on a GPU, as far as it shows without one: the device chosen, no device mixed, a compiled step that is the
plain one.
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.errors import WakewordError
from wakeword.networks.config import CellConfig
from wakeword.networks.device import compiled, device_of, fast
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import Formats, QuantizedNet, choose_formats
from wakeword.training import distillation
from wakeword.training.config import (
    CarriedState,
    FeatureAugmentation,
    Optimization,
    Regularization,
    Selection,
    SpecAugment,
    Stages,
    TeacherConfig,
    TrainConfig,
)
from wakeword.training.corpus import load_corpus
from wakeword.training.distillation import TeacherRun
from wakeword.training.trainer import Batches, Trainer

META = torch.device("meta")  # has shapes and no values; torch refuses to mix it with the CPU, as it would CUDA
CONFIG = TrainConfig(
    cell=CellConfig(hidden=8, rank_w=3, rank_u=4, evidence=2),
    stages=Stages(1, 2, 3),
    optimization=Optimization(batch_size=4, ema_decay=0.9),
    regularization=Regularization(weight_drop=0.2, activation_penalty=0.1, temporal_penalty=0.1, false_accept_loss=0.1),
    feature_augmentation=FeatureAugmentation(masks=SpecAugment(count=1)),
    carried_state=CarriedState(0.5, jitter_steps=5, from_silence=0.4),
    selection=Selection(validation_interval=100),
)


@pytest.fixture
def without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let training read numbers from a device that has none."""
    monkeypatch.setattr(torch.Tensor, "__float__", lambda tensor: 0.0)


def test_auto_is_the_cpu_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of("auto") == device_of("cpu") == torch.device("cpu")
    with pytest.raises(WakewordError, match="no CUDA device"):
        device_of("cuda")


def test_auto_is_the_gpu_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_of("auto") == device_of("cuda") == torch.device("cuda")
    assert device_of("cpu") == torch.device("cpu")


def test_a_step_is_compiled_on_cuda_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeword.networks.device.compiled", lambda step: abs)
    assert fast(len, torch.device("cpu")) is len
    assert fast(len, torch.device("cuda")) is abs


@pytest.mark.parametrize("epoch", [0, 1, 4])
def test_an_epoch_mixes_no_devices(epoch: int, tmp_path: Path, without_values: None) -> None:
    config, corpus = CONFIG, load_corpus(CONFIG, keyword_set("low,high"), write_tones(tmp_path / "tones", clips=10))
    run = Trainer(config, corpus, META)
    run.next_epoch = epoch
    if config.stages.of(epoch) == "quantized":
        run.formats = Formats(w1=6, w2=6, u1=6, u2=6, head=6, from_input=8, from_state=8)
        run.masks.project()
    data = Batches(torch.zeros(12, 30, 32), torch.eye(4).repeat(3, 1))
    run.train_epoch(data)
    assert all(parameter.grad is not None and parameter.grad.is_meta for parameter in run.net.parameters())


def test_an_epoch_of_the_teacher_mixes_no_devices(monkeypatch: pytest.MonkeyPatch, without_values: None) -> None:
    monkeypatch.setattr(distillation, "_half_precision", lambda device: nullcontext())
    config = TeacherConfig(widths=(4, 6), batch_size=4)
    run = TeacherRun(config, 3, torch.zeros(32), torch.ones(32), META)
    run.train_epoch(torch.zeros(8, 30, 32), torch.zeros(8, dtype=torch.long))
    assert all(parameter.is_meta for parameter in run.average.parameters())


def states_and_gradients(model: KeywordNet | QuantizedNet, features: torch.Tensor) -> list[torch.Tensor]:
    model.zero_grad()
    states = model.states(features)
    states.square().sum().backward()
    return [states.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)]


@pytest.mark.parametrize("form", ["fastgrnn", "fastrnn", "quantized"])
def test_a_compiled_step_has_the_states_and_gradients_of_the_plain_one(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    kind = "fastrnn" if form == "fastrnn" else "fastgrnn"
    net = KeywordNet(CellConfig(kind, 32, 8, 3, 4), 3, torch.zeros(32), torch.ones(32)).double()  # type: ignore[arg-type]
    net.fused = False
    features = torch.randn(4, 10, 32, dtype=torch.double)
    model = QuantizedNet(net, choose_formats(net, features)) if form == "quantized" else net
    plain = states_and_gradients(model, features)
    used = []

    def as_on_cuda(step: Any, device: Any) -> Any:
        used.append(step)
        return compiled(step, "aot_eager")  # what CUDA has but for the code that is made of it in the end

    for module in ("networks.cell", "quantization.fake_quant"):
        monkeypatch.setattr(f"wakeword.{module}.fast", as_on_cuda)
    for one, other in zip(plain, states_and_gradients(model, features), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-12, atol=1e-12)
    assert used
