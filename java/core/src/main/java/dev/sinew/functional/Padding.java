package dev.sinew.functional;

import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Resample;
import dev.sinew.op.Taps;
import java.util.Arrays;

/** Padding of the last dimensions. */
public final class Padding {
    private Padding() {}

    /**
     * Surrounds the last dimensions of a tensor.
     *
     * @param before elements added in front of each of the last dimensions; negative ones crop
     * @param after elements added behind; negative ones crop
     * @throws IllegalArgumentException when a width is too large for the mode, or nothing would remain
     */
    public static Tensor pad(Tensor x, long[] before, long[] after, PadMode mode) {
        int rank = x.shape().rank();
        if (before.length != after.length || before.length > rank) {
            throw new IllegalArgumentException("pad: widths " + Arrays.toString(before) + " before and " + Arrays.toString(after)
                    + " after must be given for the same last dimensions of " + x.shape());
        }
        int first = rank - before.length;
        if (mode == PadMode.ZEROS) {
            long[] b = new long[rank];
            long[] a = new long[rank];
            System.arraycopy(before, 0, b, first, before.length);
            System.arraycopy(after, 0, a, first, after.length);
            return Arrays.equals(b, new long[rank]) && Arrays.equals(a, new long[rank]) ? x : x.pad(b, a, 0);
        }
        Tensor y = x;
        for (int i = 0; i < before.length; i++) {
            if (before[i] != 0 || after[i] != 0) {
                y = Ops.apply(new Resample(first + i, taps(x.shape().dim(first + i), before[i], after[i], mode)), y);
            }
        }
        return y;
    }

    /**
     * Throws unless a dimension can be padded so.
     *
     * @throws IllegalArgumentException naming the size, the widths and the rule
     */
    public static void check(long size, long before, long after, PadMode mode) {
        long most = mode == PadMode.REFLECT ? size - 1 : mode == PadMode.CIRCULAR ? size : Integer.MAX_VALUE;
        if (before > most || after > most || before < -size || after < -size || size + before + after < 1) {
            throw new IllegalArgumentException("pad: a dimension of " + size + " cannot be padded by " + before + " before and " + after
                    + " after: mode " + mode + " takes at most " + most + " on each side, and 1 element must remain");
        }
    }

    private static Taps taps(long size, long before, long after, PadMode mode) {
        check(size, before, after, mode);
        return Taps.of(size, size + before + after, o -> new Taps.Tap[] {new Taps.Tap(source(o - before, size, mode), 1)});
    }

    private static long source(long i, long size, PadMode mode) {
        if (i >= 0 && i < size) {
            return i;
        }
        return switch (mode) {
            case REFLECT -> i < 0 ? -i : 2 * (size - 1) - i;
            case CIRCULAR -> i < 0 ? i + size : i - size;
            default -> i < 0 ? 0 : size - 1;
        };
    }
}
