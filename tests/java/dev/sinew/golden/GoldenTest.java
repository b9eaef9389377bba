package dev.sinew.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.golden.GoldenCase.Array;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.Convert;
import dev.sinew.op.Ops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of tests/golden/data, with our operations in several manners, against PyTorch's results. */
class GoldenTest {
    /** How the operations are applied. */
    enum Manner {
        /** One by one, inputs row-major. */
        EAGER,
        /** One by one, images channels-last. */
        CHANNELS_LAST,
        /** One by one, the activation left to the operation before it; only batch normalisation has a gradient then. */
        FUSED,
        /** Compiled, gradients and all. */
        PLAN
    }

    private static final Set<String> EXERCISED = new TreeSet<>();
    private static boolean complete;

    @BeforeAll
    static void forget() {
        EXERCISED.clear();
        complete = false;
    }

    @TestFactory
    Stream<DynamicNode> cases() throws IOException {
        List<DynamicNode> families = new ArrayList<>();
        for (String family : GoldenCase.families()) {
            List<DynamicTest> tests = GoldenCase.read(family).stream().flatMap(GoldenTest::tests).toList();
            families.add(DynamicContainer.dynamicContainer(family, tests));
        }
        families.add(DynamicTest.dynamicTest("every case came up", () -> complete = true));
        return families.stream();
    }

    /** A case that nothing looks at would be no test. */
    @AfterAll
    static void everyCaseWasExercised() throws IOException {
        if (complete) {
            Set<String> all = new TreeSet<>();
            for (String family : GoldenCase.families()) {
                GoldenCase.read(family).forEach(one -> all.add(one.toString()));
            }
            assertThat(all).hasSizeGreaterThan(950);
            assertThat(EXERCISED).isEqualTo(all);
        }
    }

    private static Stream<DynamicTest> tests(GoldenCase given) {
        List<DynamicTest> tests = new ArrayList<>();
        if (given.hasEmptyArrays()) {
            tests.add(DynamicTest.dynamicTest(given.name() + ": refused", () -> refused(given)));
            return tests.stream();
        }
        for (DType type : List.of(DType.F32, DType.F64)) {
            switch (given.family()) {
                case "sgd", "adam", "adamw", "adaptive", "lamb" -> {
                    tests.add(test(given, type, "EAGER", () -> GoldenSteps.run(given, type, false)));
                    tests.add(test(given, type, "PLAN", () -> GoldenSteps.run(given, type, true)));
                }
                case "schedule" -> {
                    if (type == DType.F64) {
                        tests.add(test(given, type, "RATES", () -> GoldenSchedules.run(given)));
                    }
                }
                case "network" -> {
                    tests.add(test(given, type, "EAGER", () -> GoldenNetwork.run(given, type, false)));
                    tests.add(test(given, type, "PLAN", () -> GoldenNetwork.run(given, type, true)));
                }
                case "padded" -> {
                    tests.add(test(given, type, "LAST", () -> GoldenPadded.run(given, type, false)));
                    tests.add(test(given, type, "STEPS", () -> GoldenPadded.run(given, type, true)));
                }
                default -> {
                    for (Manner manner : Manner.values()) {
                        boolean applies = switch (manner) {
                            case EAGER, PLAN -> true;
                            case CHANNELS_LAST -> given.hasImages();
                            case FUSED -> !given.act().equals("identity");
                        };
                        if (applies) {
                            tests.add(test(given, type, manner.toString(), () -> run(given, type, manner)));
                        }
                    }
                }
            }
        }
        return tests.stream();
    }

    private static DynamicTest test(GoldenCase given, DType type, String manner, Runnable body) {
        return DynamicTest.dynamicTest(given.name() + " " + type + " " + manner, () -> {
            EXERCISED.add(given.toString());
            long before = NativeMemory.liveBytes();
            body.run();
            assertThat(NativeMemory.liveBytes()).as("native bytes after the case").isLessThanOrEqualTo(before);
        });
    }

    /** Our shapes have no sizes of 0: such inputs cannot even be made. */
    private static void refused(GoldenCase given) {
        EXERCISED.add(given.toString());
        given.inputs().values().stream().filter(Array::isEmpty).forEach(array ->
                assertThatThrownBy(() -> array.tensor(DType.F32)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least 1"));
    }

    @SuppressWarnings("try") // the scope frees everything
    private static void run(GoldenCase given, DType type, Manner manner) {
        try (Scope scope = Scope.open()) {
            Map<String, double[]> magnitudes = Bounds.isLinear(given) ? magnitudes(given) : Map.of();
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            given.inputs().forEach((name, array) -> inputs.put(name, array.tensor(type)));
            Map<String, double[]> results = manner == Manner.PLAN ? compiled(given, inputs) : eager(given, inputs, manner);
            Compare compare = new Compare(given.toString());
            given.outputs().forEach((name, expected) -> compare.check(name, results.get(name), expected,
                    Bounds.ofOutput(given, type, magnitudes, name, expected)));
            if (hasGradient(given, manner)) {
                given.gradients().forEach((name, expected) -> compare.check("d" + name, results.get("d" + name), expected,
                        Bounds.ofGradient(given, type, magnitudes, name, expected)));
            }
            compare.fail();
        }
    }

    /** The results for the absolute values of all inputs, without activation: the magnitudes of what is summed. */
    private static Map<String, double[]> magnitudes(GoldenCase given) {
        Map<String, Array> absolute = new LinkedHashMap<>();
        given.inputs().forEach((name, array) -> absolute.put(name,
                new Array(array.type(), array.sizes(), Arrays.stream(array.values()).map(Math::abs).toArray())));
        Map<String, Object> attrs = new LinkedHashMap<>(given.attrs());
        attrs.remove("act");
        attrs.computeIfPresent("alpha", (name, value) -> Math.abs((Double) value));
        attrs.computeIfPresent("beta", (name, value) -> Math.abs((Double) value));
        GoldenCase positive = new GoldenCase(given.family(), given.name(), attrs, absolute, given.outputs(), given.gradients());
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        absolute.forEach((name, array) -> inputs.put(name, array.tensor(DType.F64)));
        return eager(positive, inputs, Manner.EAGER);
    }

    private static boolean hasGradient(GoldenCase given, Manner manner) {
        return manner != Manner.FUSED || "train".equals(given.attrs().get("mode"));
    }

    private static String differentiable(GoldenCase given) {
        return given.outputs().containsKey("loss") ? "loss" : "y";
    }

    private static Map<String, double[]> eager(GoldenCase given, Map<String, Tensor> inputs, Manner manner) {
        Map<String, Tensor> in = new LinkedHashMap<>(inputs);
        if (manner == Manner.CHANNELS_LAST) {
            in.replaceAll((name, tensor) -> tensor.shape().rank() == 4 ? Convert.to(Layout.CHANNELS_LAST, tensor) : tensor);
        }
        Map<String, Tensor> outputs = GoldenOps.outputs(given, in, manner == Manner.FUSED);
        Map<String, double[]> results = new LinkedHashMap<>();
        if (hasGradient(given, manner)) {
            gradients(given, in, outputs).forEach((name, gradient) -> results.put("d" + name, gradient.toDoubles()));
        }
        outputs.forEach((name, tensor) -> results.put(name, tensor.toDoubles()));
        return results;
    }

    private static Map<String, Tensor> gradients(GoldenCase given, Map<String, Tensor> in, Map<String, Tensor> outputs) {
        if (given.gradients().isEmpty()) {
            return Map.of();
        }
        String result = differentiable(given);
        Tensor[] wrt = given.gradients().keySet().stream().map(in::get).toArray(Tensor[]::new);
        Gradients found = Gradients.of(outputs.get(result), in.get("d" + result), wrt);
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        given.gradients().keySet().forEach(name -> gradients.put(name, found.get(in.get(name))));
        return gradients;
    }

    private static Map<String, double[]> compiled(GoldenCase given, Map<String, Tensor> inputs) {
        Graph graph = new Graph();
        Map<String, Tensor> in = new LinkedHashMap<>();
        List<Tensor> fed = new ArrayList<>();
        inputs.forEach((name, tensor) -> {
            // what an operation overwrites is a tensor with memory, as in training
            boolean overwritten = GoldenOps.isOverwritten(name);
            in.put(name, overwritten ? tensor : graph.input(name, tensor.spec()));
            if (!overwritten) {
                fed.add(tensor);
            }
        });
        Map<String, Tensor> outputs = new LinkedHashMap<>(GoldenOps.outputs(given, in, false));
        gradients(given, in, outputs).forEach((name, gradient) -> outputs.put("d" + name, gradient));
        Map<String, Tensor> computed = new LinkedHashMap<>();
        outputs.forEach((name, tensor) -> {
            if (tensor.isSymbolic()) {
                computed.put(name, isInput(tensor) && tensor.dtype().isFloat() ? tensor.mul(1) : tensor);
            }
        });
        Map<String, double[]> results = new LinkedHashMap<>();
        try (Plan plan = Plan.compile(graph, computed.values().toArray(Tensor[]::new))) {
            plan.run(fed.toArray(Tensor[]::new));
            int i = 0;
            for (String name : computed.keySet()) {
                results.put(name, plan.output(i++).toDoubles());
            }
        }
        outputs.forEach((name, tensor) -> {
            if (!tensor.isSymbolic()) {
                results.put(name, tensor.toDoubles());
            }
        });
        return results;
    }

    /** A plan has nothing to compute for these, and refuses them. */
    private static boolean isInput(Tensor tensor) {
        Tensor root = tensor;
        while (root.node().op() != null && root.node().op().isView(Ops.specs(root.node().inputs()))) {
            root = root.node().inputs()[0];
            if (!root.isSymbolic()) {
                return false;
            }
        }
        return root.node().op() == null;
    }
}
