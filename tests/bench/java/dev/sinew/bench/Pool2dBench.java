package dev.sinew.bench;

import dev.sinew.Layout;
import dev.sinew.Tensor;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.AvgPool2dGradient;
import dev.sinew.op.Convert;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.MaxPool2dGradient;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Pooling, channels-last. */
public class Pool2dBench extends Measured {
    /** Images, channels, height and width, kernel, stride, padding. */
    @Param({"128,6,28,2,2,0", "128,32,28,2,2,0", "8,64,112,3,2,1"})
    public String layer;

    /** The four passes. */
    @Param({"max", "max_gradient", "avg", "avg_gradient"})
    public String pass;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        long[] s = Arrays.stream(layer.split(",")).mapToLong(Long::parseLong).toArray();
        Window2d window = Window2d.of(s[3]).stride(s[4]).pad(s[5]);
        long out = window.outH(s[2], false);
        Tensor x = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[1], s[2], s[2]));
        Tensor dy = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[1], out, out));
        kernel = switch (pass) {
            case "max" -> Kernel.of(List.of(x), in -> Ops.applyAll(new MaxPool2d(window, false), in));
            case "max_gradient" -> Kernel.of(List.of(dy, Ops.applyAll(new MaxPool2d(window, false), x)[1]),
                    in -> new Tensor[] {Ops.apply(new MaxPool2dGradient(window, x.shape()), in)});
            case "avg" -> Kernel.of(List.of(x), in -> new Tensor[] {Ops.apply(new AvgPool2d(window, false, true), in)});
            default -> Kernel.of(List.of(dy), in -> new Tensor[] {Ops.apply(new AvgPool2dGradient(window, false, true, x.shape()), in)});
        };
    }

    /** One pass. */
    @Benchmark
    public void pool2d(Bytes bytes) {
        measure(bytes);
    }
}
