package dev.sinew.app;

import dev.sinew.Shape;
import dev.sinew.models.LeNet5;
import dev.sinew.models.ResNet;
import dev.sinew.models.Vgg;
import dev.sinew.nn.Network;
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
            case LENET -> LeNet5.tanh(1, 28, 28, classes);
            case CNN -> Model.CNN.build(input, classes);
            case RESNET20 -> Model.RESNET20.build(input, classes);
            case VGG11 -> Vgg.small11(3, 64, 64, classes);
            case RESNET18 -> ResNet.resnet18(3, 224, 224, classes);
            case XOR -> net.dense(4).tanh().dense(1).tanh();
            case CONV -> throw new IllegalStateException("no net");
        };
    }

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
