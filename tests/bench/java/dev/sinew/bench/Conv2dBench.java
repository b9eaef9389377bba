package dev.sinew.bench;

import dev.sinew.Layout;
import dev.sinew.Tensor;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Conv2dWeightGradient;
import dev.sinew.op.Convert;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Convolutions of well-known nets, channels-last as plans have them. */
public class Conv2dBench extends Measured {
    /** Images, input channels, height and width, output channels, kernel, stride, padding, groups. */
    @Param({"32,1,28,6,5,1,2,1", "32,1,28,32,3,1,1,1", "32,32,28,32,3,1,1,1", "32,64,14,64,3,1,1,1", "8,64,56,64,3,1,1,1", "8,128,28,128,3,1,1,1",
        "8,256,14,256,3,1,1,1", "8,512,7,512,3,1,1,1", "8,64,56,256,1,1,0,1", "2,3,224,64,7,2,3,1", "8,64,28,64,3,1,1,64"})
    public String layer;

    /** The three passes of training. */
    @Param({"forward", "input", "weight"})
    public String pass;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        long[] s = Arrays.stream(layer.split(",")).mapToLong(Long::parseLong).toArray();
        Window2d window = Window2d.of(s[4]).stride(s[5]).pad(s[6]);
        long out = window.outH(s[2], false);
        Tensor x = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[1], s[2], s[2]));
        Tensor weight = Kernel.random(s[3], s[1] / s[7], s[4], s[4]);
        Tensor dy = Convert.to(Layout.CHANNELS_LAST, Kernel.random(s[0], s[3], out, out));
        kernel = switch (pass) {
            case "forward" -> Kernel.of(List.of(x, weight, Kernel.random(s[3])),
                    in -> new Tensor[] {Ops.apply(new Conv2d(window, s[7]), in)});
            case "input" -> Kernel.of(List.of(dy, weight), in -> new Tensor[] {Ops.apply(new Conv2dInputGradient(window, s[7], x.shape()), in)});
            default -> Kernel.of(List.of(x, dy), in -> Ops.applyAll(new Conv2dWeightGradient(window, s[7], weight.shape(), true), in));
        };
    }

    /** One pass. */
    @Benchmark
    public void conv2d(Flops flops) {
        measure(flops);
    }
}
