package dev.sinew.data;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/**
 * 1,797 handwritten digits of 8 x 8 pixels, part of the library: enough to try things out without a download.
 *
 * <p>E. Alpaydin, C. Kaynak: "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
 * <a href="https://doi.org/10.24432/C50P49">doi 10.24432/C50P49</a>, licensed under
 * <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>. These are the samples of its test part, each pixel
 * the number (0 to 16) of dark points in a 4 x 4 square of the scanned digit.
 */
public final class Digits {
    private static final String RESOURCE = "digits.csv.gz";
    private static final int SIZE = 1797;
    private static final int TRAIN = 1437;
    private static final int PIXELS = 64;
    private static final int MAX_PIXEL = 16;
    private static final int CLASSES = 10;

    private Digits() {}

    /** The first 1,437 samples for training, the last 360 for testing: shape [1, 8, 8], values from 0 to 1. */
    public static Split load() {
        Dataset all = all();
        return new Split(all.slice(0, TRAIN), all.slice(TRAIN, SIZE));
    }

    private static Dataset all() {
        byte[] pixels = new byte[SIZE * PIXELS];
        int[] labels = new int[SIZE];
        try (BufferedReader lines = open()) {
            for (int row = 0; row < SIZE; row++) {
                readRow(lines.readLine(), row, pixels, labels);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the digits of the library's jar cannot be read", e);
        }
        return ArrayDataset.of(pixels, Shape.of(1, 8, 8), labels, CLASSES).normalised(1.0 / MAX_PIXEL, 0, 1)
                .named("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    private static BufferedReader open() throws IOException {
        InputStream in = Digits.class.getResourceAsStream(RESOURCE);
        if (in == null) {
            throw new FileNotFoundException("/dev/sinew/data/" + RESOURCE);
        }
        return new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII));
    }

    private static void readRow(String line, int row, byte[] pixels, int[] labels) throws IOException {
        String[] fields = line == null ? new String[0] : line.split(",", -1);
        if (fields.length != PIXELS + 1) {
            throw new CorruptDataException(RESOURCE, row, (PIXELS + 1) + " numbers in row " + row, "" + line);
        }
        for (int i = 0; i < PIXELS; i++) {
            pixels[row * PIXELS + i] = (byte) Integer.parseInt(fields[i]);
        }
        labels[row] = Integer.parseInt(fields[PIXELS]);
    }
}
