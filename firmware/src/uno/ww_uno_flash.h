/* Flash, which an AVR reads by special instructions. C has a qualifier for it; C++ has none, and only passes such
 * pointers on. */
#ifndef WW_UNO_FLASH_H
#define WW_UNO_FLASH_H

#if defined(__AVR__) && !defined(__cplusplus)
#define WW_FLASH __flash
#else
#define WW_FLASH
#endif

#endif
