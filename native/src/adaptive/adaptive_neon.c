/* adaptive, NEON; the generic kernel does the tail. */
#include "adaptive/adaptive.h"
#include "core/lanes_neon.h"
#include "sinew.h"

#include "adaptive/adaptive_rules.inc"

void sn_f32_adaptive__neon(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n) {
    const int64_t done = sweep(s, a, n);
    if (done == n) return;
    const sn_adaptive_arrays rest = sn_adaptive_from(a, done, sizeof(element));
    sn_f32_adaptive__generic(s, &rest, n - done);
}
