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

template<typename... Ts> class EnableModelAction : public Action<Ts...> {
 public:
  explicit EnableModelAction(WakeWordModel *model) : model_(model) {}
  void play(const Ts &...x) override { this->model_->enable(); }

 protected:
  WakeWordModel *model_;
};

template<typename... Ts> class DisableModelAction : public Action<Ts...> {
 public:
  explicit DisableModelAction(WakeWordModel *model) : model_(model) {}
  void play(const Ts &...x) override { this->model_->disable(); }

 protected:
  WakeWordModel *model_;
};

template<typename... Ts> class ModelIsEnabledCondition : public Condition<Ts...> {
 public:
  explicit ModelIsEnabledCondition(WakeWordModel *model) : model_(model) {}
  bool check(const Ts &...x) override { return this->model_->is_enabled(); }

 protected:
  WakeWordModel *model_;
};

}  // namespace esphome::wakeword
