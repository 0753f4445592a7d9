#include "server/keep_memory.h"

#include <malloc.h>

namespace ctxfit {

void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

}  // namespace ctxfit
