package dev.sinew.bench;

import dev.sinew.Cpu;
import dev.sinew.Peak;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks have in common. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class Measured {
    Kernel kernel;

    void measure(Flops flops) {
        kernel.run();
        flops.gflop += kernel.gflop();
    }

    void measure(Bytes bytes) {
        kernel.run();
        bytes.gbyte += kernel.gbyte();
    }

    /** Frees the plan; prints what the figures are to be compared with. */
    @TearDown
    public void close() {
        kernel.close();
        Peak peak = Peak.measure();
        System.out.printf(Locale.ROOT, "at best %.0f GFLOP/s, %.1f GB/s: %s, %d threads%n", peak.flops() / 1e9, peak.copyBytes() / 1e9, Cpu.isa(), Cpu.threads());
    }
}
