package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Resampling;

/**
 * Channels become pixels, [C r^2, H, W] to [C, H r, W r] (Shi et al. 2016), or pixels channels.
 *
 * @param factor r, at least 1
 * @param inverse whether pixels become channels
 */
public record PixelShuffle(long factor, boolean inverse) implements Layer {
    /** Checks the factor. */
    public PixelShuffle {
        if (factor < 1 || factor > 1 << 15) {
            throw new IllegalArgumentException("pixelshuffle: the factor must be from 1 to 32768, not " + factor);
        }
    }

    /** [C r^2, H, W] to [C, H r, W r]. */
    public static PixelShuffle of(long r) {
        return new PixelShuffle(r, false);
    }

    /** [C, H r, W r] to [C r^2, H, W]. */
    public static PixelShuffle inverse(long r) {
        return new PixelShuffle(r, true);
    }

    @Override
    public String kind() {
        return inverse ? "pixelunshuffle" : "pixelshuffle";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial(kind(), input, 2);
        long r = factor;
        boolean fits = inverse ? input.dim(1) % r == 0 && input.dim(2) % r == 0 : input.dim(0) % (r * r) == 0;
        if (!fits) {
            throw new IllegalArgumentException(kind() + ": " + (inverse ? "height and width must be multiples of " + r
                    : "the channels must be a multiple of " + r + "*" + r) + ", the input is " + input);
        }
        return inverse ? Shape.of(input.dim(0) * r * r, input.dim(1) / r, input.dim(2) / r)
                : Shape.of(input.dim(0) / (r * r), input.dim(1) * r, input.dim(2) * r);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return inverse ? Resampling.pixelUnshuffle(x, factor) : Resampling.pixelShuffle(x, factor);
    }

    @Override
    public String sizeFormula(Shape input) {
        Shape out = output(input);
        String sign = inverse ? "/" : "*";
        String h = input.dim(1) + sign + factor + " = " + out.dim(1);
        String w = input.dim(2) + sign + factor + " = " + out.dim(2);
        return h.equals(w) ? h : h + " x " + w;
    }
}
