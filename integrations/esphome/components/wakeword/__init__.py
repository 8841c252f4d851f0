"""The component `wakeword:` of ESPHome: spoken words, detected on the chip. It is used as micro_wake_word is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome import automation
from esphome.components import microphone
from esphome.const import CONF_ID, CONF_MICROPHONE, CONF_MODEL
from esphome.core import CORE
from esphome.helpers import copy_file_if_changed, write_file_if_changed

from .package import core_sources, need_package

if TYPE_CHECKING:
    from wakeword.model.file import Model

DEPENDENCIES = ["microphone"]

MAX_MODELS = 8  # each takes 1.4 KB of RAM, and some 2 % of an ESP32-C3's time
FOLDER = "wakeword"  # in the generated src/: the core and the models

CONF_FURTHER_ID = "further_id"
CONF_MODELS = "models"
CONF_ON_WAKE_WORD_DETECTED = "on_wake_word_detected"
CONF_STOP_AFTER_DETECTION = "stop_after_detection"
CONF_THRESHOLDS = "thresholds"

wakeword_ns = cg.esphome_ns.namespace("wakeword")
WakeWord = wakeword_ns.class_("WakeWord", cg.Component)
WakeWordModel = wakeword_ns.class_("WakeWordModel")
StartAction = wakeword_ns.class_("StartAction", automation.Action, cg.Parented.template(WakeWord))
StopAction = wakeword_ns.class_("StopAction", automation.Action, cg.Parented.template(WakeWord))
IsRunningCondition = wakeword_ns.class_("IsRunningCondition", automation.Condition, cg.Parented.template(WakeWord))
Further = cg.global_ns.struct("ww_further")


def _load(config: dict[str, Any]) -> Model:
    """Return the model of an entry of `models:`, with its thresholds. Raises cv.Invalid if there is no such model."""
    need_package()
    from wakeword.errors import WakewordError
    from wakeword.model.pretrained import load_model, shipped_models

    name = config[CONF_MODEL]
    path = Path(CORE.relative_config_path(name))
    try:
        model = load_model(str(path) if name not in shipped_models() and path.exists() else name)
        wanted = config.get(CONF_THRESHOLDS, {})
        return model.with_thresholds(wanted if isinstance(wanted, dict) else dict.fromkeys(model.keywords, wanted))
    except WakewordError as error:
        raise cv.Invalid(str(error)) from error


def _check_model(config: dict[str, Any]) -> dict[str, Any]:
    _load(config)
    return config


def _threshold(value: object) -> float:
    try:
        number = float(cv.percentage(value))
    except cv.Invalid:
        number = 0.0
    if not 0 < number < 1:
        raise cv.Invalid(f"a threshold is between 0 and 1, as 0.8 or 80%, and {value} is not")
    return number


def _thresholds(value: object) -> Any:
    """Return thresholds by word, or one for all words of the model, as fractions of one."""
    if not isinstance(value, dict):
        return _threshold(value)
    words = {str(word): threshold for word, threshold in value.items()}
    if not words.keys().isdisjoint(("True", "False")):  # what YAML makes of a bare yes, no, on or off
        raise cv.Invalid('put the words of thresholds in quotes, as in "yes": 80%, or YAML reads them as true or false')
    return {word: _threshold(threshold) for word, threshold in words.items()}


def _check_different(configs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Refuse a model that is listed twice: each of its words would be an event twice."""
    names = [config[CONF_MODEL] for config in configs]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise cv.Invalid(f"{name} is listed twice; list each model once", [index])
    return configs


_OF_MICRO_WAKE_WORD = "is of micro_wake_word's models, leave it out"

MODEL_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(CONF_ID): cv.declare_id(WakeWordModel),
            cv.GenerateID(CONF_FURTHER_ID): cv.declare_id(Further),
            cv.Required(CONF_MODEL): cv.string_strict,
            cv.Optional(CONF_THRESHOLDS): _thresholds,
            cv.Optional("probability_cutoff"): cv.invalid(
                f"probability_cutoff {_OF_MICRO_WAKE_WORD}: a wakeword model has a threshold for each word, and "
                "`thresholds:` changes them"
            ),
            cv.Optional("sliding_window_size"): cv.invalid(f"sliding_window_size {_OF_MICRO_WAKE_WORD}"),
        }
    ),
    _check_model,
)

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(WakeWord),
        cv.Optional(CONF_MICROPHONE, default={}): microphone.microphone_source_schema(
            min_bits_per_sample=16, max_bits_per_sample=16, min_channels=1, max_channels=1
        ),
        cv.Required(CONF_MODELS): cv.All(
            cv.ensure_list(automation.maybe_conf(CONF_MODEL, MODEL_SCHEMA)),
            cv.Length(
                min=1,
                max=MAX_MODELS,
                msg=f"list at least one model, and at most {MAX_MODELS}: each takes RAM and time of the chip",
            ),
            _check_different,
        ),
        cv.Optional(CONF_ON_WAKE_WORD_DETECTED): automation.validate_automation(single=True),
        cv.Optional(CONF_STOP_AFTER_DETECTION, default=True): cv.boolean,
        cv.Optional("vad"): cv.invalid(f"vad {_OF_MICRO_WAKE_WORD}: a wakeword model knows silence and noise itself"),
        cv.Optional("task_stack_in_psram"): cv.invalid("wakeword has no task of its own; leave it out"),
    }
).extend(cv.COMPONENT_SCHEMA)

FINAL_VALIDATE_SCHEMA = cv.Schema(
    {cv.Required(CONF_MICROPHONE): microphone.final_validate_microphone_source_schema("wakeword", sample_rate=16000)},
    extra=cv.ALLOW_EXTRA,
)


async def to_code(config: dict[str, Any]) -> None:
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    cg.add(var.set_microphone_source(await microphone.microphone_source_to_code(config[CONF_MICROPHONE])))
    cg.add(var.set_stop_after_detection(config[CONF_STOP_AFTER_DETECTION]))

    headers: dict[str, str] = {}
    for index, entry in enumerate(config[CONF_MODELS]):
        name = f"wakeword_{index}"  # in C: an id of YAML may be no name there
        _export(entry, name, headers)
        parts = [cg.RawExpression(f"{name}_model"), cg.RawExpression(f"{name}_labels")]
        if index > 0:  # the engine itself holds the first
            parts.append(cg.new_Pvariable(entry[CONF_FURTHER_ID]))
        cg.add(var.add_model(cg.new_Pvariable(entry[CONF_ID], *parts)))
    for header in headers:
        cg.add_global(cg.RawStatement(f'#include "{FOLDER}/{header}"'))
    _write_sources(headers)

    if detected := config.get(CONF_ON_WAKE_WORD_DETECTED):
        await automation.build_automation(
            var.get_wake_word_detected_trigger(), [(cg.std_string, "wake_word")], detected
        )


def _export(entry: dict[str, Any], name: str, headers: dict[str, str]) -> None:
    """Add the header of a model, whose names in C begin with this one."""
    model = _load(entry)
    from wakeword.model.export_c import export_c, header_of

    headers[header_of(name)] = export_c(model, name)


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


@automation.register_action("wakeword.start", StartAction, ACTION_SCHEMA, synchronous=True)
@automation.register_action("wakeword.stop", StopAction, ACTION_SCHEMA, synchronous=True)
@automation.register_condition("wakeword.is_running", IsRunningCondition, ACTION_SCHEMA)
async def parented_to_code(config: dict[str, Any], action_id: Any, template_arg: Any, args: Any) -> Any:
    var = cg.new_Pvariable(action_id, template_arg)
    await cg.register_parented(var, config[CONF_ID])
    return var
