#ifndef I2S_H
#define I2S_H

#include <Arduino.h>

typedef enum { I2S_PHILIPS_MODE, I2S_RIGHT_JUSTIFIED_MODE, I2S_LEFT_JUSTIFIED_MODE } i2s_mode_t;

class I2SClass : public Stream
{
  public:
    int begin(int mode, long sampleRate, int bitsPerSample);
    void onReceive(void (*)(void));
    virtual int available();
    virtual int read();
    virtual size_t write(uint8_t);
    int read(void *buffer, size_t size);
};
extern I2SClass I2S;

#endif
