package dev.sinew.io;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.Recurrent;
import dev.sinew.functional.Window;
import dev.sinew.nn.Conv;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.nn.Value;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.List;

/** The nets of tests/golden/golden_interop.py, with the names that PyTorch gives their parameters. */
final class TorchNets {
    private TorchNets() {}

    static Network of(String name) {
        return switch (name) {
            case "lenet5" -> Network.input(1, 28, 28)
                    .conv(6, 5, 2).named("conv1").relu().maxPool(2).conv(16, 5, 0).named("conv2").relu().maxPool(2)
                    .dense(120).named("fc1").relu().dense(84).named("fc2").relu().dense(10).named("fc3").build(Seed.of(1));
            case "resnet18" -> resnet18(4, 10);
            case "lstm" -> Network.input(7, 9).layer(new Lstm(9, 12)).named("lstm").layer(new StepMean()).dense(4).named("fc").build(Seed.of(1));
            case "unet" -> unet();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** torchvision's names. */
    static Network resnet18(long width, long classes) {
        GraphBuilder graph = Network.graph();
        Value x = graph.input(3, 64, 64).layer(Conv.of(width, 7).stride(2).pad(3).noBias()).named("conv1").batchNorm().named("bn1").relu()
                .maxPool(Window2d.of(3).stride(2).pad(1));
        for (int stage = 1; stage <= 4; stage++) {
            long channels = width << stage - 1;
            for (int block = 0; block < 2; block++) {
                Value in = x;
                long stride = stage > 1 && block == 0 ? 2 : 1;
                x = graph.block("layer" + stage + "." + block, () -> basic(graph, in, channels, stride));
            }
        }
        return graph.output(x.globalAvgPool().dense(classes).named("fc")).build(Seed.of(1));
    }

    private static Value basic(GraphBuilder graph, Value x, long channels, long stride) {
        Value y = x.layer(Conv.of(channels, 3).stride(stride).pad(1).noBias()).named("conv1").batchNorm().named("bn1").relu()
                .layer(Conv.of(channels, 3).pad(1).noBias()).named("conv2").batchNorm().named("bn2");
        Value shortcut = stride == 1 && x.shape().dim(0) == channels ? x
                : x.layer(Conv.of(channels, 1).stride(stride).noBias()).named("downsample.0").batchNorm().named("downsample.1");
        return graph.add(y, shortcut).relu();
    }

    private static Network unet() {
        GraphBuilder graph = Network.graph();
        Value x = graph.input(1, 24, 16);
        Value a = twice(graph, "down1", x, 4);
        Value b = twice(graph, "down2", a.maxPool(2), 8);
        Value y = twice(graph, "bottom", b.maxPool(2), 16);
        y = twice(graph, "join2", graph.concat(b, y.layer(new Up(8)).named("up2")), 8);
        y = twice(graph, "join1", graph.concat(a, y.layer(new Up(4)).named("up1")), 4);
        return graph.output(y.conv(2, 1).named("head")).build(Seed.of(1));
    }

    private static Value twice(GraphBuilder graph, String name, Value x, long channels) {
        return graph.block(name, () -> x.conv(channels, 3, 1).named("0").batchNorm().named("1").relu()
                .conv(channels, 3, 1).named("3").batchNorm().named("4").relu());
    }

    /** Two bidirectional layers over [T, I]. */
    private record Lstm(long inputs, long hidden) implements Layer {
        private Recurrent net() {
            return Recurrent.lstm().layers(2).bidirectional().batchesFirst();
        }

        @Override
        public String kind() {
            return "lstm";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(input.dim(0), 2 * hidden);
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            List<ParameterSpec> all = new ArrayList<>();
            net().parameters(inputs, hidden).forEach((name, shape) -> all.add(ParameterSpec.of(name, shape, new Initializer.Constant(0))));
            return all;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return net().apply(context::parameter, x).y();
        }
    }

    /** The mean over the steps of [T, C]. */
    private record StepMean() implements Layer {
        @Override
        public String kind() {
            return "mean";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(input.dim(1));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.mean(1);
        }
    }

    /** Twice the size, by a transposed convolution 2 x 2. */
    private record Up(long channels) implements Layer {
        @Override
        public String kind() {
            return "up";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(channels, 2 * input.dim(1), 2 * input.dim(2));
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            return List.of(ParameterSpec.of("weight", Shape.of(input.dim(0), channels, 2, 2), new Initializer.Constant(0)),
                    ParameterSpec.of("bias", Shape.of(channels), new Initializer.Constant(0)));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return Convolution.transposed(x, context.parameter("weight"), context.parameter("bias"), WINDOW, new long[2], 1);
        }

        private static final Window WINDOW = Window.of(2, 2).stride(2, 2);
    }
}
