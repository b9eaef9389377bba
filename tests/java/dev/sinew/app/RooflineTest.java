package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Peak;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.graph.OperationTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The roofline's words and figures for a machine that is given here, and the command that prints it for this one. */
class RooflineTest {
    /** 100 GFLOP/s, 10 GB/s, a microsecond a call: 10 operations a byte are the ridge, 100,000 of them or 10,000 bytes fill a call. */
    private static final Roofline MACHINE = new Roofline(new Peak(100e9, 10e9), 1e-6);

    @ParameterizedTest
    @CsvSource({
        "1000000000, 1000000, COMPUTE", "1000000000, 99000000, COMPUTE", "1000000000, 101000000, MEMORY", "0, 1000000, MEMORY",
        "101000, 0, COMPUTE", "99000, 0, OVERHEAD", "99000, 9900, OVERHEAD", "99000, 10100, MEMORY", "0, 0, OVERHEAD"})
    void bounds(long flops, long bytes, Roofline.Bound bound) {
        assertThat(MACHINE.bound(flops, bytes)).isEqualTo(bound);
    }

    @Test
    void table() {
        Spec spec = Spec.of(DType.F32, Shape.of(8, 4));
        String text = MACHINE.table("step", List.of(new OperationTime("conv2d", List.of(spec), List.of(spec), 30e-6, 1_500_000, 6000),
                new OperationTime("relu", List.of(spec), List.of(spec), 10e-6, 0, 50_000)), 35e-6);
        List<String> lines = text.lines().toList();
        assertThat(words(lines.get(0))).startsWith("step", "output", "us").endsWith("by");
        assertThat(words(lines.get(1))).containsExactly("conv2d", "[8,", "4]", "30.0", "75.0", "%", "50.0", "50.0", "%", "0.2", "2.0", "%", "compute");
        assertThat(words(lines.get(2))).containsExactly("relu", "[8,", "4]", "10.0", "25.0", "%", "5.0", "50.0", "%", "memory");
        assertThat(words(lines.get(3))).startsWith("sum", "40.0", "100.0");
        assertThat(lines.get(4)).contains("35.0 us");
        assertThat(lines).hasSize(5);
    }

    @Test
    void sharesAboveThePeakAreExplained() {
        OperationTime fast = new OperationTime("conv2d", List.of(), List.of(Spec.of(DType.F32, Shape.of(1))), 10e-6, 2_000_000, 10);
        assertThat(MACHINE.table("step", List.of(fast), 1e-5)).contains("200.0 %").contains("Above 100 %");
    }

    @Test
    void summaryWithProfile() {
        int threads = Cpu.threads();
        Cli cli = Cli.run("summary", "lenet5", "--input", "1x28x28", "--batch", "8", "--profile", "--threads", "1");
        Cpu.setThreads(threads);
        assertThat(cli.err()).isEmpty();
        assertThat(cli.code()).isZero();
        String text = String.join("\n", cli.out());
        assertThat(text).contains("1 thread: multiply-adds").contains("training step of 8").contains("inference of 8").contains("conv2d_weight_gradient");
        for (String title : List.of("training step of 8", "inference of 8")) {
            int from = 0;
            while (!cli.out().get(from).startsWith(title)) {
                from++;
            }
            double sum = 0;
            int at = from + 1;
            for (; !cli.out().get(at + 1).startsWith("One call for all of them takes"); at++) {
                assertThat(cli.out().get(at)).matches(".* (compute|memory|overhead)");
                sum += microseconds(cli.out().get(at));
            }
            assertThat(at - from).isGreaterThan(5);
            // as printed, each rounded to a tenth
            assertThat(microseconds(cli.out().get(at))).isCloseTo(sum, org.assertj.core.data.Offset.offset(0.051 * (at - from)));
        }
    }

    /** The first number behind the brackets. */
    private static double microseconds(String line) {
        return Double.parseDouble(words(line.contains("]") ? line.substring(line.lastIndexOf(']') + 1) : line.substring(3))[0]);
    }

    private static String[] words(String line) {
        return line.strip().split(" +");
    }
}
