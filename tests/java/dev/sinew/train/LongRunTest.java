package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A million steps: what leaks a byte a step shows. */
class LongRunTest {
    private static final int STEPS = 1_000_000;

    @Test
    @EnabledOnOs(OS.LINUX)
    void aMillionStepsOfATinyNetTakeNoMemory() throws Exception {
        long liveBefore = NativeMemory.liveBytes();
        try (Scope scope = Scope.open(); Network net = Network.input(2).dense(4).tanh().dense(1).tanh().build(Seed.of(1));
                TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(0.1)).compile(4)) {
            Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
            Tensor y = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
            double loss = 0;
            for (int i = 0; i < STEPS / 10; i++) {
                loss = step.step(x, y, 0.1);
            }
            long liveWarm = NativeMemory.liveBytes();
            long residentWarm = residentKib();
            long allocatedWarm = allocatedBytes();
            for (int i = STEPS / 10; i < STEPS; i++) {
                loss = step.step(x, y, 0.1);
            }
            assertThat(loss).as("it has learned XOR").isLessThan(1e-2);
            assertThat(NativeMemory.liveBytes()).isEqualTo(liveWarm);
            double perStep = (allocatedBytes() - allocatedWarm) / (0.9 * STEPS);
            assertThat(perStep).as("bytes of Java heap per step").isLessThan(8);
            assertThat(residentKib() - residentWarm).as("growth of the resident set in KiB").isLessThan(32 * 1024);
        }
        // not equal: what earlier tests left to the collector may be freed meanwhile
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(liveBefore);
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long residentKib() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }
}
