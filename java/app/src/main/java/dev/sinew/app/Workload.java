package dev.sinew.app;

import dev.sinew.Shape;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Network;
import dev.sinew.op.Window2d;
import java.util.List;

/** The nets that are timed: the same as the other libraries are timed on. */
enum Workload {
    MLP(Shape.of(784), 128, 10, 0.1, true, 1, 128),
    LENET(Shape.of(1, 28, 28), 128, 10, 0.1, true, 1, 128),
    CNN(Shape.of(1, 28, 28), 128, 10, 0.05, true, 1, 128),
    RESNET20(Shape.of(3, 32, 32), 128, 10, 0.05, false, 1, 128),
    VGG11(Shape.of(3, 64, 64), 32, 10, 0.01, false, 1),
    RESNET18(Shape.of(3, 224, 224), 8, 1000, 0.01, false, 1),
    XOR(Shape.of(2), 4, 1, 0.1, false),
    CONV(Shape.of(1), 1, 1, 0, false);

    private final Shape input;
    private final int batch;
    private final int classes;
    private final double rate;
    private final boolean onGarments;
    private final int[] inferenceBatches;

    Workload(Shape input, int batch, int classes, double rate, boolean onGarments, int... inferenceBatches) {
        this.input = input;
        this.batch = batch;
        this.classes = classes;
        this.rate = rate;
        this.onGarments = onGarments;
        this.inferenceBatches = inferenceBatches;
    }

    /** The shape of one sample. */
    Shape input() {
        return input;
    }

    /** Samples in a training step. */
    int batch() {
        return batch;
    }

    int classes() {
        return classes;
    }

    /** The learning rate. */
    double rate() {
        return rate;
    }

    /** Whether it is trained on Fashion-MNIST, and not on random numbers. */
    boolean onGarments() {
        return onGarments;
    }

    /** Batch sizes to time inference with. */
    List<Integer> inferenceBatches() {
        return java.util.Arrays.stream(inferenceBatches).boxed().toList();
    }

    /** The net. */
    Network.Builder build() {
        Network.Builder net = Network.input(input.dims());
        return switch (this) {
            case MLP -> net.dense(512).tanh().dense(512).tanh().dense(10);
            case LENET -> net.conv(6, 5, 2).tanh().avgPool(2).conv(16, 5, 0).tanh().avgPool(2).dense(120).tanh().dense(84).tanh().dense(10);
            case CNN -> Model.CNN.build(input, classes);
            case RESNET20 -> Model.RESNET20.build(input, classes);
            case VGG11 -> vgg11(net);
            case RESNET18 -> resnet18(net);
            case XOR -> net.dense(4).tanh().dense(1).tanh();
            case CONV -> throw new IllegalStateException("no net");
        };
    }

    private static Network.Builder vgg11(Network.Builder net) {
        for (int[] stage : new int[][] {{64}, {128}, {256, 256}, {512, 512}, {512, 512}}) {
            for (int channels : stage) {
                net.conv(channels, 3, 1).relu();
            }
            net.maxPool(2);
        }
        return net.dense(512).relu().dense(10);
    }

    private static Network.Builder resnet18(Network.Builder net) {
        net.layer(Conv.of(64, 7).stride(2).pad(3).noBias()).batchNorm().relu().maxPool(Window2d.of(3).stride(2).pad(1));
        long in = 64;
        for (long channels : new long[] {64, 128, 256, 512}) {
            for (int block = 0; block < 2; block++) {
                Model.residual(net, in, channels);
                in = channels;
            }
        }
        return net.globalAvgPool().dense(1000);
    }

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
