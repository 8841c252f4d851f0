#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace esphome::wakeword {

/// Samples on their way from the microphone's task to the main loop. One thread pushes and another pops; neither waits.
class SampleQueue {
 public:
  /// Half a second at 16 kHz, for which other components may hold up the main loop.
  static constexpr uint32_t SIZE = 8192;

  /// Put samples at the end, or none of them and return false if they don't fit. bytes: int16, little-endian.
  bool push(const uint8_t *bytes, uint32_t count) {
    const uint32_t end = this->end_.load(std::memory_order_relaxed);
    if (count > SIZE - (end - this->begin_.load(std::memory_order_acquire)))
      return false;
    const uint32_t until_wrap = std::min(count, SIZE - end % SIZE);
    memcpy(this->samples_ + end % SIZE, bytes, until_wrap * sizeof(int16_t));
    memcpy(this->samples_, bytes + until_wrap * sizeof(int16_t), (count - until_wrap) * sizeof(int16_t));
    this->end_.store(end + count, std::memory_order_release);
    return true;
  }

  uint32_t size() const {
    return this->end_.load(std::memory_order_acquire) - this->begin_.load(std::memory_order_relaxed);
  }

  /// Take the oldest samples out, at most so many, and return their number.
  uint32_t pop(int16_t *samples, uint32_t most) {
    const uint32_t begin = this->begin_.load(std::memory_order_relaxed);
    const uint32_t count = std::min(most, this->size());
    const uint32_t until_wrap = std::min(count, SIZE - begin % SIZE);
    memcpy(samples, this->samples_ + begin % SIZE, until_wrap * sizeof(int16_t));
    memcpy(samples + until_wrap, this->samples_, (count - until_wrap) * sizeof(int16_t));
    this->begin_.store(begin + count, std::memory_order_release);
    return count;
  }

  /// Remove all; for the thread that pops.
  void clear() { this->begin_.store(this->end_.load(std::memory_order_acquire), std::memory_order_release); }

 protected:
  int16_t samples_[SIZE];
  // Counted without end; what remains of a division by SIZE, a power of two, is the place.
  std::atomic<uint32_t> begin_{0}, end_{0};
};

}  // namespace esphome::wakeword
