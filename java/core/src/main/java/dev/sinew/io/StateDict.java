package dev.sinew.io;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.nn.Loaded;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * The parameters and running statistics of a net in a safetensors file, by the names and in the layouts of a PyTorch
 * {@code state_dict}: convolutions [O, C/groups, KH, KW], dense weights [out, in], and after a convolution the inputs of a dense
 * layer in the order C, H, W.
 *
 * {@snippet :
 * StateDict.load(net, Path.of("resnet18.safetensors"));
 * StateDict.write(net, Path.of("mine.safetensors"));                      // torch: net.load_state_dict(load_file(...))
 * }
 *
 * <p>Normalisation layers of PyTorch count their batches in {@code num_batches_tracked}; Sinew's only where their statistics are
 * averages of all batches ({@link dev.sinew.nn.Normalize#AVERAGE}): else the number is left out when reading and written as 0.
 */
public final class StateDict {
    private static final String COUNTER = "num_batches_tracked";
    private static final String MEAN = "running_mean";

    private StateDict() {}

    /**
     * Loads a file whose names, shapes and types must be those of the net.
     *
     * @throws IllegalArgumentException naming what does not match; the net stays as it was
     */
    public static Loaded load(Network net, Path file) throws IOException {
        return load(net, file, UnaryOperator.identity(), true);
    }

    /** Loads what matches, as a net whose last layer is another one wants it; the report tells the rest. */
    public static Loaded loadMatching(Network net, Path file) throws IOException {
        return load(net, file, UnaryOperator.identity(), false);
    }

    /**
     * Loads a file.
     *
     * @param rename gives the net's name for a name of the file; null: the tensor is not wanted
     * @param strict whether everything must match
     * @throws IllegalArgumentException in strict mode naming what does not match, the net being left as it was; when two
     *     tensors get one name
     */
    public static Loaded load(Network net, Path file, UnaryOperator<String> rename, boolean strict) throws IOException {
        Objects.requireNonNull(rename, "rename");
        Map<String, Tensor> parameters = net.parameters();
        try (SafeTensorsFile opened = SafeTensorsFile.open(file); Scope _ = Scope.open()) {
            Map<String, String> sources = new LinkedHashMap<>();
            Map<String, Spec> specs = new LinkedHashMap<>();
            for (String name : opened.names()) {
                String wanted = rename.apply(name);
                if (wanted == null || wanted.endsWith(COUNTER) && !parameters.containsKey(wanted)) {
                    continue;
                }
                if (sources.put(wanted, name) != null) {
                    throw new IllegalArgumentException(file + ": two tensors are to be read into " + wanted + ", the second being " + name);
                }
                Spec spec = opened.spec(name);
                specs.put(wanted, isCount(wanted, spec) ? parameters.get(wanted).spec() : spec);
            }
            Loaded match = net.match(specs);
            if (strict && !match.isComplete()) {
                throw new IllegalArgumentException(file + " does not match the network: " + match);
            }
            for (String name : match.loaded()) {
                String source = sources.get(name);
                if (isCount(name, opened.spec(source))) {
                    parameters.get(name).fill(opened.read(source).item());
                } else {
                    opened.readInto(source, parameters.get(name));
                }
            }
            return match;
        }
    }

    /** Whether it is PyTorch's number of batches, which is a parameter of ours where statistics are averages. */
    private static boolean isCount(String name, Spec spec) {
        return name.endsWith(COUNTER) && spec.dtype() == DType.I64 && spec.shape().rank() == 0;
    }

    /** What {@link #write} writes, by name, in the order of the layers: views of the net's own memory, and counters. */
    public static Map<String, Tensor> of(Network net) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        net.parameters().forEach((name, tensor) -> {
            tensors.put(name, name.endsWith(COUNTER) ? Tensor.full(DType.I64, Shape.scalar(), tensor.item()) : tensor);
            if (name.endsWith("running_var")) {
                String prefix = name.substring(0, name.length() - "running_var".length());
                if (net.parameters().containsKey(prefix + MEAN) && !net.parameters().containsKey(prefix + COUNTER)) {
                    tensors.put(prefix + COUNTER, Tensor.full(DType.I64, Shape.scalar(), 0));
                }
            }
        });
        return Collections.unmodifiableMap(tensors);
    }

    /** Writes the parameters and running statistics. */
    public static void write(Network net, Path file) throws IOException {
        SafeTensors.write(file, Map.of("format", "pt"), of(net));
    }
}
