package dev.sinew.models;

import dev.sinew.functional.Window;
import dev.sinew.nn.Conv;
import dev.sinew.nn.ConvTransposed;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.nn.Value;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The U-Net (Ronneberger, Fischer, Brox 2015): an encoder that halves all sizes level by level, a decoder that doubles them
 * again, and skips that hand the encoder's fine detail over. Unlike the paper's its convolutions are padded, so that the
 * output has the size of the input. For lines [C, L], images [C, H, W] and volumes [C, D, H, W].
 *
 * {@snippet :
 * var net = UNet.of(2).depth(4).width(64).on(1, 512, 512).build(Seed.of(1));
 * }
 *
 * @param outputs channels of the output, such as the number of classes
 * @param width channels of the first level; each level below has twice as many
 * @param depth how often the sizes are halved: they must be multiples of 2^depth
 * @param skips whether there are skips; without them it is an encoder and a decoder only
 * @param normalised whether batch normalisation follows each convolution, which then has no bias
 */
public record UNet(long outputs, long width, int depth, boolean skips, boolean normalised) {
    /** Checks the numbers. */
    public UNet {
        if (outputs < 1 || width < 1 || depth < 1) {
            throw new IllegalArgumentException("a U-Net needs at least 1 output, width 1 and depth 1, not " + outputs + ", " + width
                    + " and " + depth);
        }
    }

    /** The paper's width of 64 and depth of 4, with skips and without batch normalisation. */
    public static UNet of(long outputs) {
        return new UNet(outputs, 64, 4, true, false);
    }

    /** The same with another width. */
    public UNet width(long channels) {
        return new UNet(outputs, channels, depth, skips, normalised);
    }

    /** The same with another depth. */
    public UNet depth(int levels) {
        return new UNet(outputs, width, levels, skips, normalised);
    }

    /** The same without skips. */
    public UNet withoutSkips() {
        return new UNet(outputs, width, depth, false, normalised);
    }

    /** The same with batch normalisation. */
    public UNet batchNorm() {
        return new UNet(outputs, width, depth, skips, true);
    }

    /**
     * The net for samples of that shape, channels first.
     *
     * @throws IllegalArgumentException when a size is no multiple of 2^depth
     */
    public GraphBuilder on(long... shape) {
        int rank = shape.length - 1;
        for (int i = 1; i <= rank; i++) {
            if (shape[i] % (1L << depth) != 0) {
                throw new IllegalArgumentException("a U-Net of depth " + depth + " needs sizes that are multiples of " + (1L << depth)
                        + ", not " + shape[i]);
            }
        }
        GraphBuilder graph = Network.graph();
        Deque<Value> levels = new ArrayDeque<>();
        Value x = graph.input(shape);
        for (int level = 0; level < depth; level++) {
            x = twice("down" + (level + 1), x, width << level, rank);
            levels.push(x);
            x = x.layer(MaxPool.of(all(rank, 2).stride(2)));
        }
        x = twice("bottom", x, width << depth, rank);
        for (int level = depth - 1; level >= 0; level--) {
            x = x.layer(ConvTransposed.of(width << level, all(rank, 2)).stride(2)).named("grow" + (level + 1));
            Value fine = levels.pop();
            x = twice("up" + (level + 1), skips ? fine.concat(x) : x, width << level, rank);
        }
        return graph.output(x.layer(Conv.of(outputs, all(rank, 1))).named("head"));
    }

    private Value twice(String name, Value x, long channels, int rank) {
        Conv conv = Conv.of(channels, all(rank, 3)).same();
        return x.block(name, v -> {
            for (int i = 0; i < 2; i++) {
                v = normalised ? v.layer(conv.noBias()).batchNorm().relu() : v.layer(conv).relu();
            }
            return v;
        });
    }

    private static Window all(int rank, long size) {
        long[] kernel = new long[rank];
        Arrays.fill(kernel, size);
        return Window.of(kernel);
    }
}
