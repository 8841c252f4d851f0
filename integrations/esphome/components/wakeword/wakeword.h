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

/// A model, as code generation declares it: constant data, and working memory unless it is the first.
struct WakeWordModel {
  WakeWordModel(const ww_model &data, const char *const *labels, ww_further *further = nullptr)
      : data(data), labels(labels), further(further) {}

  const ww_model &data;
  const char *const *labels;
  ww_further *further;
};

/// Hears words in the samples of a microphone and triggers an automation for each.
///
/// The microphone's task puts samples into a queue. loop() takes them out and runs the core, which takes less than a
/// tenth of an ESP32-C3's time for a model, so it needs no task of its own.
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
  /// The first model is the engine's own and has no working memory, the others have some.
  void add_model(WakeWordModel *model);
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
