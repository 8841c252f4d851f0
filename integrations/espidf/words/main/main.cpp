/* Prints the words that are spoken to an I2S microphone. A wakeword_model.h in this folder replaces the library's, which
 * holds google12. */
#include <stdio.h>

#include "driver/i2s_std.h"
#include "freertos/FreeRTOS.h"

#include "WakeWord.h"
#include "wakeword_model.h"

static const gpio_num_t SCK = GPIO_NUM_4, WS = GPIO_NUM_5, SD = GPIO_NUM_6;

static i2s_chan_handle_t openMicrophone()
{
    i2s_chan_handle_t bus;
    const i2s_chan_config_t channel = I2S_CHANNEL_DEFAULT_CONFIG(I2S_NUM_AUTO, I2S_ROLE_MASTER);
    ESP_ERROR_CHECK(i2s_new_channel(&channel, nullptr, &bus));
    i2s_std_config_t config = {};
    config.clk_cfg = I2S_STD_CLK_DEFAULT_CONFIG(WW_SAMPLE_RATE);
    config.slot_cfg = I2S_STD_PHILIPS_SLOT_DEFAULT_CONFIG(I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_STEREO);
    config.gpio_cfg.mclk = config.gpio_cfg.dout = I2S_GPIO_UNUSED;
    config.gpio_cfg.bclk = SCK;
    config.gpio_cfg.ws = WS;
    config.gpio_cfg.din = SD;
    ESP_ERROR_CHECK(i2s_channel_init_std_mode(bus, &config));
    ESP_ERROR_CHECK(i2s_channel_enable(bus));
    return bus;
}

extern "C" void app_main(void)
{
    static int32_t frames[2 * WW_HOP]; /* left and right, 10 ms */
    static int16_t samples[WW_HOP];
    const i2s_chan_handle_t bus = openMicrophone();
    WakeWord.begin(wakeword_model, wakeword_labels);
    for (;;) {
        size_t bytes;
        ESP_ERROR_CHECK(i2s_channel_read(bus, frames, sizeof frames, &bytes, portMAX_DELAY));
        const uint32_t count = static_cast<uint32_t>(bytes / (2 * sizeof *frames));
        for (uint32_t i = 0; i < count; i++)
            samples[i] = static_cast<int16_t>(frames[2 * i] / 65536); /* the left channel's upper 16 bits */
        WakeWord.push(samples, count);
        WakeWordEvent event;
        while (WakeWord.poll(event))
            printf("%s\n", event.word);
    }
}
