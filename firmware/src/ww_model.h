/* Where an exported model, which includes "ww_model.h", finds it from a sketch's folder. */
#include "core/ww_model.h"
