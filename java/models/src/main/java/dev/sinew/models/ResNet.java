package dev.sinew.models;

import dev.sinew.nn.Conv;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.List;

/** Residual nets (He, Zhang, Ren, Sun 2015). */
public final class ResNet {
    private ResNet() {}

    /** The net of 20 layers for small images (section 4.2), with projection shortcuts. */
    public static Network.Builder resnet20(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width)
                .layer(Conv.of(16, 3).pad(1).noBias()).batchNorm().relu();
        long in = 16;
        for (long out : new long[] {16, 32, 64}) {
            for (int block = 0; block < 3; block++) {
                basic(net, in, out);
                in = out;
            }
        }
        return net.globalAvgPool().dense(classes);
    }

    /** The net of 18 layers for images of 224 x 224 pixels (table 1): 11,689,512 parameters for 1,000 classes. */
    public static Network.Builder resnet18(long channels, long height, long width, long classes) {
        Network.Builder net = Network.input(channels, height, width)
                .layer(Conv.of(64, 7).stride(2).pad(3).noBias()).batchNorm().relu().maxPool(Window2d.of(3).stride(2).pad(1));
        long in = 64;
        for (long out : new long[] {64, 128, 256, 512}) {
            for (int block = 0; block < 2; block++) {
                basic(net, in, out);
                in = out;
            }
        }
        return net.globalAvgPool().dense(classes);
    }

    /** A basic block; where the number of channels grows, height and width are halved and the bypass is a projection. */
    private static void basic(Network.Builder net, long in, long channels) {
        long stride = in == channels ? 1 : 2;
        List<Layer> body = List.of(Conv.of(channels, 3).stride(stride).pad(1).noBias(), Normalize.standard(),
                new Elementwise(Unary.of(Unary.Kind.RELU)), Conv.of(channels, 3).pad(1).noBias(), Normalize.standard());
        List<Layer> shortcut = in == channels ? List.of() : List.of(Conv.of(channels, 1).stride(stride).noBias(), Normalize.standard());
        net.residual(body, shortcut).relu();
    }
}
