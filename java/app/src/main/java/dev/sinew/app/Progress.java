package dev.sinew.app;

import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import dev.sinew.train.TrainingListener;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how a training goes: a bar for the epoch on standard error, and a line for every epoch that is done. */
final class Progress implements TrainingListener, AutoCloseable {
    private static final int REFRESH_MILLIS = 100;
    /** The share of an epoch spent waiting for data from which on it is said. */
    private static final double WORTH_SAYING = 0.1;
    private static final double WORTH_SAYING_SECONDS = 0.5;

    private final PrintWriter out;
    private final Network network;
    private final long samples;
    private final int batchSize;
    private final boolean drawn;
    private ProgressBar bar;
    private long shown;
    private long begun;
    private long begunAt;

    /**
     * A new one.
     *
     * @param samples in an epoch
     * @param drawn whether there is a bar
     */
    Progress(PrintWriter out, Network network, long samples, int batchSize, boolean drawn) {
        this.out = out;
        this.network = network;
        this.samples = samples;
        this.batchSize = batchSize;
        this.drawn = drawn;
    }

    @Override
    public void step(Control control) {
        if (Double.isNaN(control.loss())) {
            close();
            throw new Failure("the training has diverged: the loss of step " + control.step() + " is not a number; try a smaller --lr than"
                    + " the " + control.rate() + " of that step");
        }
        if (!drawn) {
            return;
        }
        long done = Math.min(samples, control.batch() * batchSize);
        long now = System.nanoTime();
        if (bar == null) {
            begun = now;
            begunAt = done;
            bar = new ProgressBarBuilder().setTaskName("epoch " + control.epoch() + "/" + control.epochs()).setInitialMax(samples)
                    .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(REFRESH_MILLIS).hideEta()
                    .clearDisplayOnFinish().setConsumer(new BarLine(System.err)).build();
        }
        if (now - shown > REFRESH_MILLIS * 1_000_000L || control.batch() == control.batchesPerEpoch()) {
            shown = now;
            bar.stepTo(done);
            bar.setExtraMessage(String.format(" loss %.4f acc %.4f%s", control.epochLoss(), control.epochAccuracy(),
                    done == begunAt ? "" : String.format("  %,.0f/s", (done - begunAt) / ((now - begun) / 1e9))));
        }
    }

    @Override
    public void epoch(EpochReport r, Control control) {
        close();
        String validation = Double.isNaN(r.validationLoss()) ? ""
                : String.format("  validation loss %.4f accuracy %.4f", r.validationLoss(), r.validationAccuracy());
        int digits = Long.toString(control.epochs()).length();
        out.printf("epoch %" + digits + "d/%d  loss %.4f accuracy %.4f%s  rate %.2e  %.1f s (%,.0f samples/s)  weights %s%n", r.epoch(),
                control.epochs(), r.trainLoss(), r.trainAccuracy(), validation, r.rate(), r.seconds(), samples / r.seconds(),
                network.sha256().substring(0, 12));
        if (r.waited() > Math.max(WORTH_SAYING_SECONDS, WORTH_SAYING * r.seconds())) {
            out.printf("  waited %.1f s for data: they are read more slowly than they are learnt from (see --workers)%n", r.waited());
        }
        out.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
