#pragma once

#include "wakeword.h"

namespace esphome::wakeword {

template<typename... Ts> class StartAction : public Action<Ts...>, public Parented<WakeWord> {
 public:
  void play(const Ts &...x) override { this->parent_->start(); }
};

template<typename... Ts> class StopAction : public Action<Ts...>, public Parented<WakeWord> {
 public:
  void play(const Ts &...x) override { this->parent_->stop(); }
};

template<typename... Ts> class IsRunningCondition : public Condition<Ts...>, public Parented<WakeWord> {
 public:
  bool check(const Ts &...x) override { return this->parent_->is_running(); }
};

}  // namespace esphome::wakeword
