// Makes one call of a program to the operating system fail, or the program end there; for LD_PRELOAD.
//
//   FAULT_FILES   the files that are meant: case, reports, dump or scratch, told by their path
//   FAULT_CALLS   the calls that are meant: letters of open, read, write, sync, truncate, rename (o r w s t n)
//   FAULT_AT      which of them, from 1; 0: none, they are only counted
//   FAULT_DO      what happens there; see `fault`
//   FAULT_NETWORK if set, whoever reaches for the network ends with status 99
//   FAULT_COUNT   a file that the number of such calls is written to when the program ends
//
// Nothing is kept about descriptors: /proc/self/fd tells each time which file one is. Linux only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static const char *files, *letters, *action;
static long at = -1;

#define NEXT(result, name, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

__attribute__((constructor)) static void begin(void) {
    files = getenv("FAULT_FILES");
    letters = getenv("FAULT_CALLS");
    action = getenv("FAULT_DO");
    const char *number = getenv("FAULT_AT");
    if (files && letters && action && number) at = atol(number);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

static int is_meant(const char *path) {
    const char *sort = strstr(path, "strayframe-trace") || strstr(path, "etilqs") ? "scratch"
                       : strstr(path, ".sqlite")                                  ? "case"
                       : strstr(path, "/reports")                                 ? "reports"
                       : strstr(path, "/dump/")                                   ? "dump"
                                                                                  : NULL;
    return sort && !strcmp(sort, files);
}

// What is to happen at this call: 0 for nothing. `path` gets the file's path.
static int fault(char letter, int descriptor, char *path, size_t room) {
    if (at < 0 || !strchr(letters, letter)) return 0;
    if (descriptor >= 0) {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        ssize_t count = readlink(link, path, room - 1);
        if (count <= 0) return 0;
        path[count] = 0;
    }
    if (!is_meant(path)) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || number < at) return 0;
    // A disk that is full, or whose medium is gone, stays so; everything else happens once.
    int stays = !strcmp(action, "enospc") || !strcmp(action, "eof") || !strcmp(action, "gone") ||
                !strcmp(action, "erofs");
    if (number > at && !stays) return 0;
    if (!strcmp(action, "kill")) raise(SIGKILL);
    if (!strcmp(action, "term")) kill(getpid(), SIGTERM);
    if (!strcmp(action, "int")) kill(getpid(), SIGINT);
    if (!strcmp(action, "unlink") && number == at) unlink(path);
    if (!strcmp(action, "cut") && number == at) {
        struct stat status;
        if (!stat(path, &status)) (void)!NEXT(int, "truncate", const char *, off_t)(path, status.st_size / 2);
    }
    if (!strcmp(action, "enospc")) return ENOSPC;
    if (!strcmp(action, "erofs")) return EROFS;
    if (!strcmp(action, "eio") || !strcmp(action, "gone")) return EIO;
    if (!strcmp(action, "short")) return -1;  // half of it
    if (!strcmp(action, "torn")) return -2;   // half of it, and then the end
    if (!strcmp(action, "eof")) return -3;    // no more bytes
    return 0;
}

#define FAIL(letter, descriptor)                                  \
    char path[4096];                                              \
    int what = fault(letter, descriptor, path, sizeof path);      \
    if (what > 0) {                                               \
        errno = what;                                             \
        return -1;                                                \
    }

// A path before it is opened: absolute, so that it tells which file it is.
static void whole(const char *name, char *path, size_t room) {
    char folder[2048] = "";
    if (name[0] != '/' && !getcwd(folder, sizeof folder)) folder[0] = 0;
    snprintf(path, room, "%s%s%s", folder, *folder ? "/" : "", name);
}

#define OPENING(symbol)                                                                   \
    int symbol(const char *name, int flags, ...) {                                        \
        mode_t mode = 0;                                                                  \
        if (flags & (O_CREAT | O_TMPFILE)) {                                              \
            va_list rest;                                                                 \
            va_start(rest, flags);                                                        \
            mode = va_arg(rest, mode_t);                                                  \
            va_end(rest);                                                                 \
        }                                                                                 \
        char path[4096];                                                                  \
        whole(name, path, sizeof path);                                                   \
        int what = fault('o', -1, path, sizeof path);                                     \
        if (what > 0 && (what != EROFS || flags & (O_WRONLY | O_RDWR | O_CREAT))) {       \
            errno = what;                                                                 \
            return -1;                                                                    \
        }                                                                                 \
        return NEXT(int, #symbol, const char *, int, mode_t)(name, flags, mode);          \
    }
OPENING(open)
OPENING(open64)

#define READING(symbol, PARAMETERS, TYPES, CALL)                                          \
    ssize_t symbol PARAMETERS {                                                           \
        FAIL('r', descriptor)                                                             \
        if (what == -3) return 0;                                                         \
        if (what == -1 && count > 1) count /= 2;                                          \
        return ((ssize_t(*) TYPES)dlsym(RTLD_NEXT, #symbol)) CALL;                        \
    }
READING(read, (int descriptor, void *bytes, size_t count), (int, void *, size_t), (descriptor, bytes, count))
READING(pread, (int descriptor, void *bytes, size_t count, off_t place), (int, void *, size_t, off_t),
        (descriptor, bytes, count, place))
READING(pread64, (int descriptor, void *bytes, size_t count, off_t place), (int, void *, size_t, off_t),
        (descriptor, bytes, count, place))

#define WRITING(symbol, PARAMETERS, TYPES, CALL)                                          \
    ssize_t symbol PARAMETERS {                                                           \
        FAIL('w', descriptor)                                                             \
        if ((what == -1 || what == -2) && count > 1) count /= 2;                          \
        ssize_t written = ((ssize_t(*) TYPES)dlsym(RTLD_NEXT, #symbol)) CALL;             \
        if (what == -2) raise(SIGKILL);                                                   \
        return written;                                                                   \
    }
WRITING(write, (int descriptor, const void *bytes, size_t count), (int, const void *, size_t),
        (descriptor, bytes, count))
WRITING(pwrite, (int descriptor, const void *bytes, size_t count, off_t place), (int, const void *, size_t, off_t),
        (descriptor, bytes, count, place))
WRITING(pwrite64, (int descriptor, const void *bytes, size_t count, off_t place), (int, const void *, size_t, off_t),
        (descriptor, bytes, count, place))

#define SYNCING(symbol)                                                                   \
    int symbol(int descriptor) {                                                          \
        FAIL('s', descriptor)                                                             \
        return NEXT(int, #symbol, int)(descriptor);                                       \
    }
SYNCING(fsync)
SYNCING(fdatasync)

#define TRUNCATING(symbol)                                                                \
    int symbol(int descriptor, off_t count) {                                             \
        FAIL('t', descriptor)                                                             \
        return NEXT(int, #symbol, int, off_t)(descriptor, count);                         \
    }
TRUNCATING(ftruncate)
TRUNCATING(ftruncate64)

int rename(const char *from, const char *to) {
    char path[4096];
    whole(to, path, sizeof path);
    int what = fault('n', -1, path, sizeof path);
    if (what > 0) {
        errno = what;
        return -1;
    }
    return NEXT(int, "rename", const char *, const char *)(from, to);
}

int socket(int domain, int type, int protocol) {
    // The local sort asks the system's own services, as for names of users.
    if (getenv("FAULT_NETWORK") && domain != AF_UNIX) _exit(99);
    return NEXT(int, "socket", int, int, int)(domain, type, protocol);
}
