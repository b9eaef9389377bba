package dev.sinew.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Tensor;
import dev.sinew.golden.GoldenCoverage;
import dev.sinew.graph.Graph;
import dev.sinew.op.Op;
import dev.sinew.op.OpCase;
import dev.sinew.op.OpCases;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The table of everything that computes, java/core/OPERATIONS.md, made from the code: it must be up to date, and nothing in
 * it may lack a kernel, golden data, a gradient check or a fuzz test without a reason ({@link Gaps}).
 * {@code -Dsinew.table.write=true} writes it.
 */
@ExtendWith(Scoped.class)
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "the table does not depend on it")
class OperationTableTest {
    private final Sources sources = new Sources();
    private final Map<String, String> goldenTests = sources.java("tests/java", "golden");
    private final Map<String, String> opTests = sources.java("tests/java", "op");
    private final Map<String, String> gradientTests = new TreeMap<>(opTests);
    private final Set<String> gaps = new TreeSet<>();
    private final Set<String> reasonsUsed = new TreeSet<>();

    OperationTableTest() throws IOException {
        gradientTests.keySet().removeIf(name -> !name.endsWith("Cases"));
        gradientTests.putAll(sources.java("tests/java", "diagnosis"));
    }

    @Test
    void theTableIsUpToDateAndHasNoGaps() throws IOException {
        StringBuilder text = new StringBuilder("""
                # Operations

                Made from the code by OperationTableTest, which fails when this page lags behind or something is missing without
                a reason; to write it again: `mvn test -pl tests -am -Dtest=OperationTableTest -Dsinew.table.write=true`.

                """);
        operations(text);
        functions(text);
        types(text, "Layers", "dev.sinew.nn.Layer", "nn", "functional");
        types(text, "Losses", "dev.sinew.nn.Loss", "nn", "functional");
        types(text, "Optimisers", "dev.sinew.optim.Optimizer", "optim");
        types(text, "Schedules", "dev.sinew.optim.Schedule", "optim");
        reasons(text);
        Path page = sources.root().resolve("java/core/OPERATIONS.md");
        if (Boolean.getBoolean("sinew.table.write")) {
            Files.writeString(page, text);
        }
        assertThat(gaps).as("what is missing without a reason in Gaps").isEmpty();
        Set<String> stale = new TreeSet<>(Gaps.REASONS.keySet());
        stale.removeAll(reasonsUsed);
        assertThat(stale).as("reasons in Gaps that nothing needs").isEmpty();
        assertThat(Files.readString(page)).as("java/core/OPERATIONS.md; -Dsinew.table.write=true writes it").isEqualTo(text.toString());
    }

    /** What stands in a column: what there is, or the number of the reason why there is nothing. */
    private String cell(String row, String column, String found) {
        if (!found.isEmpty()) {
            return found;
        }
        String key = Gaps.key(row, column);
        if (key == null) {
            gaps.add(row + " " + column);
            return "**none**";
        }
        reasonsUsed.add(key);
        return "-" + sup(key);
    }

    private static String sup(String key) {
        return " [" + (new ArrayList<>(new TreeSet<>(Gaps.REASONS.values())).indexOf(Gaps.REASONS.get(key)) + 1) + "]";
    }

    private void reasons(StringBuilder text) {
        text.append("## Why there is nothing\n\n");
        int number = 1;
        for (String reason : new TreeSet<>(Gaps.REASONS.values())) {
            text.append(number++).append(". ").append(reason).append('\n');
        }
    }

    // ---- operations ----

    private void operations(StringBuilder text) throws IOException {
        Map<Class<?>, Set<String>> golden = GoldenCoverage.families();
        Set<Class<?>> gradients = checkedGradients();
        text.append("## Operations\n\nWhat a graph is made of. Native: the C function and the instruction sets with kernels of its own;"
                + " Golden: families of\ndata made with PyTorch; Gradient: checked by central differences; Fuzz: called with"
                + " senseless arguments.\n\n| operation | what it does | native | kernels | C test | golden | gradient | fuzz |\n|---|---|---|---|---|---|---|---|\n");
        for (Class<?> op : leaves(Op.class)) {
            String name = op.getSimpleName();
            List<Sources.Function> functions = sources.functions(name);
            Set<String> isas = new TreeSet<>();
            Set<String> tests = new TreeSet<>();
            functions.forEach(f -> isas.addAll(f.isas()));
            functions.forEach(f -> tests.addAll(f.tests()));
            boolean vector = isas.contains("avx2") && isas.contains("avx512");
            row(text, "`" + name + "`", Sources.summary(sources.operation(name)),
                    cell(name, "native", functions.isEmpty() ? "" : String.join(", ", functions.stream().map(f -> "`" + f.name() + "`").toList())),
                    functions.isEmpty() ? "" : cell(name, "kernels", vector ? String.join(", ", isas) : ""),
                    functions.isEmpty() ? "" : cell(name, "C test", String.join(", ", tests)),
                    cell(name, "golden", golden(op, golden)),
                    cell(name, "gradient", gradients.contains(op) ? "yes" : sources.operation(name).contains("noRule(") ? "no rule, says so" : ""),
                    cell(name, "fuzz", Sources.containing(opTests, "\\b(new " + name + "|" + name + "\\.of)\\(").stream()
                            .anyMatch(test -> test.startsWith("Fuzz")) ? "yes" : ""));
        }
        text.append('\n');
    }

    private String golden(Class<?> op, Map<Class<?>, Set<String>> families) {
        Set<String> found = new TreeSet<>(families.getOrDefault(op, Set.of()));
        if (found.isEmpty() && !Sources.containing(goldenTests, "new " + op.getSimpleName() + "\\(").isEmpty()) {
            found.add("yes");
        }
        return found.size() > 4 ? "many families" : String.join(", ", found);
    }

    private static List<Class<?>> leaves(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses()).flatMap(type -> type.isSealed() ? leaves(type).stream() : Stream.of(type))
                .<Class<?>>map(type -> type).sorted(Comparator.comparing(Class::getSimpleName)).toList();
    }

    /** The operations in the cases of the gradient check, be it in a gradient that is differentiated again. */
    private static Set<Class<?>> checkedGradients() {
        Set<Class<?>> checked = new HashSet<>();
        OpCases.all().forEach(c -> {
            checked.addAll(operations(c));
            if (c.isTwice()) {
                checked.addAll(operations(c.differentiated()));
            }
        });
        return checked;
    }

    private static Set<Class<?>> operations(OpCase c) {
        Graph graph = new Graph();
        Tensor[] symbols = Arrays.stream(c.inputs(DType.F64)).map(x -> graph.input("x", x.spec())).toArray(Tensor[]::new);
        c.body().apply(symbols);
        Set<Class<?>> found = new HashSet<>();
        graph.nodes().forEach(node -> found.add(node.op().getClass()));
        return found;
    }

    // ---- compositions ----

    private void functions(StringBuilder text) throws IOException {
        text.append("## Functions\n\nCompositions of these operations in `dev.sinew.functional`, with their gradients.\n"
                + "Golden and gradient: where they are compared with PyTorch's results and checked by central differences.\n\n| function | golden | gradient |\n|---|---|---|\n");
        for (Map.Entry<String, String> source : sources.java("java/core/src/main/java", "functional").entrySet()) {
            Class<?> type = load("dev.sinew.functional." + source.getKey());
            if (type == null || !Modifier.isPublic(type.getModifiers()) || !computes(type)) {
                continue;
            }
            for (String name : methods(type)) {
                String row = type.getSimpleName() + "." + name;
                String call = "\\b" + type.getSimpleName() + "(\\.|::)" + name + "\\b";
                row(text, "`" + row + "`", cell(row, "golden", String.join(", ", Sources.containing(goldenTests, call))),
                        cell(row, "gradient", String.join(", ", Sources.containing(gradientTests, call))));
            }
        }
        text.append('\n');
    }

    private static boolean computes(Class<?> type) {
        return !methods(type).isEmpty();
    }

    /** Public static methods that make tensors of tensors. */
    private static Set<String> methods(Class<?> type) {
        Set<String> names = new TreeSet<>();
        for (Method method : type.getDeclaredMethods()) {
            boolean takes = Arrays.stream(method.getParameterTypes()).anyMatch(p -> p == Tensor.class || p == Tensor[].class);
            if (Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers()) && !method.isSynthetic() && takes) {
                names.add(method.getName());
            }
        }
        return names;
    }

    // ---- layers and the like ----

    private void types(StringBuilder text, String title, String contract, String... packages) {
        Class<?> wanted = load(contract);
        Map<String, String> tests = new TreeMap<>();
        for (String folder : List.of("nn", "golden", "op", "train", "graph", "diagnosis", "optim", "functional")) {
            tests.putAll(sources.java("tests/java", folder));
        }
        Map<String, String> rows = new TreeMap<>();
        for (String name : packages) {
            sources.java("java/core/src/main/java", name).forEach((file, source) -> {
                Class<?> type = load("dev.sinew." + name + "." + file);
                Stream.concat(Stream.ofNullable(type), type == null ? Stream.empty() : Arrays.stream(type.getDeclaredClasses()))
                        .filter(t -> wanted.isAssignableFrom(t) && !t.isInterface() && Modifier.isPublic(t.getModifiers()))
                        .forEach(t -> rows.put(t.getSimpleName(), t == type ? Sources.summary(source) : "in `" + file + "`"));
            });
        }
        if (rows.isEmpty()) {
            return;
        }
        text.append("## ").append(title).append("\n\n| name | what it is | tests |\n|---|---|---|\n");
        rows.forEach((name, summary) -> {
            // the builder's method of a layer or the factory of a loss has its name, beginning with a small letter
            String small = Character.toLowerCase(name.charAt(0)) + name.substring(1);
            List<String> found = Sources.containing(tests, "\\b" + name + "\\b|\\." + small + "\\(");
            row(text, "`" + name + "`", summary, cell(name, "tests", found.isEmpty() ? "" : "yes"));
        });
        text.append('\n');
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Op.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    private static void row(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
