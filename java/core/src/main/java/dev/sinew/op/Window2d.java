package dev.sinew.op;

/**
 * How a kernel slides over an image: the sizes shared by convolution and pooling.
 *
 * <p>Along each dimension the number of positions is (PyTorch's rule)
 * {@code (size + 2 pad - dilation (kernel - 1) - 1) / stride + 1}, the quotient rounded down, or up in ceil mode, where a
 * last window that would start in the right padding is dropped.
 *
 * @param kernelH height of the kernel, at least 1
 * @param kernelW width of the kernel, at least 1
 * @param strideH rows between neighbouring windows, at least 1
 * @param strideW columns between neighbouring windows, at least 1
 * @param padH rows added above and below, at least 0
 * @param padW columns added left and right, at least 0
 * @param dilationH rows between neighbouring taps of the kernel, at least 1
 * @param dilationW columns between neighbouring taps of the kernel, at least 1
 */
public record Window2d(long kernelH, long kernelW, long strideH, long strideW, long padH, long padW, long dilationH, long dilationW) {
    private static final long MOST = Integer.MAX_VALUE;

    /** Checks the ranges; no size may exceed 2^31 - 1. */
    public Window2d {
        check("kernel", kernelH, kernelW, 1);
        check("stride", strideH, strideW, 1);
        check("pad", padH, padW, 0);
        check("dilation", dilationH, dilationW, 1);
    }

    private static void check(String what, long h, long w, long least) {
        if (h < least || w < least || h > MOST || w > MOST) {
            throw new IllegalArgumentException("window: " + what + " must be from " + least + " to " + MOST + ", not " + h + " x " + w);
        }
    }

    /** A square kernel; stride 1, no padding, dilation 1. */
    public static Window2d of(long kernel) {
        return of(kernel, kernel);
    }

    /** A kernel; stride 1, no padding, dilation 1. */
    public static Window2d of(long kernelH, long kernelW) {
        return new Window2d(kernelH, kernelW, 1, 1, 0, 0, 1, 1);
    }

    /** This with another stride. */
    public Window2d stride(long stride) {
        return stride(stride, stride);
    }

    /** This with another stride. */
    public Window2d stride(long h, long w) {
        return new Window2d(kernelH, kernelW, h, w, padH, padW, dilationH, dilationW);
    }

    /** This with another padding. */
    public Window2d pad(long pad) {
        return pad(pad, pad);
    }

    /** This with another padding. */
    public Window2d pad(long h, long w) {
        return new Window2d(kernelH, kernelW, strideH, strideW, h, w, dilationH, dilationW);
    }

    /** This with another dilation. */
    public Window2d dilation(long dilation) {
        return dilation(dilation, dilation);
    }

    /** This with another dilation. */
    public Window2d dilation(long h, long w) {
        return new Window2d(kernelH, kernelW, strideH, strideW, padH, padW, h, w);
    }

    /** Rows of the result for an image of {@code h} rows; below 1 when the window does not fit. */
    public long outH(long h, boolean ceil) {
        return out(h, kernelH, strideH, padH, dilationH, ceil);
    }

    /** Columns of the result for an image of {@code w} columns; below 1 when the window does not fit. */
    public long outW(long w, boolean ceil) {
        return out(w, kernelW, strideW, padW, dilationW, ceil);
    }

    private static long out(long size, long kernel, long stride, long pad, long dilation, boolean ceil) {
        long room = size + 2 * pad - dilation * (kernel - 1) - 1;
        if (room < 0) {
            return 0;
        }
        long out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
        return ceil && (out - 1) * stride >= size + pad ? out - 1 : out;
    }

    /** For example {@code height (28 + 2*1 - 1*(3-1) - 1)/2 + 1 = 14}. */
    public String formulaH(long h, boolean ceil) {
        return "height " + formula(h, kernelH, strideH, padH, dilationH, ceil) + " = " + outH(h, ceil);
    }

    /** For example {@code width (28 + 2*1 - 1*(3-1) - 1)/2 + 1 = 14}. */
    public String formulaW(long w, boolean ceil) {
        return "width " + formula(w, kernelW, strideW, padW, dilationW, ceil) + " = " + outW(w, ceil);
    }

    /** Both formulas, with their numbers. */
    public String formula(long h, long w, boolean ceil) {
        return formulaH(h, ceil) + ", " + formulaW(w, ceil);
    }

    private static String formula(long size, long kernel, long stride, long pad, long dilation, boolean ceil) {
        String quotient = "(" + size + " + 2*" + pad + " - " + dilation + "*(" + kernel + "-1) - 1)/" + stride;
        return (ceil ? "ceil(" + quotient + ")" : quotient) + " + 1";
    }

    /** For example {@code 3x3} or {@code 3x5 stride 2x1 pad 1x2}: what differs from the defaults. */
    @Override
    public String toString() {
        return kernelH + "x" + kernelW + text(" stride ", strideH, strideW, 1) + text(" pad ", padH, padW, 0)
                + text(" dilation ", dilationH, dilationW, 1);
    }

    private static String text(String name, long h, long w, long normal) {
        if (h == normal && w == normal) {
            return "";
        }
        return name + (h == w ? "" + h : h + "x" + w);
    }
}
