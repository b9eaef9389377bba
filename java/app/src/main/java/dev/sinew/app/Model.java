package dev.sinew.app;

import dev.sinew.Shape;
import dev.sinew.models.LeNet5;
import dev.sinew.models.ResNet;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Network;

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

    /** The net for samples of that shape, [channels, height, width]. */
    Network.Builder build(Shape input, int classes) {
        if (input.rank() != 3) {
            throw new IllegalArgumentException(this + ": needs images, channels x height x width, not " + input);
        }
        Network.Builder net = Network.input(input.dims());
        return switch (this) {
            case SOFTMAX -> net.dense(classes);
            case MLP -> net.dense(512).tanh().dense(512).tanh().dense(classes);
            case LENET5 -> Math.min(input.dim(1), input.dim(2)) < LeNet5.LEAST_SIDE ? smallLenet(net, classes)
                    : LeNet5.modern(input.dim(0), input.dim(1), input.dim(2), classes);
            case CNN -> cnn(net, classes);
            case RESNET20 -> ResNet.resnet20(input.dim(0), input.dim(1), input.dim(2), classes);
        };
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

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
