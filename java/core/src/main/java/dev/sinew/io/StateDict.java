package dev.sinew.io;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 * <p>Normalisation layers of PyTorch count their batches in {@code num_batches_tracked}; Sinew does not: the number is left
 * out when reading and written as 0.
 */
public final class StateDict {
    private static final String COUNTER = "num_batches_tracked";
    private static final String MEAN = "running_mean";
    private static final int MOST_NAMED = 8;

    private StateDict() {}

    /**
     * How a file and a net matched.
     *
     * @param loaded the net's parameters that were read
     * @param missing those that the file does not have
     * @param unexpected tensors of the file that the net does not have, counters left out
     * @param mismatched what has another shape or type than the net's, with both
     */
    public record Report(List<String> loaded, List<String> missing, List<String> unexpected, List<String> mismatched) {
        /** Copies the lists. */
        public Report {
            loaded = List.copyOf(loaded);
            missing = List.copyOf(missing);
            unexpected = List.copyOf(unexpected);
            mismatched = List.copyOf(mismatched);
        }

        /** Whether everything matched. */
        public boolean isComplete() {
            return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty();
        }

        /** For example {@code 3 loaded; missing: fc.weight, fc.bias}. */
        @Override
        public String toString() {
            return loaded.size() + " loaded" + part("missing", missing) + part("unexpected", unexpected) + part("mismatched", mismatched);
        }

        private static String part(String what, List<String> names) {
            if (names.isEmpty()) {
                return "";
            }
            String more = names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "";
            return "; " + what + ": " + String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size()))) + more;
        }
    }

    /**
     * Loads a file whose names, shapes and types must be those of the net.
     *
     * @throws IllegalArgumentException naming what does not match; the net stays as it was
     */
    public static Report load(Network net, Path file) throws IOException {
        return load(net, file, UnaryOperator.identity(), true);
    }

    /** Loads what matches, as a net whose last layer is another one wants it; the report tells the rest. */
    public static Report loadMatching(Network net, Path file) throws IOException {
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
    public static Report load(Network net, Path file, UnaryOperator<String> rename, boolean strict) throws IOException {
        Objects.requireNonNull(rename, "rename");
        Map<String, Tensor> parameters = net.parameters();
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            Map<String, String> sources = new LinkedHashMap<>();
            List<String> unexpected = new ArrayList<>();
            List<String> mismatched = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (String name : opened.names()) {
                String wanted = rename.apply(name);
                Tensor target = wanted == null ? null : parameters.get(wanted);
                if (target == null) {
                    if (wanted != null && !wanted.endsWith(COUNTER)) {
                        unexpected.add(wanted);
                    }
                } else if (!seen.add(wanted)) {
                    throw new IllegalArgumentException(file + ": two tensors are to be read into " + wanted + ", the second being " + name);
                } else if (!Arrays.equals(opened.sizes(name), target.shape().dims()) || !opened.dtype(name).isFloat()) {
                    mismatched.add(wanted + " is " + opened.dtype(name) + Arrays.toString(opened.sizes(name)) + " instead of " + target.spec());
                } else {
                    sources.put(wanted, name);
                }
            }
            List<String> missing = parameters.keySet().stream().filter(name -> !seen.contains(name)).toList();
            Report report = new Report(List.copyOf(sources.keySet()), missing, unexpected, mismatched);
            if (strict && !report.isComplete()) {
                throw new IllegalArgumentException(file + " does not match the network: " + report);
            }
            for (Map.Entry<String, String> source : sources.entrySet()) {
                opened.readInto(source.getValue(), parameters.get(source.getKey()));
            }
            return report;
        }
    }

    /** What {@link #write} writes, by name, in the order of the layers: views of the net's own memory, and counters. */
    public static Map<String, Tensor> of(Network net) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        net.parameters().forEach((name, tensor) -> {
            tensors.put(name, tensor);
            if (name.endsWith("running_var")) {
                String prefix = name.substring(0, name.length() - "running_var".length());
                if (net.parameters().containsKey(prefix + MEAN)) {
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
