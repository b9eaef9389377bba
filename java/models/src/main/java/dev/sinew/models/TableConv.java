package dev.sinew.models;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Window;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A convolution with stride 1 and without padding whose output channels see some of the input channels each. Only the weights of the
 * connections that are there exist.
 *
 * @param table the input channels that each output channel sees
 * @param kernel the side of the window
 */
public record TableConv(List<List<Integer>> table, long kernel) implements Layer {
    /** Copies the table and checks it. */
    public TableConv {
        table = table.stream().map(List::copyOf).toList();
        if (table.isEmpty() || kernel < 1) {
            throw new IllegalArgumentException("tableconv: needs output channels and a kernel of at least 1, not " + table.size()
                    + " and " + kernel);
        }
        for (List<Integer> row : table) {
            if (row.isEmpty() || row.stream().anyMatch(i -> i < 0) || row.stream().distinct().count() < row.size()) {
                throw new IllegalArgumentException("tableconv: an output channel must see different input channels, not " + row);
            }
        }
    }

    /** Layer C3 of LeNet-5 (table I of the paper): six maps see 3 neighbours, six see 4, three see 4 that are apart, one sees all 6. */
    static TableConv lenet5() {
        List<List<Integer>> table = new ArrayList<>();
        for (int[] steps : new int[][] {{0, 1, 2}, {0, 1, 2, 3}}) {
            for (int first = 0; first < 6; first++) {
                table.add(seen(first, steps));
            }
        }
        for (int first = 0; first < 3; first++) {
            table.add(seen(first, 0, 1, 3, 4));
        }
        table.add(seen(0, 0, 1, 2, 3, 4, 5));
        return new TableConv(table, 5);
    }

    private static List<Integer> seen(int first, int... steps) {
        List<Integer> channels = new ArrayList<>();
        for (int step : steps) {
            channels.add((first + step) % 6);
        }
        return channels;
    }

    private int connections() {
        return table.stream().mapToInt(List::size).sum();
    }

    @Override
    public String kind() {
        return "tableconv";
    }

    @Override
    public Shape output(Shape input) {
        int channels = 1 + table.stream().flatMap(List::stream).mapToInt(i -> i).max().orElseThrow();
        if (input.rank() != 3 || input.dim(0) < channels || input.dim(1) < kernel || input.dim(2) < kernel) {
            throw new IllegalArgumentException("tableconv: needs [channels, height, width] of at least " + channels + " channels and "
                    + kernel
                    + " x " + kernel + " pixels, the input is " + input);
        }
        return Shape.of(table.size(), input.dim(1) - kernel + 1, input.dim(2) - kernel + 1);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        Initializer start = new Initializer.FanUniform(Math.max(1, connections() * kernel * kernel / table.size()));
        return List.of(ParameterSpec.of("weight", Shape.of(connections(), kernel, kernel), start),
                ParameterSpec.of("bias", Shape.of(table.size()), start));
    }

    /** The weights are put in their places among zeros by a product with a matrix of zeros and ones. */
    @Override
    public Tensor apply(Context context, Tensor x) {
        int in = (int) x.shape().dim(1);
        int connections = connections();
        float[] places = new float[table.size() * in * connections];
        int connection = 0;
        for (int out = 0; out < table.size(); out++) {
            for (int from : table.get(out)) {
                places[(out * in + from) * connections + connection++] = 1;
            }
        }
        Tensor weight = context.parameter("weight");
        Tensor all = Tensor.of(places, (long) table.size() * in, connections).cast(weight.dtype()).matmul(weight.reshape(connections,
                kernel * kernel));
        return x.conv2d(all.reshape(table.size(), in, kernel, kernel), context.parameter("bias"), Window2d.of(kernel), 1);
    }

    @Override
    public String sizeFormula(Shape input) {
        return Window.of(kernel, kernel).formula(input.dims(), false);
    }

    @Override
    public String parameterFormula(Shape input) {
        return table.stream().collect(Collectors.groupingBy(List::size, TreeMap::new, Collectors.counting())).entrySet().stream()
                .map(e -> "(" + kernel + "*" + kernel + "*" + e.getKey() + " + 1) * " + e.getValue()).collect(Collectors.joining(" + "));
    }
}
