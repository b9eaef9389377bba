package dev.sinew.models;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.List;

/** Residual nets, and the plain nets they are compared with (He, Zhang, Ren, Sun 2015). */
public final class ResNet {
    private static final long EXPANSION = 4;

    private ResNet() {}

    /** What goes around the convolutions of a block. */
    public enum Bypass {
        /** Nothing: a plain net. */
        NONE,
        /** The block's input; where the block halves height and width, every second pixel, and zeros in the new channels (option A). */
        ZEROS,
        /** The block's input; where the block changes its shape, a 1 x 1 convolution with batch normalisation (option B). */
        PROJECTION
    }

    /**
     * A net for small images (section 4.2): a convolution, three stages of 16, 32 and 64 channels, a dense layer.
     *
     * @param depth layers with weights, 6n + 2: 8, 14, 20, 32, 44, 56, 110
     */
    public static Network.Builder small(int depth, Bypass bypass, long channels, long height, long width, long classes) {
        if (depth < 8 || (depth - 2) % 6 != 0) {
            throw new IllegalArgumentException("resnet: the depth for small images must be 6n + 2 with n >= 1, not " + depth);
        }
        Network.Builder net = Network.input(channels, height, width).layer(Conv.of(16, 3).pad(1).noBias()).batchNorm().relu();
        int blocks = (depth - 2) / 6;
        return stages(net, bypass, false, 16, blocks, blocks, blocks).globalAvgPool().dense(classes);
    }

    /** The net of 20 layers for small images, with projections. */
    public static Network.Builder resnet20(long channels, long height, long width, long classes) {
        return small(20, Bypass.PROJECTION, channels, height, width, classes);
    }

    /** The net of 18 layers for images of 224 x 224 pixels (table 1): 11,689,512 parameters for 3 channels and 1,000 classes. */
    public static Network.Builder resnet18(long channels, long height, long width, long classes) {
        return large(Bypass.PROJECTION, false, channels, height, width, classes, 2, 2, 2, 2);
    }

    /** The net of 34 layers: 21,797,672 parameters. */
    public static Network.Builder resnet34(long channels, long height, long width, long classes) {
        return large(Bypass.PROJECTION, false, channels, height, width, classes, 3, 4, 6, 3);
    }

    /** The net of 50 layers, of bottleneck blocks whose 3 x 3 convolution does the halving: 25,557,032 parameters. */
    public static Network.Builder resnet50(long channels, long height, long width, long classes) {
        return large(Bypass.PROJECTION, true, channels, height, width, classes, 3, 4, 6, 3);
    }

    /** The net of 101 layers, of bottleneck blocks: 44,549,160 parameters. */
    public static Network.Builder resnet101(long channels, long height, long width, long classes) {
        return large(Bypass.PROJECTION, true, channels, height, width, classes, 3, 4, 23, 3);
    }

    /** {@link #resnet18} without bypasses: 11,515,688 parameters. */
    public static Network.Builder plain18(long channels, long height, long width, long classes) {
        return large(Bypass.NONE, false, channels, height, width, classes, 2, 2, 2, 2);
    }

    /** {@link #resnet34} without bypasses: 21,623,848 parameters. */
    public static Network.Builder plain34(long channels, long height, long width, long classes) {
        return large(Bypass.NONE, false, channels, height, width, classes, 3, 4, 6, 3);
    }

    private static Network.Builder large(Bypass bypass, boolean bottleneck, long channels, long height, long width, long classes,
    int... blocks) {
        Network.Builder net = Network.input(channels, height, width).layer(Conv.of(64, 7).stride(2).pad(3).noBias()).batchNorm().relu()
                .maxPool(Window2d.of(3).stride(2).pad(1));
        return stages(net, bypass, bottleneck, 64, blocks).globalAvgPool().dense(classes);
    }

    /** Stages of blocks; each but the first halves height and width and doubles the number of channels. */
    private static Network.Builder stages(Network.Builder net, Bypass bypass, boolean bottleneck, long first, int... blocks) {
        long in = first;
        for (int stage = 0; stage < blocks.length; stage++) {
            long width = first << stage;
            long out = bottleneck ? EXPANSION * width : width;
            for (int block = 0; block < blocks[stage]; block++) {
                long stride = stage > 0 && block == 0 ? 2 : 1;
                List<Layer> body = bottleneck ? bottleneck(width, stride) : basic(width, stride);
                if (bypass == Bypass.NONE) {
                    net.layers(body).relu();
                } else {
                    net.residual(body, in == out ? List.of() : bypass == Bypass.ZEROS ? List.of(new Widened(out, stride))
                            : projection(out, stride)).relu();
                }
                in = out;
            }
        }
        return net;
    }

    private static Layer relu() {
        return new Elementwise(Unary.of(Unary.Kind.RELU));
    }

    private static List<Layer> basic(long channels, long stride) {
        return List.of(Conv.of(channels, 3).stride(stride).pad(1).noBias(), Normalize.standard(), relu(),
                Conv.of(channels, 3).pad(1).noBias(), Normalize.standard());
    }

    private static List<Layer> bottleneck(long width, long stride) {
        return List.of(Conv.of(width, 1).noBias(), Normalize.standard(), relu(),
                Conv.of(width, 3).stride(stride).pad(1).noBias(), Normalize.standard(), relu(),
                Conv.of(EXPANSION * width, 1).noBias(), Normalize.standard());
    }

    private static List<Layer> projection(long channels, long stride) {
        return List.of(Conv.of(channels, 1).stride(stride).noBias(), Normalize.standard());
    }

    /**
     * Every so many pixels, and channels of zeros behind those that are there.
     *
     * @param channels of the output
     * @param stride from one pixel to the next that is kept
     */
    private record Widened(long channels, long stride) implements Layer {
        @Override
        public String kind() {
            return "widened";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(channels, (input.dim(1) + stride - 1) / stride, (input.dim(2) + stride - 1) / stride);
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            Shape out = output(x.shape().withoutFirst());
            return x.slice(2, 0, out.dim(1), stride).slice(3, 0, out.dim(2), stride)
                    .pad(new long[4], new long[] {0, channels - x.shape().dim(1), 0, 0}, 0);
        }
    }
}
