#ifndef CTXFIT_SERVER_KEEP_MEMORY_H_
#define CTXFIT_SERVER_KEEP_MEMORY_H_

namespace ctxfit {

// Lets this process keep memory that is freed, for the next request. Every request takes megabytes and gives them back:
// the C library would return them to the system each time, and have their pages made anew for the next one, which takes
// longer than to read it. Mappings above 32 MiB cannot be kept.
void KeepFreedMemory();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_KEEP_MEMORY_H_
