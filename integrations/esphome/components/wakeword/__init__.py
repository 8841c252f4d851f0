"""The component `wakeword:` of ESPHome: spoken words, detected on the chip. It is used as micro_wake_word is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome import automation
from esphome.components import microphone
from esphome.const import CONF_ID, CONF_MICROPHONE, CONF_MODEL
from esphome.core import CORE
from esphome.helpers import copy_file_if_changed, write_file_if_changed

from .models import CONF_THRESHOLDS, check_different, check_model, exported_all, thresholds
from .package import core_sources

DEPENDENCIES = ["microphone"]

MAX_MODELS = 8  # each takes 1.4 KB of RAM, and time; none has been measured on an ESP32
FRAME = 10  # milliseconds
FOLDER = "wakeword"  # in the generated src/: the core and the models

CONF_COMMAND_DURATION = "command_duration"
CONF_COMMANDS = "commands"
CONF_FURTHER_ID = "further_id"
CONF_MODELS = "models"
CONF_ON_WAKE_WORD_DETECTED = "on_wake_word_detected"
CONF_STOP_AFTER_DETECTION = "stop_after_detection"

wakeword_ns = cg.esphome_ns.namespace("wakeword")
WakeWord = wakeword_ns.class_("WakeWord", cg.Component)
WakeWordModel = wakeword_ns.class_("WakeWordModel")
StartAction = wakeword_ns.class_("StartAction", automation.Action, cg.Parented.template(WakeWord))
StopAction = wakeword_ns.class_("StopAction", automation.Action, cg.Parented.template(WakeWord))
IsRunningCondition = wakeword_ns.class_("IsRunningCondition", automation.Condition, cg.Parented.template(WakeWord))
EnableModelAction = wakeword_ns.class_("EnableModelAction", automation.Action)
DisableModelAction = wakeword_ns.class_("DisableModelAction", automation.Action)
ModelIsEnabledCondition = wakeword_ns.class_("ModelIsEnabledCondition", automation.Condition)
Further = cg.global_ns.struct("ww_further")

_OF_MICRO_WAKE_WORD = "is of micro_wake_word's models, leave it out"

MODEL_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(CONF_ID): cv.declare_id(WakeWordModel),
            cv.GenerateID(CONF_FURTHER_ID): cv.declare_id(Further),
            cv.Required(CONF_MODEL): cv.string_strict,
            cv.Optional(CONF_THRESHOLDS): thresholds,
            cv.Optional("probability_cutoff"): cv.invalid(
                f"probability_cutoff {_OF_MICRO_WAKE_WORD}: a wakeword model has a threshold for each word, and "
                "`thresholds:` changes them"
            ),
            cv.Optional("sliding_window_size"): cv.invalid(f"sliding_window_size {_OF_MICRO_WAKE_WORD}"),
        }
    ),
    check_model,
)


def _check_together(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with all defaults. Raises cv.Invalid if its parts don't go together."""
    commands = config[CONF_COMMANDS]
    entries = [*config[CONF_MODELS], *commands]
    if not config[CONF_MODELS] or len(entries) > MAX_MODELS:
        raise cv.Invalid(f"list at least one model, and at most {MAX_MODELS}: each takes RAM and time of the chip")
    check_different(entries)
    if config.setdefault(CONF_STOP_AFTER_DETECTION, not commands) and commands:
        raise cv.Invalid(
            "commands are heard after a word of the models: leave stop_after_detection out, or make it false"
        )
    return config


_MODELS = cv.ensure_list(automation.maybe_conf(CONF_MODEL, MODEL_SCHEMA))

CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(WakeWord),
            cv.Optional(CONF_MICROPHONE, default={}): microphone.microphone_source_schema(
                min_bits_per_sample=16, max_bits_per_sample=16, min_channels=1, max_channels=1
            ),
            cv.Required(CONF_MODELS): _MODELS,
            cv.Optional(CONF_COMMANDS, default=[]): _MODELS,
            cv.Optional(CONF_COMMAND_DURATION, default="5s"): cv.All(
                cv.positive_time_period_milliseconds,
                cv.Range(min=cv.TimePeriod(milliseconds=FRAME), max=cv.TimePeriod(days=1)),
            ),
            cv.Optional(CONF_ON_WAKE_WORD_DETECTED): automation.validate_automation(single=True),
            cv.Optional(CONF_STOP_AFTER_DETECTION): cv.boolean,
            cv.Optional("vad"): cv.invalid(
                f"vad {_OF_MICRO_WAKE_WORD}: a wakeword model knows silence and noise itself"
            ),
            cv.Optional("task_stack_in_psram"): cv.invalid("wakeword has no task of its own; leave it out"),
        }
    ).extend(cv.COMPONENT_SCHEMA),
    _check_together,
)

FINAL_VALIDATE_SCHEMA = cv.Schema(
    {cv.Required(CONF_MICROPHONE): microphone.final_validate_microphone_source_schema("wakeword", sample_rate=16000)},
    extra=cv.ALLOW_EXTRA,
)


async def to_code(config: dict[str, Any]) -> None:
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    cg.add(var.set_microphone_source(await microphone.microphone_source_to_code(config[CONF_MICROPHONE])))
    cg.add(var.set_stop_after_detection(config[CONF_STOP_AFTER_DETECTION]))

    command_frames = config[CONF_COMMAND_DURATION].total_milliseconds // FRAME
    entries = [(entry, 0) for entry in config[CONF_MODELS]] + [
        (entry, command_frames) for entry in config[CONF_COMMANDS]
    ]
    headers: dict[str, str] = {}
    models = exported_all([entry for entry, _ in entries])
    for index, ((entry, frames), model) in enumerate(zip(entries, models, strict=True)):
        header = f"{FOLDER}_{index}_model.h"
        headers[header] = model.text
        cg.add_global(cg.RawStatement(f'#include "{FOLDER}/{header}"'))
        parts = [cg.RawExpression(f"{model.name}_model"), cg.RawExpression(f"{model.name}_labels")]
        if index > 0:  # the engine itself holds the first
            parts += [cg.new_Pvariable(entry[CONF_FURTHER_ID]), frames]
        cg.add(var.add_model(cg.new_Pvariable(entry[CONF_ID], *parts)))
    _write_sources(headers)

    if detected := config.get(CONF_ON_WAKE_WORD_DETECTED):
        await automation.build_automation(
            var.get_wake_word_detected_trigger(), [(cg.std_string, "wake_word")], detected
        )


def _write_sources(headers: dict[str, str]) -> None:
    """Write the models beside the core, where ESPHome's build compiles all of src/. What an older run left goes."""
    folder = Path(CORE.relative_src_path(FOLDER))
    sources = core_sources()
    kept = {*headers, *(source.name for source in sources)}
    for old in folder.glob("*"):
        if old.name not in kept:
            old.unlink()
    for source in sources:
        copy_file_if_changed(source, folder / source.name)
    for name, text in headers.items():
        write_file_if_changed(folder / name, text)


ACTION_SCHEMA = automation.maybe_simple_id({cv.GenerateID(): cv.use_id(WakeWord)})
MODEL_ACTION_SCHEMA = automation.maybe_simple_id({cv.Required(CONF_ID): cv.use_id(WakeWordModel)})


@automation.register_action("wakeword.start", StartAction, ACTION_SCHEMA, synchronous=True)
@automation.register_action("wakeword.stop", StopAction, ACTION_SCHEMA, synchronous=True)
@automation.register_condition("wakeword.is_running", IsRunningCondition, ACTION_SCHEMA)
async def parented_to_code(config: dict[str, Any], action_id: Any, template_arg: Any, args: Any) -> Any:
    var = cg.new_Pvariable(action_id, template_arg)
    await cg.register_parented(var, config[CONF_ID])
    return var


@automation.register_action("wakeword.enable_model", EnableModelAction, MODEL_ACTION_SCHEMA, synchronous=True)
@automation.register_action("wakeword.disable_model", DisableModelAction, MODEL_ACTION_SCHEMA, synchronous=True)
@automation.register_condition("wakeword.model_is_enabled", ModelIsEnabledCondition, MODEL_ACTION_SCHEMA)
async def of_model_to_code(config: dict[str, Any], action_id: Any, template_arg: Any, args: Any) -> Any:
    return cg.new_Pvariable(action_id, template_arg, await cg.get_variable(config[CONF_ID]))
