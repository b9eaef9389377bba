package dev.sinew.app.reproduce.nets;

import dev.sinew.Peak;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.graph.OperationTime;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is done with a net for ImageNet where ImageNet is not at hand: it sees photographs, takes training steps, and is timed. */
final class FullSize {
    /** Of ImageNet's pixels, by channel. */
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    private FullSize() {}

    /** Parts of the two photographs, side x side pixels each. */
    static List<BufferedImage> crops(Lab lab, int side, int count) throws IOException {
        List<BufferedImage> crops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BufferedImage photograph = lab.photograph(i % 2 == 0 ? "china" : "flower");
            int part = photograph.getHeight() * (i < 2 ? 4 : 3) / 4;
            int left = (photograph.getWidth() - part) / (i < 2 ? 2 : 1);
            BufferedImage crop = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            var g = crop.createGraphics();
            g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            g.drawImage(photograph, 0, 0, side, side, left, 0, left + part, part, null);
            g.dispose();
            crops.add(crop);
        }
        return crops;
    }

    /** [n, 3, side, side], each channel less the mean by the deviation of ImageNet's pixels. */
    static Tensor batch(List<BufferedImage> images) {
        int side = images.getFirst().getWidth();
        float[] values = new float[images.size() * 3 * side * side];
        int at = 0;
        for (BufferedImage image : images) {
            for (int c = 0; c < 3; c++) {
                for (int i = 0; i < side * side; i++) {
                    values[at++] = (float) (((image.getRGB(i % side, i / side) >> 16 - 8 * c & 255) / 255.0 - MEAN[c]) / DEVIATION[c]);
                }
            }
        }
        return Tensor.of(values, images.size(), 3, side, side);
    }

    /**
     * Times the net on one photograph, then has it learn a batch of parts of photographs by heart for some steps, and times that.
     *
     * @param rate of the first step; it falls along a cosine
     * @param loss of the outputs, for the classes 0, 1, 2, ... of the parts
     */
    static void run(Lab lab, Findings findings, Network net, int side, int batch, int steps, double rate,
            Objective loss) throws IOException {
        List<BufferedImage> crops = crops(lab, side, batch);
        findings.plot(Plot.grid(crops, java.util.stream.IntStream.range(0, batch).mapToObj(i -> "class " + i).toList(), batch, 112),
                "What the net sees, and the classes it learns for them.");
        double peak = Peak.measure().flops();
        List<List<?>> rows = new ArrayList<>();
        try (var _ = Scope.open(); Plan plan = net.inference(1)) {
            Tensor x = batch(crops.subList(0, 1));
            plan.run(x);
            double[] seconds = new double[lab.pick(3, 9)];
            for (int i = 0; i < seconds.length; i++) {
                long begun = System.nanoTime();
                plan.run(x);
                seconds[i] = (System.nanoTime() - begun) / 1e9;
                peak = Math.max(peak, Peak.measure().flops());
            }
            rows.add(row("one image forward", median(seconds), plan.flops(), peak, 1));
            double[] scores = plan.output(0).toDoubles();
            findings.check("scores of a photograph", "1,000 finite numbers", scores.length + " numbers from "
                    + String.format(Locale.ROOT, "%.2f to %.2f",
                    Arrays.stream(scores).min().orElse(0), Arrays.stream(scores).max().orElse(0)),
                    scores.length == 1000 && Arrays.stream(scores).allMatch(Double::isFinite)
                    && Arrays.stream(scores).distinct().count() > 1);
            findings.plot(bars(plan.profile(lab.pick(3, 9), x), peak), "Each convolution and dense layer, in the net's order: how much"
                    + " of what this machine can do it did for one image. Operations are counted as in a direct convolution; where 3 x"
                    + " 3 windows are computed with fewer (Winograd), a layer may have more than 100 %. Dense layers read every weight"
                    + " for one multiplication: memory limits them, not arithmetic.");
        }
        lab.say("%d training steps on %d images", steps, batch);
        double[] losses = new double[steps];
        double[] seconds = new double[steps];
        try (var _ = Scope.open(); TrainStep step = Trainer.of(net, loss, Sgd.rate(rate).momentum(0.9)).compile(batch)) {
            Tensor x = batch(crops);
            Tensor labels = Tensor.of(java.util.stream.IntStream.range(0, batch).toArray(), batch);
            for (int i = 0; i < steps; i++) {
                long begun = System.nanoTime();
                losses[i] = step.step(x, labels, rate / 2 * (1 + Math.cos(Math.PI * i / steps)));
                seconds[i] = (System.nanoTime() - begun) / 1e9;
            }
            rows.add(row("training step, batch of " + batch, median(seconds), step.plan().flops(), peak, batch));
        }
        findings.table(String.format(Locale.ROOT, "Times (medians) beside the %.0f billion floating-point operations per second"
                + " measured in registers in between; operations are those of direct convolutions, and other programs on the machine"
                + " make all of it uncertain.", peak / 1e9),
                List.of("what", "seconds", "seconds per image", "GFLOP", "GFLOP/s", "of the peak"), rows);
        // dropout makes single losses jump
        int late = Math.max(3, steps / 4);
        double last = median(Arrays.copyOfRange(losses, steps - late, steps));
        findings.check("loss on " + batch + " parts of photographs with labels of their own: median of the last " + late + " of " + steps
                + " steps", "<= half of the first",
                String.format(Locale.ROOT, "%.3f after %.3f", last, losses[0]), last <= losses[0] / 2);
        findings.plot(Curves.of("Learning " + batch + " images by heart", "step", "loss").add("training loss", losses).draw(),
                "The loss over the steps, with dropout; the rate falls along a cosine. Only a sign that all gradients reach where they must, for ImageNet is not at hand.");
    }

    private static List<?> row(String what, double seconds, long flops, double peak, int images) {
        return List.of(what, String.format(Locale.ROOT, "%.3f", seconds), String.format(Locale.ROOT, "%.3f", seconds / images),
                String.format(Locale.ROOT, "%.2f", flops / 1e9), String.format(Locale.ROOT, "%.0f", flops / seconds / 1e9),
                String.format(Locale.ROOT, "%.0f %%", 100 * flops / seconds / peak));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static BufferedImage bars(List<OperationTime> operations, double peak) {
        List<OperationTime> heavy = operations.stream().filter(o -> o.flops() > 0 && (o.operation().contains("conv")
                || o.operation().contains("gemm")
                || o.operation().contains("matmul"))).toList();
        List<String> names = new ArrayList<>();
        double[] shares = new double[heavy.size()];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = 100 * heavy.get(i).flops() / heavy.get(i).seconds() / peak;
            names.add(Integer.toString(i + 1));
        }
        return Curves.bars("Share of the peak", "convolution or dense layer", "% of the peak", names, List.of("layer"), List.of(shares));
    }

    /** The filters of a first layer over gray images, each with its own scale. */
    static BufferedImage filters(Tensor weight, int columns, int size) {
        int count = (int) weight.shape().dim(0);
        int channels = (int) weight.shape().dim(1);
        int rows = (int) weight.shape().dim(2);
        int width = (int) weight.shape().dim(3);
        double[] all = weight.toDoubles();
        List<BufferedImage> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double[] own = Arrays.copyOfRange(all, i * channels * rows * width, (i * channels + 1) * rows * width);
            pictures.add(Plot.signed(own, rows, width));
        }
        return Plot.grid(pictures, List.of(), columns, size);
    }
}
