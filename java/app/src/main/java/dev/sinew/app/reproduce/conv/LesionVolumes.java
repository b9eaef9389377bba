package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.models.UNet;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Lesions in drawn volumes, found by a net of 3-D convolutions, and by the same net slice by slice. */
final class LesionVolumes implements Reproduction {
    private static final int SLICES = 16;
    private static final int SIDE = 24;
    private static final int SLICE = SIDE * SIDE;
    private static final int SIZE = SLICES * SLICE;

    private record Volumes(float[] values, float[] masks) {
        int count() {
            return masks.length / SIZE;
        }
    }

    @Override
    public String id() {
        return "conv3d";
    }

    @Override
    public String title() {
        return "3-D convolution: lesions in volumes";
    }

    @Override
    public String about() {
        return "A filter of 3 x 3 x 3 weights sees the slices above and below too: `y(z,y,x) = sum w(k,j,i) x(z+k, y+j, x+i) + b`. The volumes are"
                + " drawn: lesions are blobs, vessels are tubes that run through the slices; both are equally bright and round in a slice, so that only"
                + " the third dimension tells them apart. A small 3-D U-Net is compared with the same net in two dimensions, slice by slice, by"
                + " `Dice = 2 |A and B| / (|A| + |B|)` of the lesions' voxels in new volumes.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Volumes train = draw(lab.pick(60, 300), lab.seed().derive("train"));
        Volumes test = draw(20, lab.seed().derive("test"));
        UNet kind = UNet.of(1).width(lab.pick(6, 10)).depth(2).batchNorm();
        float[] solid = segment(lab, kind, train, test, findings, SLICES, SIDE, SIDE);
        float[] flat = segment(lab, kind, train, test, findings, SIDE, SIDE);
        findings.atLeast("Dice of the lesions, 3-D", lab.pick(0.75, 0.85), dice(solid, test), "%.3f");
        findings.check("Dice slice by slice", "lower", String.format(Locale.ROOT, "%.3f", dice(flat, test)), dice(flat, test) < dice(solid, test));
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        for (float[] found : new float[][] {solid, flat}) {
            for (int z = 2; z < SLICES; z += 3) {
                int at = z * SLICE;
                pictures.add(Outlines.of(part(test.values, at), SIDE, SIDE, part(test.masks, at), part(found, at)));
                captions.add((found == solid ? "3-D" : "2-D") + ", slice " + (z + 1));
            }
        }
        findings.plot(Plot.grid(pictures, captions, 5, 170), "Slices of a test volume, by the 3-D net (above) and by the 2-D net (below): bright rounds are"
                + " lesions or vessels. " + Outlines.LEGEND);
    }

    private static float[] part(float[] values, int at) {
        return Arrays.copyOfRange(values, at, at + SLICE);
    }

    /** Trains a net for samples of those sizes, whole volumes or slices, and gives the test volumes' masks. */
    private static float[] segment(Lab lab, UNet kind, Volumes train, Volumes test, Findings findings, long... sizes) {
                long[] sample = new long[sizes.length + 1];
        sample[0] = 1;
        System.arraycopy(sizes, 0, sample, 1, sizes.length);
        int voxels = (int) Shape.of(sample).count();
        float[] found = new float[test.masks.length];
        try (Network net = kind.on(sample).build(lab.seed())) {
            findings.preformatted(net.summary());
            var data = ArrayDataset.of(train.values, Shape.of(sample), train.masks, Shape.of(sample));
            Trainer.of(net, Loss.dice(1), Adam.rate(Schedule.cosine(0.01))).batch(2 * SIZE / voxels).epochs(lab.pick(8, 20)).seed(lab.seed()).fit(data);
            for (int v = 0; v < test.count(); v++) {
                try (var _ = Scope.open()) {
                    int n = SIZE / voxels;
                    Tensor x = Tensor.of(Arrays.copyOfRange(test.values, v * SIZE, (v + 1) * SIZE), Shape.of(sample).withFirst(n).dims());
                    float[] scores = net.predict(x).toFloats();
                    for (int i = 0; i < SIZE; i++) {
                        found[v * SIZE + i] = scores[i] > 0 ? 1 : 0;
                    }
                }
            }
        }
        lab.say("%d dimensions: Dice %.3f", sizes.length, dice(found, test));
        return found;
    }

    /** Of the voxels of class 1. */
    private static double dice(float[] found, Volumes truth) {
        ConfusionMatrix voxels = new ConfusionMatrix(2);
        for (int i = 0; i < found.length; i++) {
            voxels.add((int) truth.masks[i], (int) found[i]);
        }
        return voxels.f1(1);
    }

    private static Volumes draw(int count, Seed seed) {
        Volumes volumes = new Volumes(new float[count * SIZE], new float[count * SIZE]);
        for (int v = 0; v < count; v++) {
            SplittableRandom random = new SplittableRandom(seed.derive(v).value());
            double[][] lesions = new double[random.nextInt(2, 5)][];
            double[][] vessels = new double[random.nextInt(2, 5)][];
            for (int i = 0; i < lesions.length; i++) {
                lesions[i] = new double[] {random.nextDouble(3, SIDE - 3), random.nextDouble(3, SIDE - 3), random.nextDouble(2, SLICES - 2),
                    random.nextDouble(2, 4), random.nextDouble(2, 4), random.nextDouble(2, 3.5)};
            }
            for (int i = 0; i < vessels.length; i++) {
                vessels[i] = new double[] {random.nextDouble(SIDE), random.nextDouble(SIDE), random.nextDouble(-0.4, 0.4), random.nextDouble(-0.4, 0.4),
                    random.nextDouble(1.8, 3)};
            }
            double[] light = random.doubles(3, -0.04, 0.04).toArray();
            for (int i = 0; i < SIZE; i++) {
                int x = i % SIDE;
                int y = i / SIDE % SIDE;
                int z = i / SLICE;
                double lesion = 0;
                for (double[] l : lesions) {
                    lesion = Math.max(lesion, edge(Math.hypot(Math.hypot((x - l[0]) / l[3], (y - l[1]) / l[4]), (z - l[2]) / l[5]), (l[3] + l[4]) / 2));
                }
                double vessel = 0;
                for (double[] t : vessels) {
                    double d = Math.hypot(x - t[0] - t[2] * (z - SLICES / 2), y - t[1] - t[3] * (z - SLICES / 2));
                    vessel = Math.max(vessel, edge(d / t[4], t[4]));
                }
                volumes.masks[v * SIZE + i] = lesion > 0.5 ? 1 : 0;
                volumes.values[v * SIZE + i] = (float) (Math.max(lesion, vessel) + light[0] * (x - 12) + light[1] * (y - 12) + light[2] * (z - 8)
                        + 0.2 * random.nextGaussian());
            }
        }
        return volumes;
    }

    /** From 1 inside to 0 outside, blurred over about two voxels. */
    private static double edge(double distance, double radius) {
        return 1 / (1 + Math.exp(2.5 * radius * (distance - 1)));
    }
}
