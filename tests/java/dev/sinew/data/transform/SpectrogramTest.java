package dev.sinew.data.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sinew.Seed;
import dev.sinew.Shape;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpectrogramTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 12, 25, 64, 97, 400})
    void fourierTransforms(int n) {
        Random random = new Random(n);
        double[] re = random.doubles(n, -1, 1).toArray();
        double[] im = random.doubles(n, -1, 1).toArray();
        double[] x = re.clone();
        double[] y = im.clone();
        new Fft(n).transform(x, y);
        for (int k = 0; k < n; k++) {
            double r = 0;
            double s = 0;
            for (int t = 0; t < n; t++) {
                double angle = -2 * Math.PI * ((long) k * t % n) / n;
                r += re[t] * Math.cos(angle) - im[t] * Math.sin(angle);
                s += re[t] * Math.sin(angle) + im[t] * Math.cos(angle);
            }
            assertThat(x[k]).isCloseTo(r, Offset.offset(1e-12 * n));
            assertThat(y[k]).isCloseTo(s, Offset.offset(1e-12 * n));
        }
    }

    private static float[] recording(int samples) {
        float[] values = new float[samples];
        Random random = new Random(3);
        for (int i = 0; i < samples; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** The definition, sum by sum. */
    private static double[][] reference(float[] values, int from, int samples, int fft, int hop, Spectrogram.Window window, double power,
            boolean centered) {
        int frames = 1 + (centered ? samples : samples - fft) / hop;
        double[][] levels = new double[fft / 2 + 1][frames];
        for (int k = 0; k <= fft / 2; k++) {
            for (int t = 0; t < frames; t++) {
                double re = 0;
                double im = 0;
                for (int j = 0; j < fft; j++) {
                    int at = t * hop + j - (centered ? fft / 2 : 0);
                    at = Math.abs(at);
                    at = at >= samples ? 2 * samples - 2 - at : at;
                    double w = switch (window) {
                        case RECTANGLE -> 1;
                        case HANN -> 0.5 - 0.5 * Math.cos(2 * Math.PI * j / fft);
                        case HAMMING -> 0.54 - 0.46 * Math.cos(2 * Math.PI * j / fft);
                    };
                    re += w * values[from + at] * Math.cos(2 * Math.PI * k * j / fft);
                    im -= w * values[from + at] * Math.sin(2 * Math.PI * k * j / fft);
                }
                levels[k][t] = Math.pow(Math.hypot(re, im), power);
            }
        }
        return levels;
    }

    @ParameterizedTest
    @EnumSource(Spectrogram.Window.class)
    void frames(Spectrogram.Window window) {
        float[] values = recording(200);
        Shape shape = Shape.of(2, 100);
        for (boolean centered : new boolean[] {true, false}) {
            for (double power : new double[] {1, 2}) {
                Spectrogram s = Spectrogram.of(20).hop(7).window(window).power(power);
                s = centered ? s : s.notCentered();
                float[] out = s.apply(values.clone(), shape, Draw.of(Seed.of(1), 0));
                int frames = (int) s.shape(shape).dim(2);
                assertThat(s.shape(shape)).isEqualTo(Shape.of(2, 11, centered ? 15 : 12));
                for (int c = 0; c < 2; c++) {
                    double[][] expected = reference(values, 100 * c, 100, 20, 7, window, power, centered);
                    for (int k = 0; k < 11; k++) {
                        for (int t = 0; t < frames; t++) {
                            assertThat(out[(c * 11 + k) * frames + t]).isCloseTo((float) expected[k][t], Offset.offset(1e-5f));
                        }
                    }
                }
            }
        }
    }

    @Test
    void melBandsAndLogarithm() {
        int rate = 8000;
        float[] values = recording(600);
        Spectrogram s = Spectrogram.of(128).mel(rate, 10, 100, 3500).log(1e-3);
        float[] out = s.apply(values.clone(), Shape.of(600), Draw.of(Seed.of(1), 0));
        assertThat(s.shape(Shape.of(600))).isEqualTo(Shape.of(1, 10, 19));
        double[][] levels = reference(values, 0, 600, 128, 32, Spectrogram.Window.HANN, 2, true);
        double low = 2595 * Math.log10(1 + 100 / 700.0);
        double high = 2595 * Math.log10(1 + 3500 / 700.0);
        for (int b = 0; b < 10; b++) {
            double[] f = new double[3];
            for (int i = 0; i < 3; i++) {
                f[i] = 700 * (Math.pow(10, (low + (b + i) * (high - low) / 11) / 2595) - 1);
            }
            for (int t = 0; t < 19; t++) {
                double sum = 0;
                for (int k = 0; k <= 64; k++) {
                    double hz = k * rate / 128.0;
                    double weight = hz <= f[0] || hz >= f[2] ? 0 : hz <= f[1] ? (hz - f[0]) / (f[1] - f[0]) : (f[2] - hz) / (f[2] - f[1]);
                    sum += weight * levels[k][t];
                }
                assertThat(out[b * 19 + t]).isCloseTo((float) Math.log(Math.max(sum, 1e-3)), Offset.offset(1e-5f));
            }
        }
        assertThat(s).hasToString("spectrogram of frames of 128 every 32, hann window, power 2.0, 10 mel bands from 100.0 to 3500.0 Hz at rate 8000,"
                + " logarithm from 0.001 on");
    }

    /** A tone of 1000 Hz is at 1000 Hz. */
    @Test
    void aTone() {
        float[] tone = new float[8000];
        for (int i = 0; i < tone.length; i++) {
            tone[i] = (float) Math.sin(2 * Math.PI * 1000 * i / 8000.0);
        }
        Spectrogram s = Spectrogram.of(400).hop(160);
        float[] out = s.apply(tone, Shape.of(8000), Draw.of(Seed.of(1), 0));
        int frames = (int) s.shape(Shape.of(8000)).dim(2);
        for (int t = 1; t < frames - 1; t++) {
            int highest = 0;
            for (int k = 1; k <= 200; k++) {
                highest = out[k * frames + t] > out[highest * frames + t] ? k : highest;
            }
            assertThat(highest * 8000 / 400).isEqualTo(1000);
        }
    }

    @Test
    void badArguments() {
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(0)).withMessageContaining("length of a frame must be at least 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).hop(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).mel(8000, 4, 0, 4001)).withMessageContaining("highest frequency");
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).mel(8000, 4, 300, 300));
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).log(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).notCentered().shape(Shape.of(15))).withMessageContaining("too short");
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).shape(Shape.of(8)));
        assertThatIllegalArgumentException().isThrownBy(() -> Spectrogram.of(16).shape(Shape.of(1, 2, 30))).withMessageContaining("[1, 2, 30]");
    }
}
