"""Configurations of ESPHome with a `wakeword:`: right and wrong ones, those of the component's page, and one to run."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integrations.esphome.tool import COMPONENTS
from tests.signals import ROOT
from wakeword.model.pretrained import shipped_models

BASE = """
esphome: {{name: {name}}}
logger:
external_components: [{{source: {{type: local, path: {components}}}}}]
"""
ESP32 = """
esp32: {{variant: {variant}, framework: {{type: esp-idf}}}}
i2s_audio: {{i2s_lrclk_pin: GPIO5, i2s_bclk_pin: GPIO4}}
microphone: {{platform: i2s_audio, adc_type: external, i2s_din_pin: GPIO6, channel: left, sample_rate: {rate}}}
"""
HOST = """
esphome:
  name: hears
  on_boot:
    - lambda: |-
        App.set_loop_interval(0);
        id(listener).set_stop_after_detection(std::string(getenv("AFTER_A_WORD")).find("stop") == 0);
    - if:
        condition: {{lambda: 'return strstr(getenv("DISABLED"), "words");'}}
        then: [wakeword.disable_model: words]
    - if:
        condition: {{lambda: 'return strstr(getenv("DISABLED"), "numbers");'}}
        then: [wakeword.disable_model: numbers]
    - wakeword.start:
    - wakeword.start: listener
host:
logger:
external_components:
  - source: {{type: local, path: {components}}}
  - source: {{type: local, path: {here}/components}}
microphone:
  - {{platform: wav_file, id: recording}}
wakeword:
  id: listener
  microphone: recording
  models:
    - {{model: google12, id: words}}
    - {{model: numbers.safetensors, id: numbers, thresholds: {{"one": 20%, "five": 0.2, "bed": 20%}}}}
  commands: commands.safetensors
  command_duration: 5s
  on_wake_word_detected:
    - lambda: printf("heard %s\\n", wake_word.c_str());
    - if:
        condition: wakeword.is_running
        then: [lambda: printf("it runs\\n");]
        else: [lambda: printf("it is stopped\\n");]
    - if:
        condition: {{lambda: 'return getenv("AFTER_A_WORD") == std::string("stop and start");'}}
        then: [wakeword.start: ]
    - if:
        condition: {{lambda: 'return getenv("AFTER_A_WORD") == std::string("wakeword.stop");'}}
        then: [wakeword.stop: , wakeword.stop: ]
    - if:
        condition:
          and:
            - lambda: return getenv("AFTER_A_WORD") == std::string("enable");
            - not: {{wakeword.model_is_enabled: numbers}}
        then: [wakeword.enable_model: numbers]
    - if:
        condition: {{lambda: 'return getenv("AFTER_A_WORD") == std::string("disable");'}}
        then: [wakeword.disable_model: words, wakeword.disable_model: numbers]
"""

RIGHT = (
    "models: google12",
    'models: [google12, {model: digits10, id: numbers, thresholds: {"one": 80%}}]',
    "models: [{model: numbers.safetensors, thresholds: 0.9}]",
    "models: [{model: hey.h, id: google12}]",  # which only a comment of the header has
    "models: [google12]\n  microphone: {bits_per_sample: 16, channels: 0, gain_factor: 4}",
    "models: [numbers.safetensors]\n  commands: [google12]\n  command_duration: 3s\n  stop_after_detection: false",
)
WRONG = {
    "models: [google13]": (
        "there is no model 'google13': give the path of a model file, or a shipped model: "
        f"{', '.join(shipped_models())}"
    ),
    "models: [words.txt]": (
        "words.txt is truncated or no model (Error while deserializing: header too small); copy or train it again"
    ),
    "models: [uno]": (
        "uno is a model for the Arduino Uno, which is another kind; for its source: wakeword export uno --format uno "
        "--out DIR"
    ),
    'models: [{model: digits10, thresholds: {"no": 80%}}]': (
        "the model has no word 'no'; its words are zero, one, two, three, four, five, bed, cat, happy, eight"
    ),
    "models: [{model: google12, thresholds: {no: 80%}}]": (
        'put the words of thresholds in quotes, as in "yes": 80%, or YAML reads them as true or false'
    ),
    'models: [{model: google12, thresholds: {"no": 120%}}]': (
        "a threshold is between 0 and 1, as 0.8 or 80%, and 120% is not"
    ),
    'models: [{model: google12, thresholds: {"no": 0}}]': (
        "a threshold is between 0 and 1, as 0.8 or 80%, and 0 is not"
    ),
    "models: [{model: google12, thresholds: high}]": "a threshold is between 0 and 1, as 0.8 or 80%, and high is not",
    "models: []": "list at least one model, and at most 8: each takes RAM and time of the chip",
    f"models: [{', '.join(['google12'] * 9)}]": (
        "list at least one model, and at most 8: each takes RAM and time of the chip"
    ),
    "models: google12\n  commands: google12": "google12 is listed twice; list each model once",
    "models: google12\n  commands: digits10\n  stop_after_detection: true": (
        "commands are heard after a word of the models: leave stop_after_detection out, or make it false"
    ),
    "models: google12\n  command_duration: 0s": "value must be at least 10ms",
    "models: google12\n  command_duration: 500000d": "value must be at most 1d",
    "models: [wakeword_1.h, digits10]": (
        "wakeword_1.h has a name in C that another has too, wakeword_1: export each with its own --name"
    ),
    "models: [{model: hey.h, id: hey_labels}]": "the id hey_labels is a name in hey.h, too: choose another id",
    "models: [{model: hey.h, id: hey_model}]": "the id hey_model is a name in hey.h, too: choose another id",
    "models: absent.h": "absent.h can't be read: No such file or directory",
    "models: words.h": "words.h is no model of `wakeword export MODEL --format c --name NAME --out DIR`",
    "models: [{model: hey.h, thresholds: 80%}]": (
        "hey.h is exported with its thresholds; to change them, give the .safetensors file"
    ),
    "models: [hey.h, copy_of_hey.h]": (
        "hey.h has a name in C that another has too, hey: export each with its own --name"
    ),
    "models: [google12, digits10, google12]": "google12 is listed twice; list each model once",
    "models: [{model: google12, id: one}, {model: digits10, id: one}]": (
        "ID one redefined! Check wakeword->models->0->id"
    ),
    "models: [{thresholds: 0.5}]": "required key not provided",
    "stop_after_detection: true": "required key not provided",
    "models: [{model: google12, probability_cutoff: 97%}]": (
        "probability_cutoff is of micro_wake_word's models, leave it out: a wakeword model has a threshold for each "
        "word, and `thresholds:` changes them"
    ),
    "models: [{model: google12, sliding_window_size: 5}]": (
        "sliding_window_size is of micro_wake_word's models, leave it out"
    ),
    "models: google12\n  vad:": (
        "vad is of micro_wake_word's models, leave it out: a wakeword model knows silence and noise itself"
    ),
    "models: google12\n  microphone: {bits_per_sample: 32}": "value must be at most 16",
    "models: google12\n  microphone: {channels: 1}": (
        "Invalid configuration for the wakeword component. Enabled channel 1 value must be at most 0"
    ),
}


def esp32(name: str, rest: str, variant: str = "esp32s3", rate: int = 16000, components: Path = COMPONENTS) -> str:
    parts = BASE.format(name=name, components=components), ESP32.format(variant=variant, rate=rate)
    return "".join(parts) + f"wakeword:\n  {rest}\n"


DEVICE, *EXAMPLES = (
    block.replace("path: wakeword/integrations/esphome/components", f"path: {COMPONENTS}")
    for block in re.findall(r"```yaml\n(.*?)```", (ROOT / "integrations/esphome/README.md").read_text(), re.S)
    if "\nwakeword:" in f"\n{block}"
)  # of the component's page


def in_device(example: str) -> str:
    """Another `wakeword:` in the page's whole configuration."""
    return f"{DEVICE.partition('wakeword:')[0]}voice_assistant: {{microphone: ears}}\n{example}"
