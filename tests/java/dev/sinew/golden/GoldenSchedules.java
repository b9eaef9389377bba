package dev.sinew.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.optim.Cyclic;
import dev.sinew.optim.OneCycle;
import dev.sinew.optim.Plateau;
import dev.sinew.optim.Schedule;
import java.util.Arrays;

/** Learning rates and momenta over some hundred steps. PyTorch's schedulers are stepped once an epoch: of one step here. */
final class GoldenSchedules {
    private GoldenSchedules() {}

    static void run(GoldenCase given) {
        Schedule schedule = schedule(given);
        double[] rates = given.outputs().get("rate").values();
        boolean cycled = given.outputs().containsKey("momentum");
        assertThat(schedule.cyclesMomentum()).isEqualTo(cycled);
        long total = given.attrs().containsKey("total") ? given.whole("total") : rates.length;
        for (int i = 0; i < rates.length; i++) {
            Schedule now = schedule;
            if (given.inputs().containsKey("losses")) {
                now = schedule.after(Arrays.copyOf(given.inputs().get("losses").values(), i));
            }
            close(given + ": rate " + i, now.rate(i, 1, total), rates[i]);
            if (cycled) {
                close(given + ": momentum " + i, now.momentum(i, 1, total), given.outputs().get("momentum").values()[i]);
            }
        }
    }

    /** PyTorch multiplies and divides the rate of the step before: some hundred roundings. */
    private static void close(String what, double actual, double expected) {
        assertThat(actual).as(what).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-12 * Math.max(0.01, Math.abs(expected))));
    }

    private static Schedule schedule(GoldenCase g) {
        double rate = g.number("rate");
        return switch (g.text("kind")) {
            case "step" -> Schedule.step(rate, g.whole("every"), g.number("factor"));
            case "multi_step" -> Schedule.multiStep(rate, g.number("factor"), 20, 21, 90);
            case "exponential" -> Schedule.exponential(rate, g.number("factor"));
            case "polynomial" -> Schedule.polynomial(rate, g.number("power"));
            case "cosine" -> Schedule.cosine(rate, g.number("least"));
            case "restarts" -> Schedule.cosineRestarts(rate, g.number("least"), g.whole("first"), g.whole("longer"));
            case "linear" -> Schedule.linear(rate * g.number("from"), rate * g.number("to"), g.whole("over"));
            case "constant_factor" -> Schedule.constant(rate * g.number("factor")).then(g.whole("over"), Schedule.constant(rate));
            case "one_cycle" -> {
                OneCycle cycle = Schedule.oneCycle(rate).share(g.number("share")).divided(g.number("divide"), g.number("divide_last"))
                        .momenta(g.number("low"), g.number("high"));
                cycle = g.flag("linear") ? cycle.alongLines() : cycle;
                yield g.flag("three") ? cycle.inThreePhases() : cycle;
            }
            case "cyclic" -> {
                Cyclic cyclic = Schedule.cyclic(rate, g.number("most"), g.whole("up"), g.whole("down")).momenta(g.number("low"), g.number("high"));
                yield switch (g.text("mode")) {
                    case "triangular" -> cyclic;
                    case "triangular2" -> cyclic.halving();
                    default -> cyclic.decaying(g.number("factor"));
                };
            }
            case "plateau" -> {
                Plateau plateau = Schedule.plateau(rate).factor(g.number("factor")).patience(g.whole("patience")).cooldown(g.whole("cooldown"))
                        .least(g.number("least"));
                yield g.flag("absolute") ? plateau.absoluteThreshold(g.number("threshold")) : plateau.threshold(g.number("threshold"));
            }
            case "sequence" -> Schedule.constant(rate * 0.1).then(10, Schedule.exponential(rate, 0.9));
            case "product" -> Schedule.exponential(rate, 0.9).times(Schedule.constant(0.1).then(20, Schedule.constant(1)));
            case "lambda" -> Schedule.of("1/sqrt", (step, stepsPerEpoch, totalSteps) -> rate / Math.sqrt(1 + step));
            default -> throw new AssertionError(g);
        };
    }
}
