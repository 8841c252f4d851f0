// One thread pushes the numbers from 0 on, in blocks of changing size, and another pops them: prints how many arrived,
// and those whose place is taken by another.
#include "sample_queue.h"

#include <cstdio>
#include <thread>
#include <vector>

static const uint32_t COUNT = 1000000;

int main() {
  static esphome::wakeword::SampleQueue queue;
  std::thread microphone([] {
    std::vector<int16_t> block;
    uint32_t size = 1;
    for (uint32_t next = 0; next < COUNT; next += size) {
      size = std::min(size * 7 % 1013 + 1, COUNT - next);
      block.resize(size);
      for (uint32_t i = 0; i < size; i++)
        block[i] = static_cast<int16_t>(next + i);
      while (!queue.push(reinterpret_cast<const uint8_t *>(block.data()), size))
        std::this_thread::yield();
    }
  });
  int16_t block[160];
  uint32_t popped = 0, wrong = 0;
  while (popped < COUNT) {
    const uint32_t count = queue.pop(block, 160);
    for (uint32_t i = 0; i < count; i++)
      wrong += block[i] != static_cast<int16_t>(popped + i);
    popped += count;
    if (count == 0)
      std::this_thread::yield();
  }
  microphone.join();
  printf("%u %u %u\n", popped, wrong, queue.size());
}
