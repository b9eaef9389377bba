package dev.sinew.graph;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scoped;
import dev.sinew.Tensor;
import dev.sinew.op.OpCase;
import dev.sinew.op.OpCases;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation and its gradients: compiled, run at once, and in either memory layout. */
@ExtendWith(Scoped.class)
class PlanAndEagerTest {
    static Stream<OpCase> all() {
        return OpCases.all();
    }

    static Stream<OpCase> images() {
        return OpCases.all().filter(OpCase::hasImages);
    }

    static Stream<OpCase> twice() {
        return OpCases.all().filter(OpCase::isTwice);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void float64(OpCase c) {
        check(c, c.inputs(DType.F64), c.inputs(DType.F64));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twice")
    void secondDerivatives(OpCase c) {
        check(c.differentiated(), c.inputs(DType.F64), c.inputs(DType.F64));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void float32(OpCase c) {
        check(c, c.inputs(DType.F32), c.inputs(DType.F32));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void channelsLast(OpCase c) {
        check(c, OpCase.channelsLast(c.inputs(DType.F32)), OpCase.channelsLast(c.inputs(DType.F32)));
    }

    /** Eager on one set of inputs, the plan on an equal one: some operations overwrite theirs. */
    private static void check(OpCase c, Tensor[] forEager, Tensor[] forPlan) {
        Tensor[] eager = results(c, forEager);
        Graph graph = new Graph();
        Tensor[] symbols = new Tensor[forPlan.length];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = graph.input("input " + i, forPlan[i].spec());
        }
        try (Plan plan = Plan.compile(graph, results(c, symbols))) {
            for (int run = 0; run < 2; run++) {
                plan.run(forPlan);
                for (int i = 0; i < eager.length; i++) {
                    Close.same("result " + i + " of run " + run, plan.output(i), eager[i]);
                }
            }
        }
    }

    /** The outputs, then the gradients. */
    private static Tensor[] results(OpCase c, Tensor[] in) {
        Tensor[] outputs = c.body().apply(in);
        Tensor[] gradients = OpCase.gradients(x -> outputs, in, c.differentiable());
        return Stream.concat(Arrays.stream(outputs), Arrays.stream(gradients)).toArray(Tensor[]::new);
    }

    /** The layout of the inputs is nobody's business but the sum's, whose order of addition it changes. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void layouts(OpCase c) {
        Tensor[] rowMajor = results(c, c.inputs(DType.F64));
        Tensor[] channelsLast = results(c, OpCase.channelsLast(c.inputs(DType.F64)));
        if (c.toString().startsWith("Dropout")) {
            return; // which elements fall depends on their place in memory
        }
        for (int i = 0; i < rowMajor.length; i++) {
            Close.within("result " + i + " " + Layout.CHANNELS_LAST, channelsLast[i], rowMajor[i], 1e-12, 1e-14);
        }
    }
}
