package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import java.util.List;

/** Bad arguments of resampling and of the operations on noted places for {@link ShapeErrorTest}. */
final class ImageErrors {
    private ImageErrors() {}

    private static Spec f(long... shape) {
        return Spec.of(DType.F32, Shape.of(shape));
    }

    private static Spec i(long... shape) {
        return Spec.of(DType.I32, Shape.of(shape));
    }

    private static ShapeErrorTest.Bad bad(Op op, List<Spec> inputs, String... parts) {
        return new ShapeErrorTest.Bad(op, inputs, List.of(parts));
    }

    static void add(List<ShapeErrorTest.Bad> all) {
        Resample twice = new Resample(1, Taps.take(3, 0, 0, 1, 1, 2, 2));
        all.add(bad(twice, List.of(), "takes 1 inputs, not 0"));
        all.add(bad(twice, List.of(i(2, 3)), "resample(i32[2, 3])", "floating-point"));
        all.add(bad(twice, List.of(f(3)), "resample(f32[3])", "dimension 1 does not exist"));
        all.add(bad(twice, List.of(f(3, 4)), "resample(f32[3, 4])", "dimension 1 has size 4, the matrix is for 3"));
        PoolGather gather = new PoolGather();
        all.add(bad(gather, List.of(f(1, 2, 3, 4)), "takes 2 inputs, not 1"));
        all.add(bad(gather, List.of(f(1, 2, 3, 4), f(1, 2, 1, 1)), "pool_gather(f32[1, 2, 3, 4], f32[1, 2, 1, 1])", "the index", "I32"));
        all.add(bad(gather, List.of(f(2, 3, 4), i(1, 2, 1, 1)), "[N, C, H, W]"));
        all.add(bad(gather, List.of(f(1, 2, 3, 4), i(2, 1, 1)), "[N, C, OH, OW]"));
        all.add(bad(gather, List.of(f(1, 2, 3, 4), i(1, 3, 1, 1)), "must have the N and C of the image"));
        PoolScatter scatter = new PoolScatter(3, 4, false);
        all.add(bad(scatter, List.of(i(1, 2, 1, 1), i(1, 2, 1, 1)), "pool_scatter(i32[1, 2, 1, 1], i32[1, 2, 1, 1])", "floating-point"));
        all.add(bad(scatter, List.of(f(1, 2, 1, 1), f(1, 2, 1, 1)), "the index", "I32"));
        all.add(bad(scatter, List.of(f(1, 2, 1, 1), i(1, 2, 1, 2)), "the index (input 1) must have shape [1, 2, 1, 1], not [1, 2, 1, 2]"));
    }
}
