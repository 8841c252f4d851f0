#pragma once

#include "esphome/components/microphone/microphone.h"
#include "esphome/core/component.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace esphome::wav_file {

/// Gives CHUNK of a file's raw 16-bit samples each time round the main loop, in 32 bits. At the end the program exits.
class WavMicrophone : public microphone::Microphone, public Component {
 public:
  void setup() override {
    this->audio_stream_info_ = audio::AudioStreamInfo(32, 1, 16000);
    this->file_ = fopen(getenv("HEARD"), "rb");
  }
  void start() override { this->state_ = microphone::STATE_RUNNING; }
  void stop() override { this->state_ = microphone::STATE_STOPPED; }
  void loop() override {
    std::vector<int16_t> read(atoi(getenv("CHUNK")));
    read.resize(fread(read.data(), sizeof(int16_t), read.size(), this->file_));
    if (read.empty() && this->ended_++ == 2) {  // the others have had their turn
      printf("end\n");
      exit(0);
    }
    if (this->state_ != microphone::STATE_RUNNING)
      return;
    std::vector<uint8_t> data;
    for (const int16_t sample : read) {
      data.insert(data.end(), 2, 0);
      data.push_back(static_cast<uint8_t>(sample));
      data.push_back(static_cast<uint8_t>(sample >> 8));
    }
    this->data_callbacks_.call(data);
  }

 protected:
  FILE *file_{nullptr};
  int ended_{0};
};

}  // namespace esphome::wav_file
