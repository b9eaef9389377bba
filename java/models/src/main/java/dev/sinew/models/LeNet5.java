package dev.sinew.models;

import dev.sinew.nn.ActivationLayers;
import dev.sinew.nn.Conv;
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

    /**
     * The paper's net for 32 x 32 gray pixels: subsampling with weights, the third layer's table of connections, and
     * 1.7159 tanh(2x/3) after every layer; 60,000 parameters, and 85 for each class. The paper compares the last 84 values with drawn
     * characters; here a dense layer takes their place, for softmax and cross-entropy.
     */
    public static Network.Builder original(long classes) {
        return Network.input(1, 32, 32)
                .conv(6, 5).named("c1").layer(ActivationLayers.scaledTanh())
                .layer(new Subsampling()).named("s2").layer(ActivationLayers.scaledTanh())
                .layer(TableConv.lenet5()).named("c3").layer(ActivationLayers.scaledTanh())
                .layer(new Subsampling()).named("s4").layer(ActivationLayers.scaledTanh())
                .layer(Conv.of(120, 5)).named("c5").layer(ActivationLayers.scaledTanh())
                .dense(84).named("f6").layer(ActivationLayers.scaledTanh())
                .dense(classes).named("output");
    }
}
