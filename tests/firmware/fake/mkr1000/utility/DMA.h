#ifndef DMA_H
#define DMA_H

#include <stdint.h>

class DMAClass
{
  public:
    void begin();
    int allocateChannel();
    void setTriggerSource(int channel, int source);
    void setTransferWidth(int channel, int transferWidth);
    void incDst(int channel);
    int transfer(int channel, void *src, void *dst, uint16_t size);
    void onTransferComplete(int channel, void (*function)(int));
};
extern DMAClass DMA;

#endif
