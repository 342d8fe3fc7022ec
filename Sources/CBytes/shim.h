#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    // A backslash or a control character stands on the line.
    LINE_HAS_ESCAPES = 1,
    // A byte that is not ASCII does.
    LINE_HAS_FOREIGN = 2,
};

// Marks the quotes among sixteen bytes, one bit each, the first byte's lowest; adds to what the line is known to have.
static inline uint64_t quotes_of_sixteen(const uint8_t *bytes, uint32_t *found) {
#ifdef __SSE2__
    __m128i all = _mm_loadu_si128((const __m128i *)bytes);
    __m128i backslashes = _mm_cmpeq_epi8(all, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(all, _mm_set1_epi8(0x1f)), all);
    if (_mm_movemask_epi8(_mm_or_si128(backslashes, controls))) *found |= LINE_HAS_ESCAPES;
    if (_mm_movemask_epi8(all)) *found |= LINE_HAS_FOREIGN;
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8('"')));
#else
    uint64_t quotes = 0;
    for (int index = 0; index < 16; index++) {
        uint8_t byte = bytes[index];
        if (byte == '\\' || byte < 0x20) *found |= LINE_HAS_ESCAPES;
        if (byte >= 0x80) *found |= LINE_HAS_FOREIGN;
        quotes |= (uint64_t)(byte == '"') << index;
    }
    return quotes;
#endif
}

// Marks where the quotes of a line stand, one bit for each byte, the first byte's the lowest of the first word.
//
// `quotes` has room for a word for every 64 bytes or part of them. Returns what else stands on the line.
static inline uint32_t mark_quotes(const uint8_t *line, size_t count, uint64_t *quotes) {
    uint32_t found = 0;
    size_t offset = 0;
    for (; offset + 64 <= count; offset += 64) {
        uint64_t word = quotes_of_sixteen(line + offset, &found);
        word |= quotes_of_sixteen(line + offset + 16, &found) << 16;
        word |= quotes_of_sixteen(line + offset + 32, &found) << 32;
        word |= quotes_of_sixteen(line + offset + 48, &found) << 48;
        quotes[offset / 64] = word;
    }
    if (offset == count) return found;
    uint64_t last = 0;
    for (unsigned shift = 0; offset < count; shift += 16, offset += 16) {
        // Blanks behind the line's end are none of what is looked for.
        uint8_t rest[16];
        const uint8_t *bytes = line + offset;
        if (offset + 16 > count) {
            memset(rest, ' ', sizeof rest);
            memcpy(rest, bytes, count - offset);
            bytes = rest;
        }
        last |= quotes_of_sixteen(bytes, &found) << shift;
    }
    quotes[(count - 1) / 64] = last;
    return found;
}

static inline uint64_t word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint64_t folded(uint64_t one, uint64_t other) {
    __uint128_t product = (__uint128_t)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// A digest of a line's bytes, of 31 bits: lines that differ have the same one in one case of two thousand million. It finds
// lines that may be the same, and proves nothing; it stands in case files, so it must stay as it is.
static inline uint32_t digest_of_line(const uint8_t *bytes, size_t count) {
    const uint64_t first = 0x9e3779b97f4a7c15, second = 0xd6e8feb86659fd93, third = 0xa0761d6478bd642f;
    uint64_t even = first ^ count, odd = second;
    size_t offset = 0;
    for (; offset + 32 <= count; offset += 32) {
        even = folded(word_at(bytes + offset) ^ second, word_at(bytes + offset + 8) ^ even);
        odd = folded(word_at(bytes + offset + 16) ^ third, word_at(bytes + offset + 24) ^ odd);
    }
    for (; offset < count; offset += 16) {
        uint8_t rest[16] = {0};
        size_t left = count - offset;
        memcpy(rest, bytes + offset, left < 16 ? left : 16);
        even = folded(word_at(rest) ^ second, word_at(rest + 8) ^ even);
    }
    return (uint32_t)(folded(even ^ third, odd ^ first) >> 33);
}
