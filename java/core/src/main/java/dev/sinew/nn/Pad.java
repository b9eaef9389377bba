package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Padding;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Padding of [C, L], [C, H, W] or [C, D, H, W] (ZeroPad, ReflectionPad, ReplicationPad, CircularPad).
 *
 * @param before elements added in front of each dimension behind the channels; negative ones crop
 * @param after elements added behind; negative ones crop
 * @param mode what is added
 */
public record Pad(List<Long> before, List<Long> after, PadMode mode) implements Layer {
    /** Checks that there are as many widths before as after. */
    public Pad {
        before = List.copyOf(before);
        after = List.copyOf(after);
        Objects.requireNonNull(mode, "mode");
        if (before.size() != after.size() || before.isEmpty() || before.size() > 3) {
            throw new IllegalArgumentException("pad: needs 1 to 3 widths before and as many after, not " + before + " and " + after);
        }
    }

    /** As many rows and columns on every side of an image. */
    public static Pad of(PadMode mode, long width) {
        return new Pad(Collections.nCopies(2, width), Collections.nCopies(2, width), mode);
    }

    @Override
    public String kind() {
        return "pad";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial("pad", input, before.size());
        long[] sizes = input.dims();
        for (int i = 0; i < before.size(); i++) {
            long b = before.get(i);
            long a = after.get(i);
            Padding.check(sizes[1 + i], b, a, mode);
            sizes[1 + i] += b + a;
        }
        return Shape.of(sizes);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Padding.pad(x, array(before), array(after), mode);
    }

    private static long[] array(List<Long> list) {
        return list.stream().mapToLong(n -> n).toArray();
    }

    @Override
    public String sizeFormula(Shape input) {
        String[] all = new String[before.size()];
        Arrays.setAll(all, i -> input.dim(1 + i) + " + " + before.get(i) + " + " + after.get(i) + " = "
                + (input.dim(1 + i) + before.get(i) + after.get(i)));
        return Arrays.stream(all).distinct().count() == 1 ? all[0] : String.join(" x ", all);
    }
}
