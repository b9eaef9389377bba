package dev.sinew.nn;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Window;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a net of convolutions, pooling and then dense layers into one of convolutions alone (Sermanet et al. 2014, section 3.5;
 * Long, Shelhamer, Darrell 2015, section 3.1). A dense layer over a map [C, H, W] is a convolution whose kernel is that map;
 * later ones are convolutions with a kernel of one pixel. The result takes larger images and gives a map of outputs: place
 * (i, j) is what the net says of the window that begins at (i stride, j stride), all of them at once.
 *
 * <p>The two agree exactly (up to rounding) where no layer pads; padding stands around the window in the one and around the image
 * in the other.
 */
public final class FullyConvolutional {
    private static final List<Class<? extends Layer>> LOCAL = List.of(Conv.class, MaxPool.class, AvgPool.class, LpPool.class,
            StochasticPool.class, Pad.class, DropChannels.class);
    private static final List<Class<? extends Layer>> BY_CHANNEL = List.of(Elementwise.class, Drop.class, AlphaDrop.class, Normalize.class);

    private FullyConvolutional() {}

    /**
     * The net for larger inputs, with copies of the parameters, which keep their names.
     *
     * @param net layers in a row, in the type and with the parameters it has
     * @param input the shape of one larger sample, such as 3, 480, 640
     * @throws IllegalArgumentException naming the layer that cannot be turned, or does not fit
     */
    public static Network of(Network net, long... input) {
        Architecture architecture = net.architecture();
        Network.Builder builder = Network.input(input);
        Shape map = architecture.input();
        for (Architecture.Node node : row(architecture)) {
            Layer layer = node.layer();
            if (layer instanceof Normalize norm && !norm.tracked()) {
                throw new IllegalArgumentException("fully convolutional: " + node.id() + " has no running statistics: it looks at the whole image");
            }
            boolean flat = map.rank() == 1 || Arrays.stream(map.dims()).skip(1).allMatch(d -> d == 1);
            if (layer instanceof Dense dense) {
                Window window = map.rank() == 1 ? Window.of(1, 1) : Window.of(Arrays.copyOfRange(map.dims(), 1, map.rank()));
                put(builder, node, new Conv(dense.units(), window, PadMode.ZEROS, 1, dense.bias(), dense.weights()));
                long[] one = new long[window.rank() + 1];
                Arrays.fill(one, 1);
                one[0] = dense.units();
                map = Shape.of(one);
            } else if (BY_CHANNEL.contains(layer.getClass()) || LOCAL.contains(layer.getClass()) && !flat) {
                put(builder, node, layer);
                map = layer.output(map);
            } else if (!(layer instanceof Flatten)) {
                throw new IllegalArgumentException("fully convolutional: " + node.id() + " (" + layer.kind() + ") on " + map
                        + " is no layer that looks at a window, or at single elements, alone");
            }
        }
        Network turned = builder.build(net.seed(), net.dtype());
        try (var _ = Scope.open()) {
            net.parameters().forEach((name, value) -> {
                Tensor target = turned.parameter(name);
                target.copyFrom(value.reshape(target.shape().dims()));
            });
        }
        return turned;
    }

    private static void put(Network.Builder builder, Architecture.Node node, Layer layer) {
        try {
            builder.layer(layer).named(node.name());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("fully convolutional: " + node.id() + " cannot be put on this input: " + e.getMessage(), e);
        }
    }

    /**
     * How many elements of the input lie between the windows of neighbouring outputs, along each dimension: the product of the
     * strides.
     */
    public static long[] stride(Network net) {
        long[] stride = new long[Math.max(1, net.architecture().input().rank() - 1)];
        Arrays.fill(stride, 1);
        for (Architecture.Node node : row(net.architecture())) {
            Window window = switch (node.layer()) {
                case Conv conv -> conv.window();
                case MaxPool pool -> pool.window();
                case AvgPool pool -> pool.window();
                case LpPool pool -> pool.window();
                case StochasticPool pool -> pool.window();
                default -> null;
            };
            for (int i = 0; window != null && i < stride.length; i++) {
                stride[i] *= window.axes().get(i).stride();
            }
        }
        return stride;
    }

    /** The layers of a net without branches. */
    private static List<Architecture.Node> row(Architecture architecture) {
        List<Architecture.Node> nodes = architecture.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Architecture.Node node = nodes.get(i);
            boolean first = i == 0 && node.layer() == null;
            if (!first && (node.layer() == null || !node.inputs().equals(List.of(i - 1)) || node.use() > 1)) {
                throw new IllegalArgumentException("fully convolutional: takes layers in a row, " + node.id() + " is not one");
            }
        }
        return nodes.subList(1, nodes.size());
    }
}
