package dev.sinew.models;

import dev.sinew.nn.Network;

/** LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998), for images of 28 x 28 pixels and others of at least 12 x 12. */
public final class LeNet5 {
    /** The smallest side that two 5 x 5 convolutions and two poolings leave something of. */
    public static final long LEAST_SIDE = 12;

    private LeNet5() {}

    /** As it is built today: ReLU and maximum pooling, 61,706 parameters for 28 x 28 gray pixels and 10 classes. */
    public static Network.Builder modern(long channels, long height, long width, long classes) {
        return Network.input(channels, height, width)
                .conv(6, 5, 2).relu().maxPool(2).conv(16, 5, 0).relu().maxPool(2)
                .dense(120).relu().dense(84).relu().dense(classes);
    }

    /** With tanh and mean pooling. */
    public static Network.Builder tanh(long channels, long height, long width, long classes) {
        return Network.input(channels, height, width)
                .conv(6, 5, 2).tanh().avgPool(2).conv(16, 5, 0).tanh().avgPool(2)
                .dense(120).tanh().dense(84).tanh().dense(classes);
    }
}
