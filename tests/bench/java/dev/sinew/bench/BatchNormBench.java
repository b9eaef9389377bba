package dev.sinew.bench;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormGradient;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Convert;
import dev.sinew.op.Ops;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Batch normalisation with a ReLU behind it, channels-last. */
public class BatchNormBench extends Measured {
    /** Images, channels, height and width. */
    @Param({"128,32,28", "128,64,14", "8,64,112"})
    public String layer;

    /** The three passes. */
    @Param({"train", "gradient", "infer"})
    public String pass;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        long[] s = Arrays.stream(layer.split(",")).mapToLong(Long::parseLong).toArray();
        Tensor x = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[1], s[2], s[2]));
        Tensor dy = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[1], s[2], s[2]).mul(0.5));
        Tensor gamma = Tensor.full(DType.F32, Shape.of(s[1]), 1);
        Tensor beta = Tensor.zeros(s[1]);
        Tensor mean = Tensor.zeros(s[1]);
        Tensor variance = Tensor.full(DType.F32, Shape.of(s[1]), 1);
        Activation relu = new Activation(Activation.Kind.RELU, 0);
        BatchNorm train = new BatchNorm(1e-5, 0.1, relu);
        kernel = switch (pass) {
            case "train" -> Kernel.of(List.of(mean, variance), List.of(x, gamma, beta),
                    in -> Ops.applyAll(train, in[0], in[1], in[2], mean, variance));
            case "gradient" -> {
                Tensor[] y = Ops.applyAll(train, x, gamma, beta, mean, variance);
                yield Kernel.of(List.of(x, dy, gamma, y[1], y[2], beta), in -> Ops.applyAll(new BatchNormGradient(relu), in));
            }
            default -> Kernel.of(List.of(x, gamma, beta, mean, variance), in -> new Tensor[] {Ops.apply(new BatchNormInfer(1e-5, relu), in)});
        };
    }

    /** One pass. */
    @Benchmark
    public void batchNorm(Bytes bytes) {
        measure(bytes);
    }
}
