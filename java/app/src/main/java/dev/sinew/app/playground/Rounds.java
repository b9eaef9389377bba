package dev.sinew.app.playground;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Few threads for all trainings, which take turns in short slices. Nothing runs when no training wants a turn. */
final class Rounds implements AutoCloseable {
    private static final long SLICE_NANOS = 15_000_000;

    private final ScheduledExecutorService threads;

    Rounds() {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        var made = new ScheduledThreadPoolExecutor(count, Thread.ofPlatform().daemon().name("training-", 1).factory());
        made.setRemoveOnCancelPolicy(true);
        threads = Executors.unconfigurableScheduledExecutorService(made);
    }

    /** Gives a training its turns, until it wants no more. */
    void add(Study study) {
        again(study, 0);
    }

    private void again(Study study, long nanos) {
        if (!threads.isShutdown()) {
            // a turn that is wanted at once comes after those that wait already
            threads.schedule(() -> turn(study), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void turn(Study study) {
        long next = study.slice(SLICE_NANOS);
        if (next >= 0) {
            again(study, next);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
