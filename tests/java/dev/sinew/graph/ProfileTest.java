package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plan run operation by operation, with the time of each. */
class ProfileTest {
    private static Network net() {
        return Network.input(1, 8, 8).conv(4, 3, 1).relu().maxPool(2).dense(16).relu().dense(3).build(Seed.of(3));
    }

    private static Tensor images() {
        float[] pixels = new float[5 * 64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        return Tensor.of(pixels, 5, 1, 8, 8);
    }

    @Test
    void everyOperationHasATimeAndTheWorkIsThePlans() {
        try (var _ = Scope.open(); Network network = net(); Plan plan = network.inference(5)) {
            Tensor x = images();
            long begun = System.nanoTime();
            List<OperationTime> times = plan.profile(11, x);
            double whole = (System.nanoTime() - begun) / 1e9;
            assertThat(times).hasSameSizeAs(plan.operations()).allMatch(time -> time.seconds() > 0 && time.bytes() > 0);
            for (int i = 0; i < times.size(); i++) {
                assertThat(plan.operations().get(i)).startsWith(times.get(i).operation() + "(");
            }
            assertThat(times.stream().mapToLong(OperationTime::flops).sum()).isEqualTo(plan.flops());
            // of eleven runs at least six took the median or longer
            assertThat(6 * times.stream().mapToDouble(OperationTime::seconds).max().orElseThrow()).isLessThan(whole);
        }
    }

    @Test
    void theResultsAreThoseOfARun() {
        try (var _ = Scope.open(); Network network = net(); Plan plan = network.inference(5); Plan other = network.inference(5)) {
            Tensor x = images();
            plan.profile(2, x);
            other.run(x);
            assertThat(plan.output(0).toDoubles()).isEqualTo(other.output(0).toDoubles());
        }
    }

    @Test
    void aTrainingStepIsMadeOnceForEveryRun() {
        double[] profiled;
        double[] stepped;
        try (var _ = Scope.open(); Network network = net(); TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(0.1)).compile(5)) {
            Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1}, 5);
            step.step(images(), labels, 0.1);
            step.plan().profile(3, images(), labels);
            profiled = network.flat().toDoubles();
        }
        try (var _ = Scope.open(); Network network = net(); TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(0.1)).compile(5)) {
            Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1}, 5);
            for (int i = 0; i < 5; i++) {
                step.step(images(), labels, 0.1);
            }
            stepped = network.flat().toDoubles();
        }
        assertThat(profiled).isEqualTo(stepped);
    }

    @Test
    void bytesCountWhatIsOverwrittenTwice() {
        Spec spec = Spec.of(DType.F32, Shape.of(10));
        Graph graph = new Graph();
        try (var _ = Scope.open(); Plan plan = Plan.compile(graph, graph.input("a", spec).add(graph.input("b", spec)))) {
            Tensor a = Tensor.of(new float[10], 10);
            assertThat(plan.profile(1, a, a)).singleElement().extracting(OperationTime::bytes).isEqualTo(120L);
        }
        try (var _ = Scope.open(); Network network = net(); TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(0.1)).compile(5)) {
            OperationTime sgd = step.plan().profile(1, images(), Tensor.of(new int[5], 5)).getLast();
            assertThat(sgd.operation()).isEqualTo("sgd");
            // parameters read and written, gradients read; rate and step are two numbers more
            assertThat(sgd.bytes()).isBetween(12 * network.flat().shape().count(), 12 * network.flat().shape().count() + 64);
        }
    }

    @Test
    void aMistakeIsThatOfARunAndThePlanStillRuns() {
        try (var _ = Scope.open(); Network network = net(); TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(0.1)).compile(5)) {
            Tensor wrong = Tensor.of(new int[] {0, 1, 9, 0, 1}, 5);
            Tensor right = Tensor.of(new int[5], 5);
            assertThatThrownBy(() -> step.plan().profile(2, images(), wrong)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cross_entropy");
            assertThat(step.plan().profile(2, images(), right)).isNotEmpty();
        }
    }
}
