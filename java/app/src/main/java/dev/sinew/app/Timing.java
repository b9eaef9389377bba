package dev.sinew.app;

import java.util.Arrays;

/** Median times. */
final class Timing {
    private static final int LEAST_CALLS = 5;
    /** Calls shorter than this are timed in groups: reading the clock takes a part of a microsecond. */
    private static final double SHORT = 20e-6;
    private static final int GROUP = 20;

    private final double seconds;

    /** For timing over about so many seconds each. */
    Timing(double seconds) {
        this.seconds = seconds;
    }

    /** Seconds per call: warmed up for a third of the time, then the median of calls. */
    double median(Runnable body) {
        long started = System.nanoTime();
        int calls = 0;
        do {
            body.run();
            calls++;
        } while (since(started) < seconds / 3 || calls < 2);
        int group = since(started) / calls < SHORT ? GROUP : 1;
        double[] times = new double[1024];
        int n = 0;
        started = System.nanoTime();
        while (since(started) < seconds || n < LEAST_CALLS) {
            long begun = System.nanoTime();
            for (int i = 0; i < group; i++) {
                body.run();
            }
            if (n == times.length) {
                times = Arrays.copyOf(times, 2 * n);
            }
            times[n++] = since(begun) / group;
        }
        Arrays.sort(times, 0, n);
        return times[n / 2];
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
