#pragma once
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>

// Of sixteen bytes, one bit each, the first byte's lowest: those at which a JSON string ends or goes wrong, which are
// quotes, backslashes and control characters; and from bit 16 on those that are not ASCII.
static inline uint32_t json_string_marks(const void *bytes) {
    __m128i all = _mm_loadu_si128((const __m128i *)bytes);
    __m128i quotes = _mm_cmpeq_epi8(all, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(all, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(all, _mm_set1_epi8(0x1f)), all);
    __m128i stops = _mm_or_si128(_mm_or_si128(quotes, backslashes), controls);
    return (uint32_t)_mm_movemask_epi8(stops) | (uint32_t)_mm_movemask_epi8(all) << 16;
}
#endif
