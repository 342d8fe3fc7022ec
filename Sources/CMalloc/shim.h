#pragma once
#ifdef __linux__
#include <malloc.h>
#include <stddef.h>

// Declared by sys/mman.h for _GNU_SOURCE alone, and with more parameters than Swift can call it with.
void *mremap(void *old, size_t old_size, size_t new_size, int flags, ...);

// Makes a mapping larger, elsewhere if need be.
static inline void *grow_mapping(void *old, size_t old_size, size_t new_size) {
    return mremap(old, old_size, new_size, 1 /* MREMAP_MAYMOVE */);
}
#endif
