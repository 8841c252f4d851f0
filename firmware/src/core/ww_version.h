/* The version of the library, the same as the Python package's. */
#ifndef WW_VERSION_H
#define WW_VERSION_H

#define WW_VERSION_MAJOR 0
#define WW_VERSION_MINOR 1
#define WW_VERSION_PATCH 0
#define WW_VERSION "0.1.0"

#endif
