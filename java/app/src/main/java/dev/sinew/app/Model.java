package dev.sinew.app;

import dev.sinew.Shape;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.op.Unary;
import java.util.List;

/** The nets that the command line knows, for images of any size that fits. */
enum Model {
    /** One dense layer: its weights are pictures, one for each class. */
    SOFTMAX,
    /** Two hidden layers of 512 tanh units: 669,706 parameters for 28 x 28 pixels and 10 classes. */
    MLP,
    /** LeNet-5 (LeCun et al. 1998) with ReLU and maximum pooling; for images too small for it a net in its manner. */
    LENET5,
    /** Two blocks of two 3 x 3 convolutions with batch normalisation. */
    CNN,
    /** The residual net of 20 layers for small images (He et al. 2015, section 4.2), with projection shortcuts. */
    RESNET20;

    /** The smallest side that two 5 x 5 convolutions and two poolings leave something of. */
    private static final long LENET_LEAST = 12;

    /** The net for samples of that shape, [channels, height, width]. */
    Network.Builder build(Shape input, int classes) {
        if (input.rank() != 3) {
            throw new IllegalArgumentException(this + ": needs images, channels x height x width, not " + input);
        }
        Network.Builder net = Network.input(input.dims());
        return switch (this) {
            case SOFTMAX -> net.dense(classes);
            case MLP -> net.dense(512).tanh().dense(512).tanh().dense(classes);
            case LENET5 -> Math.min(input.dim(1), input.dim(2)) < LENET_LEAST ? smallLenet(net, classes) : lenet5(net, classes);
            case CNN -> cnn(net, classes);
            case RESNET20 -> resnet20(net, classes);
        };
    }

    private static Network.Builder lenet5(Network.Builder net, int classes) {
        return net.conv(6, 5, 2).relu().maxPool(2).conv(16, 5, 0).relu().maxPool(2).dense(120).relu().dense(84).relu().dense(classes);
    }

    private static Network.Builder smallLenet(Network.Builder net, int classes) {
        normalised(net, 32);
        normalised(net, 32).maxPool(2);
        normalised(net, 64);
        return normalised(net, 64).maxPool(2).dropout(0.3).dense(128).relu().dropout(0.3).dense(classes);
    }

    private static Network.Builder cnn(Network.Builder net, int classes) {
        normalised(net, 32);
        normalised(net, 32).maxPool(2);
        normalised(net, 64);
        return normalised(net, 64).maxPool(2).dense(128).relu().dense(classes);
    }

    /** 3 x 3 convolution without bias, batch normalisation, ReLU. */
    private static Network.Builder normalised(Network.Builder net, long channels) {
        return net.layer(Conv.of(channels, 3).pad(1).noBias()).batchNorm().relu();
    }

    private static Network.Builder resnet20(Network.Builder net, int classes) {
        normalised(net, 16);
        long in = 16;
        for (long channels : new long[] {16, 32, 64}) {
            for (int block = 0; block < 3; block++) {
                residual(net, in, channels);
                in = channels;
            }
        }
        return net.globalAvgPool().dense(classes);
    }

    /** A basic block; where the number of channels grows, height and width are halved and the bypass is a projection. */
    static Network.Builder residual(Network.Builder net, long in, long channels) {
        long stride = in == channels ? 1 : 2;
        List<Layer> body = List.of(Conv.of(channels, 3).stride(stride).pad(1).noBias(), Normalize.standard(), relu(),
                Conv.of(channels, 3).pad(1).noBias(), Normalize.standard());
        List<Layer> shortcut = in == channels ? List.of() : List.of(Conv.of(channels, 1).stride(stride).noBias(), Normalize.standard());
        return net.residual(body, shortcut).relu();
    }

    private static Layer relu() {
        return new Elementwise(Unary.of(Unary.Kind.RELU));
    }

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
