package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Resampling and the operations on noted places for {@link FuzzOps}. */
final class FuzzImages {
    private final SplittableRandom random;

    FuzzImages(SplittableRandom random) {
        this.random = random;
    }

    List<Supplier<FuzzOps.Trial>> makers() {
        return List.of(this::resample, this::gather, this::scatter);
    }

    private boolean coin() {
        return random.nextBoolean();
    }

    private long size() {
        return random.nextLong(1, 7);
    }

    private DType real() {
        return coin() ? DType.F32 : DType.F64;
    }

    private Spec spec(DType dtype, Shape shape) {
        return new Spec(dtype, shape, shape.rank() == 4 && coin() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR);
    }

    private FuzzOps.Trial resample() {
        long[] dims = new long[random.nextInt(1, 6)];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = size();
        }
        int dim = random.nextInt(-dims.length, dims.length + (random.nextInt(20) == 0 ? 2 : 0));
        long size = random.nextInt(20) == 0 ? random.nextLong(-1, 9) : dims[Math.floorMod(dim, dims.length)];
        Taps taps = Taps.of(size, random.nextInt(30) == 0 ? 0 : random.nextLong(1, 9), o -> {
            Taps.Tap[] row = new Taps.Tap[random.nextInt(6)];
            for (int k = 0; k < row.length; k++) {
                row[k] = new Taps.Tap(random.nextLong(random.nextInt(200) == 0 ? -1 : 0, size), random.nextInt(500) == 0 ? Double.NaN : random.nextDouble());
            }
            return row;
        });
        return new FuzzOps.Trial(new Resample(dim, taps), List.of(spec(real(), Shape.of(dims))));
    }

    private FuzzOps.Trial gather() {
        long n = size();
        long c = size();
        DType dtype = random.nextInt(4) == 0 ? DType.I32 : real();
        return new FuzzOps.Trial(new PoolGather(), List.of(spec(dtype, Shape.of(n, c, size(), size())), spec(DType.I32, Shape.of(n, c, size(), size()))));
    }

    private FuzzOps.Trial scatter() {
        Shape x = Shape.of(size(), size(), size(), size());
        long h = random.nextInt(20) == 0 ? random.nextLong(-1, 1L << 33) : size();
        return new FuzzOps.Trial(new PoolScatter(h, size(), coin()), List.of(spec(real(), x), spec(DType.I32, x)));
    }
}
