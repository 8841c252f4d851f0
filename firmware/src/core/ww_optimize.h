/* For files whose loops run for every sample: compiled for speed, although the Arduino IDE asks for size. */
#ifndef WW_OPTIMIZE_H
#define WW_OPTIMIZE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2")
#endif

#endif
