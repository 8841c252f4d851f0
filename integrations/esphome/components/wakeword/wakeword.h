#pragma once

#include "esphome/components/microphone/microphone_source.h"
#include "esphome/core/automation.h"
#include "esphome/core/component.h"

#include "sample_queue.h"
#include "wakeword/ww_combined.h"  // the core, which code generation writes to src/wakeword

#include <atomic>
#include <string>
#include <vector>

namespace esphome::wakeword {

/// A model, as code generation declares it: constant data, and working memory unless it is the engine's own.
class WakeWordModel {
 public:
  /// command_frames: 0 if it is always heard, else for how long after a word of a model that is no command.
  WakeWordModel(const ww_model &data, const char *const *labels, ww_further *further = nullptr,
                uint32_t command_frames = 0)
      : data_(data), labels_(labels), further_(further), command_frames_(command_frames) {}

  void enable() { this->enabled_ = true; }
  void disable() { this->enabled_ = false; }
  bool is_enabled() const { return this->enabled_; }

 protected:
  friend class WakeWord;

  /// Put it into the list of the engine's further models if it is enabled, else take it out.
  void link_(ww_further **first);

  const ww_model &data_;
  const char *const *labels_;
  ww_further *further_;
  uint32_t command_frames_;
  bool enabled_{true};
  bool linked_{false};
};

/// Hears words in the samples of a microphone and triggers an automation for each.
///
/// The microphone's task puts samples into a queue. loop() takes them out and runs the core, which is estimated at a
/// tenth of a Cortex-M4's time at 64 MHz for google12, so it needs no task of its own on a faster chip.
class WakeWord : public Component {
 public:
  void setup() override;
  void loop() override;
  void dump_config() override;
  /// After microphones and before Wi-Fi: words are heard while there is no network.
  float get_setup_priority() const override { return setup_priority::PROCESSOR; }

  /// Listen, from a fresh state; nothing if it listens already. Before setup() it is done there.
  void start();
  /// Stop listening, and the microphone if nobody else listens to it.
  void stop();
  bool is_running() const { return this->running_; }

  void set_microphone_source(microphone::MicrophoneSource *source) { this->microphone_source_ = source; }
  void set_stop_after_detection(bool stop) { this->stop_after_detection_ = stop; }
  /// The first is the engine's own model and has no working memory, the others have some.
  void add_model(WakeWordModel *model) { this->models_.push_back(model); }
  Trigger<std::string> *get_wake_word_detected_trigger() { return &this->wake_word_detected_trigger_; }

 protected:
  void begin_();
  /// Whether no automation has stopped it meanwhile, or stopped and started: samples of before are not heard then.
  bool hears_(uint32_t starts) const { return this->running_ && this->starts_ == starts; }
  void hear_(const int16_t *samples, uint32_t count);
  void detected_(const WakeWordModel &model, const ww_event &event);

  microphone::MicrophoneSource *microphone_source_{nullptr};
  Trigger<std::string> wake_word_detected_trigger_;
  std::vector<WakeWordModel *> models_;
  ww_engine engine_;
  ww_further *further_{nullptr};
  SampleQueue queue_;
  std::atomic<bool> lost_{false};  // set by the microphone's task
  bool told_lost_{false};
  uint32_t starts_{0};
  bool running_{false};
  bool stop_after_detection_{true};
};

}  // namespace esphome::wakeword
