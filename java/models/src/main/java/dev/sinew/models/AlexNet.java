package dev.sinew.models;

import dev.sinew.nn.Conv;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Network;
import dev.sinew.nn.ResponseNormalize;
import dev.sinew.op.Window2d;

/**
 * AlexNet (Krizhevsky, Sutskever, Hinton 2012): the second, fourth and fifth convolution are in two groups, each of which sees
 * one half of the channels, as the paper has them on two devices. Weights begin so that variances are kept under ReLU.
 */
public final class AlexNet {
    private static final Initializer WEIGHTS = new Initializer.KaimingNormal(Initializer.reluGain());

    private AlexNet() {}

    /** The paper's net: 60,965,224 parameters for 3 x 227 x 227 pixels and 1,000 classes. */
    public static Network.Builder of(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width);
        net.layer(conv(96, 11, 0, 1).stride(4)).relu().layer(ResponseNormalize.alexNet()).maxPool(overlapping());
        net.layer(conv(256, 5, 2, 2)).relu().layer(ResponseNormalize.alexNet()).maxPool(overlapping());
        net.layer(conv(384, 3, 1, 1)).relu().layer(conv(384, 3, 1, 2)).relu().layer(conv(256, 3, 1, 2)).relu().maxPool(overlapping());
        return classifier(net, 4096, classes);
    }

    /** The same kinds of layers in the same order for images of about 28 x 28 pixels. */
    public static Network.Builder small(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width);
        net.layer(conv(32, 7, 3, 1)).relu().layer(ResponseNormalize.alexNet()).maxPool(overlapping());
        net.layer(conv(64, 5, 2, 2)).relu().layer(ResponseNormalize.alexNet()).maxPool(overlapping());
        net.layer(conv(96, 3, 1, 1)).relu().layer(conv(96, 3, 1, 2)).relu().layer(conv(64, 3, 1, 2)).relu().maxPool(overlapping());
        return classifier(net, 256, classes);
    }

    private static Conv conv(long channels, long kernel, long pad, long groups) {
        return Conv.of(channels, kernel).pad(pad).groups(groups).weights(WEIGHTS);
    }

    /** Windows of 3 x 3 at every second place. */
    private static Window2d overlapping() {
        return Window2d.of(3).stride(2);
    }

    private static Network.Builder classifier(Network.Builder net, long units, long classes) {
        return net.dropout(0.5).layer(Dense.of(units).weights(WEIGHTS)).relu().dropout(0.5).layer(Dense.of(units).weights(WEIGHTS)).relu()
                .dense(classes);
    }
}
