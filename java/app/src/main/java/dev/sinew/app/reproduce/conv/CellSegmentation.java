package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.models.UNet;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A U-Net finds cells in drawn micrographs; the same net without skips, and a threshold, for comparison. */
final class CellSegmentation implements Reproduction {
    private static final int SIDE = 64;
    private static final int SHOWN = 4;

    /** What came out for the test images. */
    private record Result(float[][] masks, double iou, double apart, double[] losses) {}

    @Override
    public String id() {
        return "unet";
    }

    @Override
    public String title() {
        return "U-Net: cells in micrographs";
    }

    @Override
    public String about() {
        return "An encoder halves the image level by level and doubles the channels, a decoder goes back up, and at each level the decoder's maps"
                + " are put beside the encoder's of the same size: `u_k = f(concat(d_k, up(u_(k+1))))`. So every pixel of the output, which has the"
                + " size of the input, knows its surroundings and its fine detail. Measured by the intersection over the union of the cells' pixels,"
                + " `IoU = |A and B| / |A or B|`. The micrographs are drawn: bright and dark cells that touch, blurred, noisy, unevenly lit.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Cells train = Cells.draw(lab.pick(200, 1000), SIDE, lab.seed().derive("train"));
        Cells test = Cells.draw(60, SIDE, lab.seed().derive("test"));
        UNet net = UNet.of(2).width(lab.pick(8, 16)).depth(3).batchNorm();
        Result unet = train(lab, net, train, test, findings);
        Result plain = train(lab, net.withoutSkips(), train, test, null);
        double threshold = threshold(train);
        float[][] cut = new float[test.images().length][];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = Cells.above(test.images()[i], threshold);
        }
        findings.atLeast("IoU of the cells, U-Net", lab.pick(0.85, 0.9), unet.iou, "%.3f");
        findings.check("IoU without skips", "below that with skips", String.format(Locale.ROOT, "%.3f", plain.iou), plain.iou < unet.iou);
        findings.check("IoU of the best threshold", "below both", String.format(Locale.ROOT, "%.3f", iou(cut, test)), iou(cut, test) < plain.iou);
        findings.table("Test images: pixels, and how often the number of cells (pieces of at least 20 pixels) is right to within one.",
                List.of("method", "IoU", "number of cells right +- 1"), List.of(row("U-Net", unet.iou, unet.apart),
                        row("the same without skips", plain.iou, plain.apart), row("the best threshold", iou(cut, test), apart(cut, test))));
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        List<float[][]> rows = new ArrayList<>();
        rows.add(null);
        rows.addAll(List.of(unet.masks, plain.masks));
        for (float[][] masks : rows) {
            for (int i = 0; i < SHOWN; i++) {
                pictures.add(Outlines.of(test.images()[i], SIDE, SIDE, masks == null ? null : test.masks()[i], masks == null ? null : masks[i]));
                captions.add(masks == null ? "test image " + (i + 1) : masks == unet.masks ? "U-Net" : "without skips");
            }
        }
        findings.plot(Plot.grid(pictures, captions, SHOWN, 200), "Test images and what was found in them. " + Outlines.LEGEND);
        findings.plot(Curves.of("Loss", "epoch", "cross-entropy of a pixel").add("U-Net", unet.losses).add("without skips", plain.losses).draw(),
                "The mean training loss of each epoch.");
    }

    private static List<String> row(String name, double iou, double apart) {
        return List.of(name, String.format(Locale.ROOT, "%.3f", iou), String.format(Locale.ROOT, "%.0f %%", 100 * apart));
    }

    private static Result train(Lab lab, UNet kind, Cells train, Cells test, Findings findings) {
        int epochs = lab.pick(8, 20);
        try (Network net = kind.on(1, SIDE, SIDE).build(lab.seed()); var _ = Scope.open()) {
            var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.01))).batch(8).epochs(epochs).seed(lab.seed()).fit(train.data());
            Tensor x = Tensor.of(Cells.flat(test.images()), test.images().length, 1, SIDE, SIDE);
            int[] classes = net.predict(x).argmax(1).toInts();
            float[][] masks = new float[test.images().length][SIDE * SIDE];
            for (int i = 0; i < masks.length; i++) {
                for (int p = 0; p < SIDE * SIDE; p++) {
                    masks[i][p] = classes[i * SIDE * SIDE + p];
                }
            }
            if (findings != null) {
                findings.preformatted(net.summary());
            }
            double iou = run.evaluate(test.data()).confusionMatrix().iou(1);
            lab.say("%s: IoU %.3f", kind, iou);
            return new Result(masks, iou, apart(masks, test), run.history().stream().mapToDouble(EpochReport::trainLoss).toArray());
        }
    }

    /** Of the pixels of class 1. */
    private static double iou(float[][] masks, Cells truth) {
        ConfusionMatrix pixels = new ConfusionMatrix(2);
        for (int i = 0; i < masks.length; i++) {
            for (int p = 0; p < masks[i].length; p++) {
                pixels.add((int) truth.masks()[i][p], (int) masks[i][p]);
            }
        }
        return pixels.iou(1);
    }

    private static double apart(float[][] masks, Cells truth) {
        int right = 0;
        for (int i = 0; i < masks.length; i++) {
            right += Math.abs(Cells.pieces(masks[i], SIDE, 20) - Cells.pieces(truth.masks()[i], SIDE, 20)) <= 1 ? 1 : 0;
        }
        return (double) right / masks.length;
    }

    /** The brightness that divides the training images best. */
    private static double threshold(Cells train) {
        double best = 0;
        double most = -1;
        for (double brightness = -0.6; brightness <= 0.6; brightness += 0.1) {
            float[][] masks = new float[train.images().length][];
            for (int i = 0; i < masks.length; i++) {
                masks[i] = Cells.above(train.images()[i], brightness);
            }
            double iou = iou(masks, train);
            if (iou > most) {
                most = iou;
                best = brightness;
            }
        }
        return best;
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(CellSegmentation.class, Cells.class);
    }
}
