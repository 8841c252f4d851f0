/* Messages over a serial line. docs/serial-link.md is the specification, wakeword/boards/messages.py the other end.
 *
 * A message is a version, a type, up to WW_LINK_PAYLOAD bytes, and a checksum. On the line it contains no zero (COBS),
 * and a zero ends it, so that a receiver finds the next message whatever it missed. */
#ifndef WW_LINK_H
#define WW_LINK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WW_LINK_VERSION 2
#if defined(__AVR__)
#define WW_LINK_PAYLOAD 72 /* a frame of features, which fits into 2 KB of RAM */
#else
#define WW_LINK_PAYLOAD 244
#endif
#define WW_LINK_BODY (WW_LINK_PAYLOAD + 4) /* version, type, payload, checksum */

typedef struct {
    uint8_t type;
    const uint8_t *payload; /* valid until the next byte is received */
    uint8_t size;
} ww_message;

typedef struct {
    uint8_t bytes[WW_LINK_BODY + 1];
    uint16_t count; /* so far; larger than the buffer if the message is too long */
} ww_receiver;

typedef void (*ww_write)(const uint8_t *bytes, uint16_t count);

void ww_receiver_reset(ww_receiver *receiver);

/* Takes a byte from the line. Returns 1 if it completes a sound message of this version, else 0. */
int ww_receiver_take(ww_receiver *receiver, uint8_t byte, ww_message *message);

/* A message that is written field by field, the least significant byte first. */
typedef struct {
    uint8_t bytes[WW_LINK_BODY];
    uint8_t count;
} ww_sender;

void ww_sender_begin(ww_sender *sender, char type);
void ww_sender_add(ww_sender *sender, uint32_t value, int bytes); /* bytes beyond the payload's size are dropped */
void ww_sender_finish(ww_sender *sender, ww_write write);

/* CRC-16 of polynomial 0x1021, most significant bit first, from 0xFFFF. */
uint16_t ww_checksum(const uint8_t *bytes, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
