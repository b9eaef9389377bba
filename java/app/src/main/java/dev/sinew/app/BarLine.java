package dev.sinew.app;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/** The line on which a progress bar is drawn, as wide as the terminal; the next text takes its place. */
final class BarLine extends ConsoleProgressBarConsumer {
    private final PrintStream stream;

    BarLine(PrintStream stream) {
        super(stream);
        this.stream = stream;
    }

    /** Without going to the next line. */
    @Override
    public void close() {
        stream.flush();
    }
}
