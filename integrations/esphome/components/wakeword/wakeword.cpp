#include "wakeword.h"

#include "esphome/core/log.h"

#include <algorithm>

namespace esphome::wakeword {

static const char *const TAG = "wakeword";

void WakeWord::setup() {
  this->microphone_source_->add_data_callback([this](const std::vector<uint8_t> &data) {
    if (!this->queue_.push(data.data(), static_cast<uint32_t>(data.size() / sizeof(int16_t))))
      this->lost_ = true;
  });
  if (this->running_)
    this->begin_();
  else
    this->disable_loop();
}

void WakeWord::dump_config() {
  ESP_LOGCONFIG(TAG, "Wake words (core " WW_VERSION "):");
  for (const WakeWordModel *model : this->models_)
    for (uint8_t label = model->data_.first_word; label < model->data_.labels; label++)
      ESP_LOGCONFIG(TAG, "  '%s' from a score of %.3f%s", model->labels_[label],
                    model->data_.threshold[label] / 32768.0f, model->command_frames_ ? ", a command" : "");
}

void WakeWordModel::link_(ww_further **first) {
  if (!this->further_ || this->linked_ == this->enabled_)
    return;
  this->linked_ = this->enabled_;
  if (!this->linked_) {
    while (*first != this->further_)
      first = &(*first)->next;
    *first = this->further_->next;
  } else if (this->command_frames_ > 0) {
    ww_combined_then(first, this->further_, &this->data_, this->labels_, this->command_frames_);
  } else {
    ww_combined_add(first, this->further_, &this->data_, this->labels_);
  }
}

void WakeWord::start() {
  if (this->running_)
    return;
  this->running_ = true;
  if (this->is_ready())
    this->begin_();
}

void WakeWord::begin_() {
  ESP_LOGD(TAG, "Listening");
  ww_engine_reset(&this->engine_, &this->models_[0]->data_);
  ww_combined_reset(this->further_);
  this->queue_.clear();
  this->lost_ = this->told_lost_ = false;
  this->starts_++;
  this->microphone_source_->start();
  this->enable_loop();
}

void WakeWord::stop() {
  if (!this->running_)
    return;
  this->running_ = false;
  if (!this->is_ready())
    return;
  ESP_LOGD(TAG, "Stopped");
  this->microphone_source_->stop();
  this->disable_loop();
}

void WakeWord::loop() {
  if (this->lost_ && !this->told_lost_) {
    this->told_lost_ = true;
    ESP_LOGW(TAG, "Audio was lost, since the main loop was held up for half a second; said once until the next start");
  }
  int16_t block[WW_HOP];
  const uint32_t starts = this->starts_;
  // What comes while this runs is for the next time, so that it ends.
  for (uint32_t left = this->queue_.size(); left > 0 && this->hears_(starts);) {
    const uint32_t count = this->queue_.pop(block, std::min<uint32_t>(left, WW_HOP));
    this->hear_(block, count);
    left -= count;
  }
}

void WakeWord::hear_(const int16_t *samples, uint32_t count) {
  for (WakeWordModel *model : this->models_)  // since the last block one may have been enabled or disabled
    model->link_(&this->further_);
  const uint32_t starts = this->starts_;
  while (count > 0 && this->hears_(starts)) {
    uint32_t taken = count;
    ww_event event;
    const int result = ww_engine_push(&this->engine_, samples, &taken, &event);
    samples += taken;
    count -= taken;
    if (!(result & WW_FRAME))
      continue;
    // The first model runs while it is disabled, and nobody hears of its words.
    const bool first = (result & WW_EVENT) && this->models_[0]->enabled_;
    ww_combined_step(this->further_, &this->engine_, first);
    if (first)
      this->detected_(*this->models_[0], event);
    for (const WakeWordModel *model : this->models_) {
      const bool steps = model->linked_ && model->enabled_;
      if (steps && model->further_->has_event && this->hears_(starts))
        this->detected_(*model, model->further_->event);
    }
  }
}

void WakeWord::detected_(const WakeWordModel &model, const ww_event &event) {
  const char *const word = model.labels_[event.label];
  const double seconds = (event.frame * static_cast<double>(WW_HOP) + WW_WINDOW) / WW_SAMPLE_RATE;
  ESP_LOGD(TAG, "Detected '%s' with a score of %.4f, %.3f s after the start", word, event.score / 32768.0f, seconds);
  // Before the automation, which may start anew.
  if (this->stop_after_detection_)
    this->stop();
  this->wake_word_detected_trigger_.trigger(word);
}

}  // namespace esphome::wakeword
