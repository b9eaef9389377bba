package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.io.Json;
import dev.sinew.io.SafeTensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What PyTorch computed once: attributes, inputs, and the outputs and gradients to be expected (tests/golden/README.md).
 *
 * @param gradients by the name of the input
 */
record GoldenCase(String family, String name, Map<String, Object> attrs, Map<String, Array> inputs, Map<String, Array> outputs,
        Map<String, Array> gradients) {
    /** Numbers of a file. Those without elements are no tensors of ours. */
    record Array(DType type, long[] sizes, double[] values) {
        boolean isEmpty() {
            return values.length == 0;
        }

        /** A tensor of the type, or of int32 where the file has that. */
        Tensor tensor(DType wanted) {
            if (type == DType.I32) {
                return Tensor.of(Arrays.stream(values).mapToInt(value -> (int) value).toArray(), sizes);
            }
            if (wanted == DType.F64) {
                return Tensor.of(values, sizes);
            }
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            return Tensor.of(floats, sizes);
        }

        double largest() {
            double largest = 0;
            for (double value : values) {
                largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
            }
            return largest;
        }
    }

    static Path folder() {
        return Path.of(System.getProperty("sinew.golden", "tests/golden/data"));
    }

    /** All families: the names of the files. */
    static List<String> families() throws IOException {
        try (var files = Files.list(folder())) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".safetensors"))
                    .map(name -> name.substring(0, name.lastIndexOf('.'))).sorted().toList();
        }
    }

    @SuppressWarnings("try") // the scope frees what is read
    static List<GoldenCase> read(String family) {
        try (Scope scope = Scope.open(); SafeTensorsFile file = SafeTensorsFile.open(folder().resolve(family + ".safetensors"))) {
            Map<String, Array> arrays = new LinkedHashMap<>();
            for (String name : file.names()) {
                long[] sizes = file.sizes(name);
                boolean empty = Arrays.stream(sizes).anyMatch(size -> size == 0);
                arrays.put(name, new Array(file.dtype(name), sizes, empty ? new double[0] : file.read(name).toDoubles()));
            }
            List<GoldenCase> cases = new ArrayList<>();
            for (Object item : (List<?>) Json.parse(file.metadata().get("cases"))) {
                Map<String, Object> one = map(item);
                cases.add(new GoldenCase(family, (String) one.get("name"), map(one.get("attrs")), arrays(one, "inputs", arrays),
                        arrays(one, "outputs", arrays), arrays(one, "gradients", arrays)));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Array> arrays(Map<String, Object> item, String field, Map<String, Array> all) {
        Map<String, Array> named = new LinkedHashMap<>();
        map(item.get(field)).forEach((name, key) -> {
            if (!all.containsKey(key)) {
                throw new IllegalArgumentException(item.get("name") + " names an array that is not there: " + key);
            }
            named.put(name, all.get(key));
        });
        return named;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    // ---- attributes ----

    String text(String attr) {
        return (String) attrs.get(attr);
    }

    double number(String attr) {
        return ((Number) attrs.get(attr)).doubleValue();
    }

    long whole(String attr) {
        return (Long) attrs.get(attr);
    }

    boolean flag(String attr) {
        return whole(attr) != 0;
    }

    long[] wholes(String attr) {
        return ((List<?>) attrs.get(attr)).stream().mapToLong(value -> (Long) value).toArray();
    }

    /** The activation behind the operation. */
    String act() {
        return (String) attrs.getOrDefault("act", "identity");
    }

    /** The input that holds the gradient of an output, null when there is none. */
    Array upstream(String output) {
        return inputs.get("d" + output);
    }

    /** Whether an array in it has no elements, which our shapes do not allow. */
    boolean hasEmptyArrays() {
        return inputs.values().stream().anyMatch(Array::isEmpty);
    }

    Shape shape(String input) {
        return Shape.of(inputs.get(input).sizes);
    }

    boolean hasImages() {
        return inputs.values().stream().anyMatch(array -> array.sizes.length == 4);
    }

    @Override
    public String toString() {
        return family + "/" + name;
    }
}
