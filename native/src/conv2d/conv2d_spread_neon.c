#include "conv2d/conv2d_spread.inc"

void sn_f32_spread__neon(const sn_spread *s) {
    add_windows(s);
    add_row(s);
}
