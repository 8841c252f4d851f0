#include "ww_link.h"

#if defined(__AVR__)
#include <util/crc16.h> /* the same, in the chip's own instructions */
#define UPDATE_CHECKSUM _crc_xmodem_update
#else
#define UPDATE_CHECKSUM update_checksum

static uint16_t update_checksum(uint16_t checksum, uint8_t byte)
{
    int bit;
    checksum = (uint16_t)(checksum ^ (uint16_t)(byte << 8));
    for (bit = 0; bit < 8; bit++)
        checksum = (uint16_t)(checksum & 0x8000u ? checksum << 1 ^ 0x1021 : checksum << 1);
    return checksum;
}
#endif

void ww_receiver_reset(ww_receiver *receiver)
{
    receiver->count = 0;
}

#define SOUND 0x1D0Fu /* the checksum of every frame with its own, inverted checksum */

uint16_t ww_checksum(const uint8_t *bytes, uint32_t count)
{
    uint16_t checksum = 0xFFFF;
    while (count-- > 0)
        checksum = UPDATE_CHECKSUM(checksum, *bytes++);
    return checksum;
}

/* Undoes COBS in place; returns the new length, 0 if the bytes are not COBS. */
static uint16_t decode(uint8_t *bytes, uint16_t count)
{
    uint16_t from = 0, to = 0;
    while (from < count) {
        uint16_t end = (uint16_t)(from + bytes[from]); /* of a run without zeros, which a zero followed */
        if (end > count)
            return 0;
        for (from++; from < end; from++)
            bytes[to++] = bytes[from];
        if (from < count)
            bytes[to++] = 0;
    }
    return to;
}

int ww_receiver_take(ww_receiver *receiver, uint8_t byte, ww_message *message)
{
    uint8_t *bytes = receiver->bytes;
    uint16_t size;
    if (byte != 0) {
        if (receiver->count < sizeof receiver->bytes)
            bytes[receiver->count] = byte;
        if (receiver->count <= sizeof receiver->bytes)
            receiver->count++;
        return 0;
    }
    size = receiver->count <= sizeof receiver->bytes ? decode(bytes, receiver->count) : 0;
    receiver->count = 0;
    if (size < 4 || bytes[0] != WW_LINK_VERSION || ww_checksum(bytes, size) != SOUND)
        return 0;
    message->type = bytes[1];
    message->payload = bytes + 2;
    message->size = (uint8_t)(size - 4);
    return 1;
}

void ww_sender_begin(ww_sender *sender, char type)
{
    sender->bytes[0] = WW_LINK_VERSION;
    sender->bytes[1] = (uint8_t)type;
    sender->count = 2;
}

void ww_sender_add(ww_sender *sender, uint32_t value, int bytes)
{
    for (; bytes > 0 && sender->count < WW_LINK_BODY - 2; bytes--) {
        sender->bytes[sender->count++] = (uint8_t)value;
        value >>= 8;
    }
}

void ww_sender_finish(ww_sender *sender, ww_write write)
{
    static const uint8_t zero = 0;
    /* Inverted: otherwise a frame that ends with zeros would still be sound if some of them were lost. */
    const uint16_t checksum = (uint16_t)~ww_checksum(sender->bytes, sender->count);
    uint8_t begin = 0, end;
    sender->bytes[sender->count++] = (uint8_t)(checksum >> 8);
    sender->bytes[sender->count++] = (uint8_t)checksum;
    for (;;) {
        uint8_t length;
        for (end = begin; end < sender->count && sender->bytes[end] != 0; end++) {
        }
        length = (uint8_t)(end - begin + 1);
        write(&length, 1);
        write(sender->bytes + begin, (uint16_t)(end - begin));
        if (end == sender->count)
            break;
        begin = (uint8_t)(end + 1);
    }
    write(&zero, 1);
}
