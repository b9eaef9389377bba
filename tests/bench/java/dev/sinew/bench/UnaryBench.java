package dev.sinew.bench;

import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import dev.sinew.op.UnaryGradient;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Elementwise functions. */
public class UnaryBench extends Measured {
    /** In the first-level cache, in the second, in none. */
    @Param({"1024", "65536", "8388608"})
    public int count;

    /** The function. */
    @Param({"RELU", "TANH", "SIGMOID", "EXP", "GELU"})
    public Unary.Kind kind;

    /** Whether the gradient is measured. */
    @Param({"false", "true"})
    public boolean gradient;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        Unary op = Unary.of(kind);
        Tensor x = Kernel.random(count);
        kernel = gradient
                // the reference is x or y, of which both are in range
                ? Kernel.of(List.of(Kernel.random(count), x), in -> new Tensor[] {Ops.apply(new UnaryGradient(op), in)})
                : Kernel.of(List.of(x), in -> new Tensor[] {Ops.apply(op, in)});
    }

    /** One function of all elements. */
    @Benchmark
    public void unary(Bytes bytes) {
        measure(bytes);
    }
}
