package dev.sinew.app;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/** The line on which a progress bar is drawn; when it goes, the line is empty and the next text takes its place. */
final class BarLine implements ProgressBarConsumer {
    private final PrintStream stream;
    private final int width;

    BarLine(PrintStream stream, int width) {
        this.stream = stream;
        this.width = width;
    }

    @Override
    public int getMaxRenderedLength() {
        return width;
    }

    @Override
    public void accept(String text) {
        stream.print("\r" + text);
        stream.flush();
    }

    @Override
    public void clear() {
        stream.print("\r" + " ".repeat(width) + "\r");
        stream.flush();
    }

    @Override
    public void close() {
        stream.flush();
    }
}
