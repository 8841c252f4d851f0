/* espidf RECORDING: ESP-IDF's I2S driver with a recording as the microphone. The program ends with it. */
#include <cstdio>
#include <cstdlib>

#include "driver/i2s_std.h"

static FILE *recording;
static bool ready;

extern "C" {

void app_main(void);

void _esp_error_check_failed(esp_err_t, const char *, int, const char *, const char *expression)
{
    fprintf(stderr, "failed: %s\n", expression);
    _Exit(1);
}

esp_err_t i2s_new_channel(const i2s_chan_config_t *chan_cfg, i2s_chan_handle_t *tx, i2s_chan_handle_t *)
{
    return tx == nullptr && chan_cfg->role == I2S_ROLE_MASTER ? ESP_OK : 1;
}

esp_err_t i2s_channel_init_std_mode(i2s_chan_handle_t, const i2s_std_config_t *config)
{
    ready = config->clk_cfg.sample_rate_hz == 16000 && config->slot_cfg.data_bit_width == 32 &&
            config->slot_cfg.slot_mode == I2S_SLOT_MODE_STEREO && config->gpio_cfg.din >= 0 && config->gpio_cfg.dout < 0;
    return ready ? ESP_OK : 1;
}

esp_err_t i2s_channel_enable(i2s_chan_handle_t)
{
    return ready ? ESP_OK : 1;
}

esp_err_t i2s_channel_read(i2s_chan_handle_t, void *dest, size_t size, size_t *bytes_read, uint32_t)
{
    int32_t *slots = static_cast<int32_t *>(dest);
    for (*bytes_read = 0; *bytes_read < size; *bytes_read += 2 * sizeof *slots) {
        int16_t sample;
        if (fread(&sample, sizeof sample, 1, recording) != 1) {
            fflush(stdout);
            _Exit(0);
        }
        *slots++ = sample * 65536 + (sample < 0 ? -255 : 255) * 256; /* 24 bits */
        *slots++ = 0x7FFFFFFF;                                       /* the right channel */
    }
    return ESP_OK;
}
}

int main(int, char **words)
{
    recording = fopen(words[1], "rb");
    app_main();
}
