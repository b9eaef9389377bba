package dev.sinew.op;

import dev.sinew.bindings.Sinew;
import java.util.Objects;

/**
 * What a plan's convolution does with its result after the activation: the maximum or the mean of windows that lie side by
 * side and cover the image.
 *
 * @param kind which; NONE leaves the result as it is
 * @param h height of a window, at least 1; 1 where nothing is pooled
 * @param w width of a window, likewise
 * @hidden
 */
public record WindowPooling(Kind kind, long h, long w) {
    /** No pooling. */
    public static final WindowPooling NONE = new WindowPooling(Kind.NONE, 1, 1);

    /** Checks the window. */
    public WindowPooling {
        Objects.requireNonNull(kind, "pooling: kind");
        if (h < 1 || w < 1 || kind == Kind.NONE && (h > 1 || w > 1)) {
            String least = kind == Kind.NONE ? "1 x 1 where nothing is pooled" : "at least 1 x 1";
            throw new IllegalArgumentException("pooling: the window must be " + least + ", not " + h + " x " + w);
        }
    }

    /**
     * What {@link MaxPool2d} and {@link AvgPool2d} do, where their windows lie side by side, cover at least 2 x 2 elements and
     * meet no padding; else null.
     */
    public static WindowPooling of(Op op) {
        if (op instanceof MaxPool2d pool) {
            return of(Kind.MAX, pool.window());
        }
        return op instanceof AvgPool2d pool ? of(Kind.AVERAGE, pool.window()) : null;
    }

    private static WindowPooling of(Kind kind, Window2d window) {
        boolean apart = window.strideH() == window.kernelH() && window.strideW() == window.kernelW() && window.padH() == 0 && window.padW() == 0
                && window.dilationH() == 1 && window.dilationW() == 1;
        return apart && window.kernelH() >= 2 && window.kernelW() >= 2 ? new WindowPooling(kind, window.kernelH(), window.kernelW()) : null;
    }

    /** Whether the windows cover an image of these sizes and nothing else. */
    public boolean covers(long height, long width) {
        return height % h == 0 && width % w == 0;
    }

    /** The kinds, with libsinew's codes. */
    public enum Kind {
        /** The result as it is. */
        NONE(Sinew.SN_POOL_NONE()),
        /** The maximum; NaN wins. */
        MAX(Sinew.SN_POOL_MAX()),
        /** The mean. */
        AVERAGE(Sinew.SN_POOL_AVERAGE());

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
