package dev.sinew.optim;

import java.util.List;

/** The schedules that need no more than their factories' arguments, and those made of others. */
final class Schedules {
    private Schedules() {}

    static void checkRate(double rate) {
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("the learning rate must be finite and not negative, not " + rate);
        }
    }

    static void checkFactor(String schedule, double factor) {
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException(schedule + " schedule: the factor must be positive and finite, not " + factor);
        }
    }

    static void checkAtLeast(String schedule, String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(schedule + " schedule: " + what + " must be at least " + least + ", not " + value);
        }
    }

    /** Down (or up) half a cosine, as the share goes from 0 to 1. */
    static double cosine(double from, double to, double share) {
        return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
    }

    record Described(String description, Schedule function) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return function.rate(step, stepsPerEpoch, totalSteps);
        }

        @Override
        public String toString() {
            return description;
        }
    }

    record MultiStep(double rate, double factor, List<Long> epochs) implements Schedule {
        MultiStep {
            checkRate(rate);
            checkFactor("multi-step", factor);
            epochs.forEach(epoch -> checkAtLeast("multi-step", "an epoch", epoch, 0));
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            int passed = 0;
            for (int i = 0; i < epochs.size(); i++) {
                passed += epochs.get(i) <= step / stepsPerEpoch ? 1 : 0;
            }
            return rate * Math.pow(factor, passed);
        }
    }

    record Exponential(double rate, double factor) implements Schedule {
        Exponential {
            checkRate(rate);
            checkFactor("exponential", factor);
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return rate * Math.pow(factor, step / stepsPerEpoch);
        }
    }

    record Polynomial(double rate, double power) implements Schedule {
        Polynomial {
            checkRate(rate);
            checkFactor("polynomial", power);
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return step >= totalSteps ? 0 : rate * Math.pow(1 - (double) step / totalSteps, power);
        }
    }

    record Linear(double from, double to, long steps) implements Schedule {
        Linear {
            checkRate(from);
            checkRate(to);
            checkAtLeast("linear", "the number of steps", steps, 1);
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return step >= steps ? to : from + (to - from) * step / steps;
        }
    }

    record CosineRestarts(double rate, double least, long firstEpochs, long longer) implements Schedule {
        CosineRestarts {
            checkRate(rate);
            checkRate(least);
            checkAtLeast("cosine restarts", "the number of epochs", firstEpochs, 1);
            checkAtLeast("cosine restarts", "the factor of the lengths", longer, 1);
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            double epoch = (double) step / stepsPerEpoch;
            double length = firstEpochs;
            if (longer == 1) {
                epoch %= length;
            }
            while (epoch >= length) {
                epoch -= length;
                length *= longer;
            }
            return cosine(rate, least, epoch / length);
        }
    }

    record Product(Schedule first, Schedule second) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return first.rate(step, stepsPerEpoch, totalSteps) * second.rate(step, stepsPerEpoch, totalSteps);
        }

        @Override
        public double momentum(long step, long stepsPerEpoch, long totalSteps) {
            return (first.cyclesMomentum() ? first : second).momentum(step, stepsPerEpoch, totalSteps);
        }

        @Override
        public boolean cyclesMomentum() {
            return first.cyclesMomentum() || second.cyclesMomentum();
        }

        @Override
        public Schedule after(double... validationLosses) {
            return new Product(first.after(validationLosses), second.after(validationLosses));
        }

        @Override
        public boolean needsValidation() {
            return first.needsValidation() || second.needsValidation();
        }
    }

    record Sequence(Schedule first, long steps, Schedule next) implements Schedule {
        Sequence {
            checkAtLeast("sequence", "the number of steps", steps, 0);
            if (first.cyclesMomentum() != next.cyclesMomentum()) {
                throw new IllegalArgumentException("sequence schedule: both parts must set the momentum, or neither");
            }
        }

        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return step < steps ? first.rate(step, stepsPerEpoch, Math.min(steps, totalSteps))
                    : next.rate(step - steps, stepsPerEpoch, totalSteps - steps);
        }

        @Override
        public double momentum(long step, long stepsPerEpoch, long totalSteps) {
            return step < steps ? first.momentum(step, stepsPerEpoch, Math.min(steps, totalSteps))
                    : next.momentum(step - steps, stepsPerEpoch, totalSteps - steps);
        }

        @Override
        public boolean cyclesMomentum() {
            return first.cyclesMomentum();
        }

        @Override
        public Schedule after(double... validationLosses) {
            return new Sequence(first.after(validationLosses), steps, next.after(validationLosses));
        }

        @Override
        public boolean needsValidation() {
            return first.needsValidation() || next.needsValidation();
        }
    }
}
