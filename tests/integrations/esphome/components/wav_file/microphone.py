"""`platform: wav_file`: plays the samples of a file, whose path the environment variable HEARD holds at run time."""

from __future__ import annotations

from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import audio, microphone
from esphome.const import CONF_ID

WavMicrophone = cg.esphome_ns.namespace("wav_file").class_("WavMicrophone", microphone.Microphone, cg.Component)


def _limits(config: dict[str, Any]) -> dict[str, Any]:
    audio.set_stream_limits(*(32, 32), *(1, 1), *(16000, 16000))(config)  # bits, channels, samples a second
    return config


CONFIG_SCHEMA = cv.All(
    microphone.MICROPHONE_SCHEMA.extend({cv.GenerateID(): cv.declare_id(WavMicrophone)}).extend(cv.COMPONENT_SCHEMA),
    _limits,
)


async def to_code(config: dict[str, Any]) -> None:
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    await microphone.register_microphone(var, config)
