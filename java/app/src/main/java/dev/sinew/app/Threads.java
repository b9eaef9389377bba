package dev.sinew.app;

import dev.sinew.Cpu;
import picocli.CommandLine.Option;

/** The option {@code --threads}. */
final class Threads {
    @Option(names = "--threads", paramLabel = "N",
            description = "Threads to compute on; the result does not depend on it. Default: the CPUs this process may use.")
    private Integer threads;

    /** Makes it so. */
    void apply() {
        if (threads != null) {
            Cpu.setThreads(threads);
        }
    }

    /** {@code 1 thread}, {@code 2 threads}: those in use. */
    static String text() {
        return Cpu.threads() == 1 ? "1 thread" : Cpu.threads() + " threads";
    }
}
