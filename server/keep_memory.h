#ifndef CTXFIT_SERVER_KEEP_MEMORY_H_
#define CTXFIT_SERVER_KEEP_MEMORY_H_

namespace ctxfit {

// Keeps freed memory in this process for the next request. Every request allocates and frees megabytes; by default the
// C library returns them to the system each time, and the page faults of the next request cost more than reading it.
// Mappings above 32 MiB are always returned.
void KeepFreedMemory();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_KEEP_MEMORY_H_
