#include "core/platform.h"
#include "core/stream.h"
#include "sinew.h"

int32_t sn_abi_version(void) { return SN_ABI_VERSION; }

const char *sn_status_text(sn_status status) {
    switch (status) {
    case SN_OK: return "ok";
    case SN_ERR_NULL: return "a required pointer is null";
    case SN_ERR_SIZE: return "a size is out of range, or sizes disagree";
    case SN_ERR_DTYPE: return "the operation does not take this element type";
    case SN_ERR_VALUE: return "a parameter or an element (such as a label) is out of range";
    case SN_ERR_MEMORY: return "out of memory, or the workspace is too small";
    case SN_ERR_CODE: return "unknown operation code or kind";
    default: return "unknown status";
    }
}

void *sn_alloc(int64_t bytes) {
    if (bytes < 0 || (uint64_t)bytes > SIZE_MAX - 64) return NULL;
    const size_t rounded = ((size_t)bytes + 63) & ~(size_t)63;
    return sn_aligned_alloc(rounded ? rounded : 64);
}

void sn_free(void *memory) { sn_aligned_free(memory); }

static int64_t caches[3];
static atomic_int caches_known;

static void ask_caches(void) {
    for (int32_t level = 1; level <= 3; level++) caches[level - 1] = sn_system_cache(level);
}

int64_t sn_cache_bytes(int32_t level) {
    sn_once(&caches_known, ask_caches);
    return level >= 1 && level <= 3 ? caches[level - 1] : 0;
}

int sn_past_caches(const void *to, int64_t bytes) {
    const int64_t cache = sn_cache_bytes(3), usual = 32 << 20;
    return SN_STREAMS && (uintptr_t)to % 64 == 0 && bytes >= (cache ? cache : usual) / 2;
}
