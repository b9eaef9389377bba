package dev.sinew.models;

import dev.sinew.nn.Conv;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Network;

/** Stacks of 3 x 3 convolutions (Simonyan, Zisserman 2014). */
public final class Vgg {
    private static final Initializer WEIGHTS = new Initializer.KaimingNormal(Initializer.reluGain());

    private Vgg() {}

    /** The net of 16 layers with weights (configuration D): 138,357,544 parameters for 3 x 224 x 224 pixels and 1,000 classes. */
    public static Network.Builder vgg16(long channels, long height, long width, long classes) {
        return deep(new int[] {2, 2, 3, 3, 3}, channels, height, width, classes);
    }

    /** The net of 19 layers with weights (configuration E): 143,667,240 parameters for 3 x 224 x 224 pixels and 1,000 classes. */
    public static Network.Builder vgg19(long channels, long height, long width, long classes) {
        return deep(new int[] {2, 2, 4, 4, 4}, channels, height, width, classes);
    }

    private static Network.Builder deep(int[] convolutions, long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width);
        for (int stage = 0; stage < convolutions.length; stage++) {
            for (int i = 0; i < convolutions[stage]; i++) {
                net.layer(Conv.of(Math.min(512, 64L << stage), 3).pad(1).weights(WEIGHTS)).relu();
            }
            net.maxPool(2);
        }
        return net.layer(Dense.of(4096).weights(WEIGHTS)).relu().dropout(0.5).layer(Dense.of(4096).weights(WEIGHTS)).relu().dropout(0.5)
                .dense(classes);
    }

    /** The net of 11 layers with one hidden dense layer of 512 units, for images of 32 x 32 pixels or more. */
    public static Network.Builder small11(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width);
        for (int[] stage : new int[][] {{64}, {128}, {256, 256}, {512, 512}, {512, 512}}) {
            for (int out : stage) {
                net.conv(out, 3, 1).relu();
            }
            net.maxPool(2);
        }
        return net.dense(512).relu().dense(classes);
    }

    /** Three pairs of convolutions with batch normalisation and a hidden dense layer of 256 units, for images of 8 x 8 pixels or more. */
    public static Network.Builder small7(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width);
        for (int out : new int[] {32, 64, 128}) {
            for (int i = 0; i < 2; i++) {
                net.layer(Conv.of(out, 3).pad(1).noBias().weights(WEIGHTS)).batchNorm().relu();
            }
            net.maxPool(2);
        }
        return net.dropout(0.3).layer(Dense.of(256).weights(WEIGHTS)).relu().dropout(0.5).dense(classes);
    }
}
