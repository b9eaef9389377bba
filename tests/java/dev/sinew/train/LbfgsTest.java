package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.Digits;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** L-BFGS and the search for a learning rate. */
class LbfgsTest {
    private long liveBefore;

    @BeforeEach
    void remember() {
        liveBefore = NativeMemory.liveBytes();
    }

    @AfterEach
    void nothingIsLeft() {
        // not equal: what earlier tests left to the collector may be freed meanwhile
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(liveBefore);
    }

    /** y = 3 a - 2 b + 0.5 c + 1, and noise that no line can follow: the least squares are known by the normal equations. */
    @Test
    void leastSquares() {
        try (Scope _ = Scope.open(); Network net = Network.input(3).dense(1).build(Seed.of(1), DType.F64)) {
            Tensor x = Tensor.uniform(Shape.of(50, 3), -1, 1, 2).cast(DType.F64);
            Tensor noise = Tensor.uniform(Shape.of(50, 1), -0.1, 0.1, 3).cast(DType.F64);
            Tensor y = x.matmul(Tensor.of(new double[] {3, -2, 0.5}, 3, 1)).add(1).add(noise);
            Lbfgs.Result result = Lbfgs.of(net, Loss.meanSquaredError()).gradientTolerance(1e-11).fit(x, y);
            assertThat(result.converged()).isTrue();
            assertThat(result.iterations()).isLessThan(30);
            // at the minimum the residual is orthogonal to every column and to 1
            Tensor residual = net.forward(x).sub(y);
            assertThat(residual.sum().item()).isCloseTo(0, Offset.offset(1e-9));
            for (double product : x.transpose().matmul(residual).toDoubles()) {
                assertThat(product).isCloseTo(0, Offset.offset(1e-9));
            }
            assertThat(result.loss()).isCloseTo(residual.square().mean().item(), Offset.offset(1e-15));
        }
    }

    private static Lbfgs.Result surface(Network net, int iterations) {
        // Rosenbrock's function on a grid, scaled to be about 1
        int side = 21;
        double[] points = new double[2 * side * side];
        double[] values = new double[side * side];
        for (int i = 0; i < values.length; i++) {
            double a = -1 + 2.0 * (i % side) / (side - 1);
            double b = -1 + 2.0 * (i / side) / (side - 1);
            points[2 * i] = a;
            points[2 * i + 1] = b;
            values[i] = (100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a)) / 400;
        }
        try (Scope _ = Scope.open()) {
            return Lbfgs.of(net, Loss.meanSquaredError()).iterations(iterations)
                    .fit(Tensor.of(points, side * side, 2), Tensor.of(values, side * side, 1));
        }
    }

    @Test
    void aCurvedValleyIsFitted() {
        try (Network net = Network.input(2).dense(8).tanh().dense(1).build(Seed.of(3), DType.F64)) {
            double before = surface(net, 1).loss();
            Lbfgs.Result result = surface(net, 1500);
            assertThat(result.loss()).isLessThan(1e-4).isLessThan(before / 100);
            assertThat(result.evaluations()).isLessThan(3 * result.iterations() + 60);
        }
    }

    @Test
    void theThreadsDoNotChangeTheBits() {
        List<String> hashes = new ArrayList<>();
        int before = Cpu.threads();
        try {
            for (int threads : new int[] {1, 2, 3}) {
                Cpu.setThreads(threads);
                try (Network net = Network.input(1, 8, 8).dense(20).tanh().dense(10).build(Seed.of(3))) {
                    double loss = Lbfgs.of(net, Loss.crossEntropy()).iterations(15).fit(Digits.load().train().head(300)).loss();
                    assertThat(loss).isLessThan(0.5);
                    hashes.add(net.sha256());
                }
            }
        } finally {
            Cpu.setThreads(before);
        }
        assertThat(hashes).containsOnly(hashes.getFirst());
    }

    @Test
    void onlyWhatIsTrainedMoves() {
        try (Network net = Network.input(2).dense(6).tanh().dense(1).build(Seed.of(3), DType.F64)) {
            double[] weight = net.parameter("dense1.weight").toDoubles();
            net.freeze("dense1");
            assertThat(surface(net, 50).loss()).isLessThan(1);
            assertThat(net.parameter("dense1.weight").toDoubles()).isEqualTo(weight);
        }
    }

    @Test
    void badSettingsAreRefused() {
        try (Network net = Network.input(2).dense(1).build(Seed.of(3))) {
            Lbfgs lbfgs = Lbfgs.of(net, Loss.meanSquaredError());
            assertThatThrownBy(() -> lbfgs.iterations(0)).hasMessageContaining("0");
            assertThatThrownBy(() -> lbfgs.history(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> lbfgs.gradientTolerance(Double.NaN)).hasMessageContaining("NaN");
            try (Scope _ = Scope.open()) {
                assertThatThrownBy(() -> lbfgs.fit(Tensor.full(DType.F32, Shape.of(2, 2), Double.NaN), Tensor.zeros(2, 1)))
                        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("NaN");
            }
            RateFinder finder = RateFinder.of(Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(1)));
            assertThatThrownBy(() -> finder.between(1, 0.1)).hasMessageContaining("0.1");
            assertThatThrownBy(() -> finder.steps(3)).hasMessageContaining("3");
        }
    }

    @Test
    void aRateIsFoundAndTheWeightsAreAsBefore() {
        try (Network net = Network.input(1, 8, 8).conv(8, 3).batchNorm().relu().dense(10).build(Seed.of(3))) {
            String before = net.sha256();
            Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(1).momentum(0.9)).batch(64);
            RateFinder.Curve curve = RateFinder.of(trainer).between(1e-5, 100).run(Digits.load().train().head(400));
            assertThat(net.sha256()).isEqualTo(before);
            assertThat(curve.points().getFirst().rate()).isEqualTo(1e-5);
            assertThat(curve.points()).hasSizeBetween(20, 99); // a rate of 100 explodes
            assertThat(curve.suggestion()).isBetween(1e-4, 1.0);
            double start = trainer.epochs(1).fit(Digits.load().train().head(10)).evaluate(Digits.load().test()).loss();
            net.close();
            try (Network again = Network.input(1, 8, 8).conv(8, 3).batchNorm().relu().dense(10).build(Seed.of(3))) {
                double rate = curve.suggestion();
                assertThat(Trainer.of(again, Loss.crossEntropy(), Sgd.rate(rate).momentum(0.9)).batch(64).epochs(5)
                        .fit(Digits.load().train().head(400)).evaluate(Digits.load().test()).loss()).isLessThan(start);
            }
        }
    }

    @Test
    void aRateAtWhichTheNetIsBrokenIsNotSuggested() {
        // beyond the explosion the loss falls again, because all units are dead: steeper than it ever did before
        for (int seed = 0; seed < 3; seed++) {
            try (Network net = Network.input(1, 8, 8).dense(32).relu().dense(32).relu().dense(10).build(Seed.of(seed))) {
                Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(1)).batch(32).seed(Seed.of(seed));
                assertThat(RateFinder.of(trainer).between(1e-4, 30).steps(150).run(Digits.load().train()).suggestion()).isBetween(0.03, 3.0);
            }
        }
    }
}
