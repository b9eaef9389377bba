package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Recordings in a folder that has one subfolder for each class: {@code yes/1.wav}, {@code no/2.wav}. Samples are [1, length]: the
 * mean of the channels, filled up with silence at the end, or cut there. Classes and files are in the order of their names.
 *
 * {@snippet :
 * Dataset words = WavFolder.open(Path.of("commands"), 16_000, 16_000)
 *     .transformed(Seed.of(7), Spectrogram.of(400).hop(160).mel(16_000, 40, 0, 8_000).log(1e-10));
 * }
 */
public final class WavFolder implements Dataset {
    private final Path folder;
    private final ClassFolders found;
    private final int rate;
    private final int length;

    private WavFolder(Path folder, ClassFolders found, int rate, int length) {
        this.folder = folder;
        this.found = found;
        this.rate = rate;
        this.length = length;
    }

    /**
     * Lists the files. One that is damaged, or of another rate, is an error when it is read.
     *
     * @param rate samples in a second that every file must have
     * @param length samples of each channel
     * @param classes the names of the classes, in their order; none: those that are there
     * @throws java.io.FileNotFoundException when there is no such folder, or no recording in it
     */
    public static WavFolder open(Path folder, int rate, int length, String... classes) throws IOException {
        if (rate < 1 || length < 1) {
            throw new IllegalArgumentException("recordings: rate and length must be at least 1, not " + rate + " and " + length);
        }
        return new WavFolder(folder, ClassFolders.list("recording", folder, List.of(classes), Set.of("wav"), null), rate, length);
    }

    /** The file of a sample. */
    public Path file(long index) {
        return found.files().get((int) Objects.checkIndex(index, size()));
    }

    @Override
    public long size() {
        return found.files().size();
    }

    @Override
    public Shape inputShape() {
        return Shape.of(1, length);
    }

    @Override
    public int classes() {
        return found.classNames().size();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        Path file = file(index);
        Wav wav = Wav.read(file).mono();
        if (wav.rate() != rate) {
            throw new CorruptDataException(file, 0, "a rate of " + rate + " Hz", wav.rate() + " Hz");
        }
        int there = Math.min(length, wav.samples().length);
        input.put(wav.samples(), 0, there);
        for (int i = there; i < length; i++) {
            input.put(0);
        }
    }

    @Override
    public int label(long index) {
        return found.labels()[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public List<String> classNames() {
        return found.classNames();
    }

    @Override
    public String toString() {
        return size() + " recordings of " + folder;
    }
}
