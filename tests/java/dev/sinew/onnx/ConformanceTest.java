package dev.sinew.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** ONNX's own tests of its operators (Debian package libonnx-testdata): what is supported must be right. */
class ConformanceTest {
    private static final Path DATA = Path.of(System.getProperty("sinew.onnx.testdata", "/usr/share/libonnx-testdata/data"));

    private int passed;
    private final List<String> failed = new ArrayList<>();
    private final List<String> unsupported = new ArrayList<>();
    /** By operator: passed, failed, unsupported. */
    private final Map<String, int[]> table = new TreeMap<>();

    @Test
    void supportedOperatorsAreRight() throws IOException {
        if (!Files.isDirectory(DATA.resolve("node"))) {
            System.out.println("ONNX node tests: no data in " + DATA + " (Debian package libonnx-testdata); skipped");
            Assumptions.abort("no ONNX test data");
        }
        for (String family : List.of("node", "simple", "pytorch-operator", "pytorch-converted")) {
            try (Stream<Path> folders = Files.list(DATA.resolve(family))) {
                for (Path folder : folders.filter(f -> Files.exists(f.resolve("model.onnx"))).sorted().toList()) {
                    run(folder);
                }
            }
        }
        report();
        assertThat(failed).isEmpty();
        String text = page();
        Path golden = Path.of(System.getProperty("sinew.golden", "tests/golden/data")).toAbsolutePath();
        Path page = golden.resolve("../../../java/onnx/OPERATORS.md").normalize();
        if (Boolean.getBoolean("sinew.table.write")) {
            Files.writeString(page, text);
        }
        assertThat(Files.readString(page)).as("java/onnx/OPERATORS.md; -Dsinew.table.write=true writes it").isEqualTo(text);
    }

    /** java/onnx/OPERATORS.md. */
    private String page() {
        StringBuilder text = new StringBuilder("""
                # Operators of ONNX

                What `OnnxModel` reads, counted in ONNX's own test cases of the standard domain (Debian package `libonnx-testdata`);
                written by `ConformanceTest`. A case is unsupported when it is refused with an exception that says why: the operator
                as a whole, or an attribute, an element type or a shape of it. The rows in parentheses are models of several operators.

                """);
        text.append(passed + " passed, " + failed.size() + " failed, " + unsupported.size() + " unsupported.\n\n");
        text.append("| operator | passed | failed | unsupported |\n|---|---:|---:|---:|\n");
        table.forEach((op, counts) -> text.append("| " + op + " | " + counts[0] + " | " + counts[1] + " | " + counts[2] + " |\n"));
        Set<String> untested = new TreeSet<>(Operators.names());
        untested.removeAll(table.keySet());
        return text.append("\nSupported without a case of its own: ").append(String.join(", ", untested)).append(".\n").toString();
    }

    private void report() {
        System.out.println("ONNX node tests: " + passed + " passed, " + failed.size() + " failed, " + unsupported.size() + " unsupported");
        StringBuilder text = new StringBuilder(String.format("%-28s %7s %7s %12s%n", "operator", "passed", "failed", "unsupported"));
        table.forEach((op, counts) -> text.append(String.format("%-28s %7d %7d %12d%n", op, counts[0], counts[1], counts[2])));
        System.out.print(text);
        if (Boolean.getBoolean("sinew.onnx.details")) {
            unsupported.forEach(line -> System.out.println("unsupported " + line));
            failed.forEach(line -> System.out.println("failed " + line));
        }
    }

    private void run(Path folder) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("model.onnx"));
        String op = operator(folder, ModelProto.parseFrom(bytes));
        int[] counts = table.computeIfAbsent(op, key -> new int[3]);
        try (Scope scope = Scope.open(); OnnxModel model = OnnxModel.of(bytes)) {
            for (int set = 0; Files.isDirectory(folder.resolve("test_data_set_" + set)); set++) {
                check(model, folder.resolve("test_data_set_" + set));
            }
            counts[0]++;
            passed++;
        } catch (UnsupportedOnnxException e) {
            counts[2]++;
            unsupported.add(folder.getFileName() + ": " + e.getMessage());
        } catch (RuntimeException | AssertionError e) {
            counts[1]++;
            failed.add(folder.getFileName() + ": " + e.toString().lines().limit(12).reduce("", (a, b) -> a + " " + b.strip()));
        }
    }

    /** The operator in question: the one of the folder's name, where there are several nodes; else the only one. */
    private static String operator(Path folder, ModelProto model) {
        List<NodeProto> nodes = model.getGraph().getNodeList();
        if (nodes.size() == 1) {
            return nodes.getFirst().getOpType();
        }
        String family = folder.getParent().getFileName().toString();
        return family.equals("node") ? "(functions, sequences)" : "(" + family + ")";
    }

    private static void check(OnnxModel model, Path set) throws IOException {
        Map<String, Tensor> inputs = new HashMap<>();
        for (int i = 0; i < model.inputs().size(); i++) {
            if (Files.exists(set.resolve("input_" + i + ".pb"))) {
                Value value = read(set.resolve("input_" + i + ".pb"), model.inputs().get(i));
                if (value.isEmpty()) {
                    throw new UnsupportedOnnxException("an input without elements is not supported");
                }
                inputs.put(model.inputs().get(i).name(), outside(value, model.inputs().get(i)));
            }
        }
        Map<String, Tensor> outputs = model.run(inputs);
        for (int i = 0; i < model.outputs().size(); i++) {
            Value expected = read(set.resolve("output_" + i + ".pb"), model.outputs().get(i));
            Tensor got = outputs.get(model.outputs().get(i).name());
            assertThat(got.shape().dims()).as("shape of output " + i).isEqualTo(expected.dims());
            compare("output " + i, expected, got.toDoubles());
        }
    }

    /** The files have 16-bit floating-point numbers as integers of the same bits. */
    private static Value read(Path file, OnnxModel.Port port) throws IOException {
        TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
        if (port.type() == ElementType.BFLOAT16 && proto.getDataType() == ElementType.UINT16.code()) {
            proto = proto.toBuilder().setDataType(ElementType.BFLOAT16.code()).build();
        }
        return Protos.read(proto, file.getParent());
    }

    /** Some files of CastLike have one element where the model declares twelve; only their type counts. */
    private static Tensor outside(Value value, OnnxModel.Port port) {
        if (port.name().equals("like") && value.count() == 1) {
            return value.tensor().broadcastTo(port.sizes());
        }
        return value.type().isFloat() ? value.tensor() : Tensor.of(value.toLongs(), value.dims());
    }

    /** Within 1e-5 of the largest magnitude for float32; 1e-3 for the 16-bit types, which the expected values are rounded to. */
    private static void compare(String what, Value expected, double[] got) {
        double[] want = expected.toDoubles();
        double most = 0;
        for (double value : want) {
            most = Double.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
        }
        double bound = switch (expected.type()) {
            case FLOAT -> 1e-5 * most + 1e-7;
            case FLOAT16, BFLOAT16 -> 1e-2 * most;
            case DOUBLE -> 1e-5 * most + 1e-7;
            default -> 0;
        };
        for (int i = 0; i < want.length; i++) {
            boolean same = Double.compare(want[i], got[i]) == 0 || Math.abs(want[i] - got[i]) <= bound;
            assertThat(same).as("%s[%d] of %s: %s instead of %s", what, i, expected, got[i], want[i]).isTrue();
        }
    }
}
