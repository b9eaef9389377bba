package dev.sinew.bench;

import dev.sinew.Tensor;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.CrossEntropyGradient;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import dev.sinew.op.Softmax;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Softmax, and the cross-entropy that contains one. */
public class CrossEntropyBench extends Measured {
    /** Rows x classes. */
    @Param({"128x10", "128x1000", "4096x10"})
    public String size;

    /** Softmax alone, or the loss and its gradient. */
    @Param({"softmax", "loss", "gradient"})
    public String pass;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        int[] s = Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
        Tensor logits = Kernel.random(s[0], s[1]);
        Tensor labels = Kernel.labels(s[0], s[1]);
        CrossEntropy loss = new CrossEntropy(Reduction.MEAN);
        kernel = switch (pass) {
            case "softmax" -> Kernel.of(List.of(logits), in -> new Tensor[] {Ops.apply(new Softmax(false), in)});
            case "loss" -> Kernel.of(List.of(logits, labels), in -> Ops.applyAll(loss, in));
            default -> Kernel.of(List.of(logits.softmax(), labels, Tensor.scalar(1)),
                    in -> new Tensor[] {Ops.apply(new CrossEntropyGradient(loss), in)});
        };
    }

    /** One pass. */
    @Benchmark
    public void crossEntropy(Bytes bytes) {
        measure(bytes);
    }
}
