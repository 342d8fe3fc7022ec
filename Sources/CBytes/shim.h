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

// What stands on a line beside its quotes: gathered sixteen bytes at a time, and looked at once the line is read.
typedef struct {
#ifdef __SSE2__
    __m128i escapes, all;
#else
    uint32_t found;
#endif
} LineMarks;

static inline LineMarks no_marks(void) {
    LineMarks marks;
#ifdef __SSE2__
    marks.escapes = marks.all = _mm_setzero_si128();
#else
    marks.found = 0;
#endif
    return marks;
}

static inline uint32_t found_by(LineMarks marks) {
#ifdef __SSE2__
    return (_mm_movemask_epi8(marks.escapes) ? LINE_HAS_ESCAPES : 0) | (_mm_movemask_epi8(marks.all) ? LINE_HAS_FOREIGN : 0);
#else
    return marks.found;
#endif
}

// Marks the quotes among sixteen bytes, one bit each, the first byte's lowest; adds to what the line is known to have.
static inline uint64_t quotes_of_sixteen(const uint8_t *bytes, LineMarks *marks) {
#ifdef __SSE2__
    __m128i all = _mm_loadu_si128((const __m128i *)bytes);
    __m128i backslashes = _mm_cmpeq_epi8(all, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(all, _mm_set1_epi8(0x1f)), all);
    marks->escapes = _mm_or_si128(marks->escapes, _mm_or_si128(backslashes, controls));
    // Of what is not ASCII the highest bit is set, which stays set.
    marks->all = _mm_or_si128(marks->all, all);
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8('"')));
#else
    uint64_t quotes = 0;
    for (int index = 0; index < 16; index++) {
        uint8_t byte = bytes[index];
        if (byte == '\\' || byte < 0x20) marks->found |= LINE_HAS_ESCAPES;
        if (byte >= 0x80) marks->found |= LINE_HAS_FOREIGN;
        quotes |= (uint64_t)(byte == '"') << index;
    }
    return quotes;
#endif
}

static inline uint64_t blanks_of_sixteen(const uint8_t *bytes) {
#ifdef __SSE2__
    __m128i all = _mm_loadu_si128((const __m128i *)bytes);
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8(' ')));
#else
    uint64_t blanks = 0;
    for (int index = 0; index < 16; index++) blanks |= (uint64_t)(bytes[index] == ' ') << index;
    return blanks;
#endif
}

// Marks sixteen bytes of a line, whose first is the bit `shift` of its word.
static inline void mark_sixteen(
    const uint8_t *bytes, unsigned shift, uint64_t *quotes, uint64_t *blanks, LineMarks *marks) {
    *quotes |= quotes_of_sixteen(bytes, marks) << shift;
    if (blanks) *blanks |= blanks_of_sixteen(bytes) << shift;
}

// Marks where the quotes of a line stand, and the blanks if they are asked for, one bit for each byte, the first byte's the
// lowest of the first word.
//
// Each has room for a word for every 64 bytes or part of them. Returns what else stands on the line.
static inline uint32_t mark_line(const uint8_t *line, size_t count, uint64_t *quotes, uint64_t *blanks) {
    LineMarks marks = no_marks();
    size_t offset = 0;
    for (; offset + 64 <= count; offset += 64) {
        uint64_t quoted = 0, blank = 0;
        uint64_t *blanked = blanks ? &blank : NULL;
        mark_sixteen(line + offset, 0, &quoted, blanked, &marks);
        mark_sixteen(line + offset + 16, 16, &quoted, blanked, &marks);
        mark_sixteen(line + offset + 32, 32, &quoted, blanked, &marks);
        mark_sixteen(line + offset + 48, 48, &quoted, blanked, &marks);
        quotes[offset / 64] = quoted;
        if (blanks) blanks[offset / 64] = blank;
    }
    if (offset == count) return found_by(marks);
    uint64_t quoted = 0, blank = 0;
    for (unsigned shift = 0; offset < count; shift += 16, offset += 16) {
        // What stands behind the line's end is none of what is looked for.
        uint8_t rest[16];
        const uint8_t *bytes = line + offset;
        if (offset + 16 > count) {
            memset(rest, 'x', sizeof rest);
            memcpy(rest, bytes, count - offset);
            bytes = rest;
        }
        mark_sixteen(bytes, shift, &quoted, blanks ? &blank : NULL, &marks);
    }
    quotes[(count - 1) / 64] = quoted;
    if (blanks) blanks[(count - 1) / 64] = blank;
    return found_by(marks);
}

static inline uint32_t mark_quotes(const uint8_t *line, size_t count, uint64_t *quotes) {
    return mark_line(line, count, quotes, NULL);
}

static inline uint32_t mark_quotes_and_blanks(const uint8_t *line, size_t count, uint64_t *quotes, uint64_t *blanks) {
    return mark_line(line, count, quotes, blanks);
}

// The first mark from `start` on; `count` if there is none among so many bytes.
static inline size_t next_mark(const uint64_t *marks, size_t start, size_t count) {
    if (start >= count) return count;
    size_t word = start / 64, last = (count - 1) / 64;
    uint64_t bits = marks[word] & ~(uint64_t)0 << (start & 63);
    while (bits == 0) {
        if (word == last) return count;
        bits = marks[++word];
    }
    return 64 * word + (size_t)__builtin_ctzll(bits);
}

// The first place of a byte among `count` ones from `start` on; `count` if there is none.
//
// The places looked for are near, so that calling memchr would cost more than looking.
static inline size_t place_of_byte(const uint8_t *bytes, size_t start, size_t count, uint8_t byte) {
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8((char)byte);
    for (; start + 16 <= count; start += 16) {
        __m128i sixteen = _mm_loadu_si128((const __m128i *)(bytes + start));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, wanted));
        if (found) return start + (size_t)__builtin_ctz(found);
    }
    if (count >= 16 && start < count) {
        // The last sixteen, less those that were looked at.
        __m128i sixteen = _mm_loadu_si128((const __m128i *)(bytes + count - 16));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, wanted)) >> (16 - (count - start));
        return found ? start + (size_t)__builtin_ctz(found) : count;
    }
#endif
    while (start < count && bytes[start] != byte) start++;
    return start < count ? start : count;
}

static inline int is_plain(uint8_t byte) { return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\'; }

#ifdef __SSE2__
static inline int are_sixteen_plain(__m128i bytes) {
    // As signed numbers, what is not ASCII is below a blank too.
    __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return _mm_movemask_epi8(odd) == 0;
}
#endif

// Whether all bytes are printable ASCII without quotes and backslashes.
static inline int are_plain(const uint8_t *bytes, size_t count) {
#ifdef __SSE2__
    if (count >= 16) {
        for (size_t offset = 0; offset + 16 < count; offset += 16) {
            if (!are_sixteen_plain(_mm_loadu_si128((const __m128i *)(bytes + offset)))) return 0;
        }
        return are_sixteen_plain(_mm_loadu_si128((const __m128i *)(bytes + count - 16)));
    }
    if (count >= 8) {
        __m128i first = _mm_loadl_epi64((const __m128i *)bytes);
        __m128i last = _mm_loadl_epi64((const __m128i *)(bytes + count - 8));
        return are_sixteen_plain(_mm_unpacklo_epi64(first, last));
    }
#endif
    for (size_t offset = 0; offset < count; offset++) {
        if (!is_plain(bytes[offset])) return 0;
    }
    return 1;
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

// A digest of some bytes, of 64 bits; it stands in case files, so it must stay as it is.
static inline uint64_t digest_of_bytes(const uint8_t *bytes, size_t count) {
    const uint64_t first = 0x9e3779b97f4a7c15, second = 0xd6e8feb86659fd93, third = 0xa0761d6478bd642f;
    uint64_t one = first ^ count, two = second, three = third, four = first;
    size_t offset = 0;
    // Four chains, for each product waits for the one before.
    for (; offset + 64 <= count; offset += 64) {
        const uint8_t *next = bytes + offset;
        one = folded(word_at(next) ^ second, word_at(next + 8) ^ one);
        two = folded(word_at(next + 16) ^ third, word_at(next + 24) ^ two);
        three = folded(word_at(next + 32) ^ first, word_at(next + 40) ^ three);
        four = folded(word_at(next + 48) ^ second, word_at(next + 56) ^ four);
    }
    for (; offset + 16 <= count; offset += 16) {
        one = folded(word_at(bytes + offset) ^ second, word_at(bytes + offset + 8) ^ one);
        uint64_t swapped = one;
        one = two;
        two = swapped;
    }
    if (offset < count) {
        uint64_t low = 0, high = 0;
        if (count >= 16) {
            // The last sixteen bytes, less those that were taken already.
            __uint128_t rest = (__uint128_t)word_at(bytes + count - 8) << 64 | word_at(bytes + count - 16);
            rest >>= 8 * (16 - (count - offset));
            low = (uint64_t)rest;
            high = (uint64_t)(rest >> 64);
        } else {
            uint8_t rest[16] = {0};
            memcpy(rest, bytes, count);
            low = word_at(rest);
            high = word_at(rest + 8);
        }
        three = folded(low ^ second, high ^ three);
    }
    uint64_t even = one ^ (three << 1 | three >> 63), odd = two ^ (four << 1 | four >> 63);
    return folded(even ^ third, odd ^ first);
}

// A digest of a line's bytes, of 31 bits: lines that differ have the same one in one case of two thousand million. It finds
// lines that may be the same, and proves nothing.
static inline uint32_t digest_of_line(const uint8_t *bytes, size_t count) {
    return (uint32_t)(digest_of_bytes(bytes, count) >> 33);
}

enum {
    // A NUL is among the bytes.
    BYTES_HAVE_NUL = 1,
    // A carriage return is.
    BYTES_HAVE_RETURN = 2,
};

// Which of the two bytes that decide how lines are told apart are among `count` ones: both in one pass.
static inline uint32_t nuls_and_returns(const uint8_t *bytes, size_t count) {
    size_t index = 0;
    uint32_t found = 0;
#ifdef __SSE2__
    const __m128i zero = _mm_setzero_si128(), wanted = _mm_set1_epi8('\r');
    __m128i nuls = zero, returns = zero;
    for (; index + 16 <= count; index += 16) {
        __m128i sixteen = _mm_loadu_si128((const __m128i *)(bytes + index));
        nuls = _mm_or_si128(nuls, _mm_cmpeq_epi8(sixteen, zero));
        returns = _mm_or_si128(returns, _mm_cmpeq_epi8(sixteen, wanted));
    }
    found = (_mm_movemask_epi8(nuls) ? BYTES_HAVE_NUL : 0) | (_mm_movemask_epi8(returns) ? BYTES_HAVE_RETURN : 0);
#endif
    for (; index < count; index++) {
        if (bytes[index] == 0) found |= BYTES_HAVE_NUL;
        if (bytes[index] == '\r') found |= BYTES_HAVE_RETURN;
    }
    return found;
}

// Where a line ends, and where the next one begins; that is 0 while it is not known.
typedef struct {
    size_t end, next;
} LineEnd;

// The end of the line that goes on at `start`, of which `count` bytes are there: a line feed with the carriage returns
// before it, or, where no line feed follows them, carriage returns alone. Behind such ones at the end one may follow yet.
//
// What has a NUL close behind it is a byte of a number: of a length in eight bytes, as journald's export has them.
static inline LineEnd line_end(const uint8_t *bytes, size_t start, size_t count) {
    LineEnd found = {start, 0};
    while (found.end < count) {
        while (found.end < count && bytes[found.end] != '\n' && bytes[found.end] != '\r') found.end++;
        size_t next = found.end;
        while (next < count && bytes[next] == '\r') next++;
        if (next == count) return found;
        if (bytes[next] == '\n') {
            found.next = next + 1;
            return found;
        }
        size_t near = count - next < 7 ? count - next : 7;
        if (!memchr(bytes + next, 0, near)) {
            found.next = next;
            return found;
        }
        found.end = next;
    }
    return found;
}
