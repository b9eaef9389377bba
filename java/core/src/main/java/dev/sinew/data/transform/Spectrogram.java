package dev.sinew.data.transform;

import dev.sinew.Shape;
import java.util.Objects;

/**
 * How much of each frequency a recording has at each time: [channels, samples] or [samples] becomes [channels, bands, frames].
 * Frame t is the transform of samples t hop to t hop + fft, multiplied by a window; of its fft / 2 + 1 frequencies the absolute
 * value to a power is taken, then, if asked for, sums of bands on the mel scale, then the logarithm.
 *
 * {@snippet :
 * Spectrogram.of(400).hop(160).mel(16_000, 80, 0, 8_000).log(1e-10)
 * }
 */
public final class Spectrogram implements Transform {
    /** What each frame is multiplied by; periodic. */
    public enum Window {
        /** 1. */
        RECTANGLE,
        /** (1 - cos(2 pi j / n)) / 2. */
        HANN,
        /** 0.54 - 0.46 cos(2 pi j / n). */
        HAMMING
    }

    private final int fft;
    private final int hop;
    private final Window window;
    private final double power;
    private final boolean centered;
    private final Mel mel;
    private final double floor;
    private final double[] weights;
    private final Fft transform;
    private final double[][] bands;

    /** Bands on the mel scale. */
    private record Mel(int rate, int bands, double least, double most) {}

    private Spectrogram(int fft, int hop, Window window, double power, boolean centered, Mel mel, double floor) {
        this.fft = Images.positive("spectrogram", "length of a frame", fft);
        this.hop = Images.positive("spectrogram", "hop", hop);
        this.window = Objects.requireNonNull(window, "window");
        this.power = Images.within("spectrogram", "power", power, 1e-3, 100);
        this.centered = centered;
        this.mel = mel;
        this.floor = floor;
        if (fft > 1 << 24) {
            throw new IllegalArgumentException("spectrogram: the length of a frame must be at most " + (1 << 24) + ", not " + fft);
        }
        weights = new double[fft];
        for (int j = 0; j < fft; j++) {
            double cos = StrictMath.cos(2 * StrictMath.PI * j / fft);
            weights[j] = switch (window) {
                case RECTANGLE -> 1;
                case HANN -> (1 - cos) / 2;
                case HAMMING -> 0.54 - 0.46 * cos;
            };
        }
        transform = new Fft(fft);
        bands = mel == null ? null : bands(mel, fft);
    }

    /** Frames of that length with a Hann window, every quarter of it, centred, squared. */
    public static Spectrogram of(int fft) {
        return new Spectrogram(fft, Math.max(1, fft / 4), Window.HANN, 2, true, null, 0);
    }

    /** With that many samples from one frame to the next. */
    public Spectrogram hop(int samples) {
        return new Spectrogram(fft, samples, window, power, centered, mel, floor);
    }

    /** With another window. */
    public Spectrogram window(Window other) {
        return new Spectrogram(fft, hop, other, power, centered, mel, floor);
    }

    /** With the absolute value to that power: 1 the amplitude, 2 the energy. */
    public Spectrogram power(double exponent) {
        return new Spectrogram(fft, hop, window, exponent, centered, mel, floor);
    }

    /** Frames begin where the recording does, and end before it does; else it is mirrored at its ends by half a frame. */
    public Spectrogram notCentered() {
        return new Spectrogram(fft, hop, window, power, false, mel, floor);
    }

    /**
     * Sums in triangular bands that overlap by half, equally wide on the mel scale m = 2595 log10(1 + f / 700).
     *
     * @param rate samples in a second
     * @param count bands
     * @param least lowest frequency in Hz
     * @param most highest, at most half the rate
     */
    public Spectrogram mel(int rate, int count, double least, double most) {
        Images.positive("spectrogram", "rate", rate);
        Images.positive("spectrogram", "number of bands", count);
        Images.within("spectrogram", "highest frequency", most, 0, rate / 2.0);
        Images.within("spectrogram", "lowest frequency", least, 0, Math.nextDown(most));
        return new Spectrogram(fft, hop, window, power, centered, new Mel(rate, count, least, most), floor);
    }

    /** The natural logarithm of the values, of those below {@code least} of that. */
    public Spectrogram log(double least) {
        Images.within("spectrogram", "floor", least, Double.MIN_NORMAL, 1e30);
        return new Spectrogram(fft, hop, window, power, centered, mel, least);
    }

    private static double[][] bands(Mel mel, int fft) {
        double low = mel(mel.least);
        double high = mel(mel.most);
        double[] corners = new double[mel.bands + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = 700 * (StrictMath.pow(10, (low + (high - low) * i / (mel.bands + 1)) / 2595) - 1);
        }
        double[][] bands = new double[mel.bands][fft / 2 + 1];
        for (int b = 0; b < mel.bands; b++) {
            for (int k = 0; k <= fft / 2; k++) {
                double f = (double) k * mel.rate / fft;
                double up = (f - corners[b]) / (corners[b + 1] - corners[b]);
                double down = (corners[b + 2] - f) / (corners[b + 2] - corners[b + 1]);
                bands[b][k] = Math.max(0, Math.min(up, down));
            }
        }
        return bands;
    }

    private static double mel(double frequency) {
        return 2595 * StrictMath.log10(1 + frequency / 700);
    }

    @Override
    public Shape shape(Shape input) {
        if (input.rank() != 1 && input.rank() != 2) {
            throw new IllegalArgumentException("spectrogram: needs recordings [channels, samples] or [samples], the samples are " + input);
        }
        long samples = input.dim(input.rank() - 1);
        if (samples < (centered ? fft / 2 + 1 : fft)) {
            throw new IllegalArgumentException("spectrogram: recordings " + input + " are too short for frames of " + fft
                    + (centered ? ", mirrored by half of that" : ""));
        }
        return Shape.of(input.rank() == 1 ? 1 : input.dim(0), bands == null ? fft / 2 + 1 : bands.length,
                1 + (centered ? samples : samples - fft) / hop);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        Shape result = shape(shape);
        int channels = (int) result.dim(0);
        int height = (int) result.dim(1);
        int frames = (int) result.dim(2);
        int samples = values.length / channels;
        float[] out = new float[(int) result.count()];
        double[] re = new double[fft];
        double[] im = new double[fft];
        double[] levels = new double[fft / 2 + 1];
        for (int c = 0; c < channels; c++) {
            for (int t = 0; t < frames; t++) {
                for (int j = 0; j < fft; j++) {
                    int at = t * hop + j - (centered ? fft / 2 : 0);
                    at = at < 0 ? -at : at >= samples ? 2 * (samples - 1) - at : at;
                    re[j] = weights[j] * values[c * samples + at];
                    im[j] = 0;
                }
                transform.transform(re, im);
                for (int k = 0; k < levels.length; k++) {
                    double square = re[k] * re[k] + im[k] * im[k];
                    levels[k] = power == 2 ? square : StrictMath.pow(square, power / 2);
                }
                for (int b = 0; b < height; b++) {
                    double level = bands == null ? levels[b] : sum(bands[b], levels);
                    out[(c * height + b) * frames + t] = (float) (floor > 0 ? StrictMath.log(Math.max(level, floor)) : level);
                }
            }
        }
        return out;
    }

    private static double sum(double[] band, double[] levels) {
        double sum = 0;
        for (int k = 0; k < band.length; k++) {
            sum += band[k] * levels[k];
        }
        return sum;
    }

    @Override
    public String toString() {
        return "spectrogram of frames of " + fft + " every " + hop + ", " + window.name().toLowerCase(java.util.Locale.ROOT) + " window, power "
                + power + (centered ? "" : ", not centred") + (mel == null ? "" : ", " + mel.bands + " mel bands from " + mel.least + " to "
                        + mel.most + " Hz at rate " + mel.rate) + (floor > 0 ? ", logarithm from " + floor + " on" : "");
    }
}
