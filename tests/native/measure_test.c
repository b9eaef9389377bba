#include "check.h"

static void flops(void) {
    FOR_EACH_ISA(isa) {
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            const double rate = sn_measure_flops(isa);
            CHECK(rate > 1e7 && rate < 1e14, "%s, %d threads: %g FLOP/s", sn_isa_name(isa), threads, rate);
        }
    }
    CHECK(sn_measure_flops(-1) > 0, "the active ISA");
    CHECK(sn_measure_flops(-2) == -SN_ERR_VALUE, "no such ISA");
    CHECK(sn_measure_flops(SN_ISA_COUNT) == -SN_ERR_VALUE, "no such ISA");
}

/* Every byte is copied and none beside them: guard pages and canaries watch the ends. */
static void copy(void) {
    static const int64_t sizes[] = {1, 31, 32, 63, 64, 65, 127, 1000, 262144, 262145, 700001};
    FOR_EACH_ISA(isa) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            for (int32_t threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                const int64_t floats = (sizes[s] + 3) / 4;
                unsigned char *from = (unsigned char *)check_floats(floats);
                unsigned char *to = (unsigned char *)check_floats(floats);
                memset(to, 0xaa, (size_t)floats * 4);
                const double rate = sn_measure_copy(to, from, sizes[s], isa);
                CHECK(rate > 0, "%s, %lld bytes: %g", sn_isa_name(isa), (long long)sizes[s], rate);
                CHECK(memcmp(to, from, (size_t)sizes[s]) == 0, "%s, %lld bytes, %d threads: another copy", sn_isa_name(isa),
                      (long long)sizes[s], threads);
                for (int64_t i = sizes[s]; i < floats * 4; i++)
                    CHECK(to[i] == 0xaa, "%s, %lld bytes: byte %lld written", sn_isa_name(isa), (long long)sizes[s], (long long)i);
                check_free_all();
            }
        }
        /* neither end on a boundary of vectors */
        unsigned char *from = (unsigned char *)check_floats(300), *to = (unsigned char *)check_floats(300);
        for (int64_t shift = 0; shift < 80; shift++) {
            memset(to, 0xaa, 1200);
            sn_measure_copy(to + shift, from + 7, 1001, isa);
            CHECK(memcmp(to + shift, from + 7, 1001) == 0, "%s, shifted by %lld", sn_isa_name(isa), (long long)shift);
            for (int64_t i = 0; i < 1200; i++)
                if (i < shift || i >= shift + 1001) CHECK(to[i] == 0xaa, "%s, shifted by %lld: byte %lld", sn_isa_name(isa), (long long)shift, (long long)i);
        }
        check_free_all();
    }
}

static void mistakes(void) {
    char a[8] = {0}, b[8] = {0};
    CHECK(sn_measure_copy(NULL, a, 8, -1) == -SN_ERR_NULL, "no destination");
    CHECK(sn_measure_copy(b, NULL, 8, -1) == -SN_ERR_NULL, "no source");
    CHECK(sn_measure_copy(b, a, 0, -1) == -SN_ERR_SIZE, "no bytes");
    CHECK(sn_measure_copy(b, a, 8, -2) == -SN_ERR_VALUE, "no such ISA");
    CHECK(sn_measure_copy(b, a, 8, SN_ISA_COUNT) == -SN_ERR_VALUE, "no such ISA");
}

int main(void) {
    RUN(flops);
    RUN(copy);
    RUN(mistakes);
    return check_summary();
}
