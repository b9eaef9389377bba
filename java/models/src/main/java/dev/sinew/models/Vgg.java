package dev.sinew.models;

import dev.sinew.nn.Network;

/** Stacks of 3 x 3 convolutions (Simonyan, Zisserman 2014). */
public final class Vgg {
    private Vgg() {}

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
}
