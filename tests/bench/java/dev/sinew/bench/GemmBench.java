package dev.sinew.bench;

import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Products as fully connected layers need them. */
public class GemmBench extends Measured {
    /** m x n x k. */
    @Param({"4x4x2", "1x512x784", "128x512x784", "128x10x512", "512x512x512", "1024x1024x1024"})
    public String size;

    /** forward is x w^T + b; input and weight are the two gradients. */
    @Param({"forward", "input", "weight"})
    public String pass;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        int[] s = Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
        Tensor x = Kernel.random(s[0], s[2]);
        Tensor weight = Kernel.random(s[1], s[2]);
        Tensor y = Kernel.random(s[0], s[1]);
        kernel = switch (pass) {
            case "forward" -> Kernel.of(List.of(x, weight, Kernel.random(s[1])), in -> new Tensor[] {Ops.apply(new Gemm(false, true), in)});
            case "input" -> Kernel.of(List.of(y, weight), in -> new Tensor[] {Ops.apply(new Gemm(false, false), in)});
            default -> Kernel.of(List.of(y, x), in -> new Tensor[] {Ops.apply(new Gemm(true, false), in)});
        };
    }

    /** One product. */
    @Benchmark
    public void gemm(Flops flops) {
        measure(flops);
    }
}
