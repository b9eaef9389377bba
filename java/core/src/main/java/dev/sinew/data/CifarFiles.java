package dev.sinew.data;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Records of labels and 32 x 32 RGB pixels in memory-mapped files, one after the other. */
final class CifarFiles implements Dataset {
    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int CHANNELS = 3;
    private static final Shape SHAPE = Shape.of(CHANNELS, SIDE, SIDE);

    /**
     * What the records of a data set look like.
     *
     * @param what its name, for messages
     * @param classes the number of classes of each label byte
     * @param label which of the label bytes is used
     * @param mean of each channel, of values from 0 to 1
     * @param std likewise
     */
    record Format(String what, List<Integer> classes, int label, double[] mean, double[] std) {
        int recordSize() {
            return classes.size() + CHANNELS * PLANE;
        }

        /** The folder or its usual subfolder: where the first file is. */
        Path place(Path folder, String subfolder, String first, String hint) throws FileNotFoundException {
            for (Path place : List.of(folder, folder.resolve(subfolder))) {
                if (Files.isRegularFile(place.resolve(first))) {
                    return place;
                }
            }
            throw new FileNotFoundException(what + " was not found: no " + first + " in " + folder + " or " + folder.resolve(subfolder)
                    + ". " + hint);
        }

        /** The names of the classes, one a line; their numbers when the file is missing. */
        List<String> names(Path file) throws IOException {
            if (!Files.isRegularFile(file)) {
                return IntStream.range(0, classes.get(label)).mapToObj(Integer::toString).toList();
            }
            List<String> names;
            try {
                names = Files.readAllLines(file).stream().map(String::strip).filter(name -> !name.isEmpty()).toList();
            } catch (MalformedInputException e) {
                throw new CorruptDataException(file, 0, "names of classes in UTF-8", "other bytes", e);
            }
            if (names.size() != classes.get(label)) {
                throw new CorruptDataException(file, 0, classes.get(label) + " names of classes", "" + names.size());
            }
            return names;
        }
    }

    private final Format format;
    private final List<MemorySegment> files;
    /** The number of the first record of each file, and of the one after the last. */
    private final long[] starts;
    private final List<String> names;
    /** What each byte of each channel is read as. */
    private final float[][] values = new float[CHANNELS][256];

    private CifarFiles(Format format, List<MemorySegment> files, List<String> names) {
        this.format = format;
        this.files = files;
        this.names = names;
        starts = new long[files.size() + 1];
        for (int i = 0; i < files.size(); i++) {
            starts[i + 1] = starts[i] + files.get(i).byteSize() / format.recordSize();
        }
        for (int c = 0; c < CHANNELS; c++) {
            for (int i = 0; i < 256; i++) {
                values[c][i] = (float) ((i / 255.0 - format.mean[c]) / format.std[c]);
            }
        }
    }

    static Dataset open(Format format, Path folder, List<String> fileNames, List<String> names) throws IOException {
        List<MemorySegment> files = new ArrayList<>();
        for (String name : fileNames) {
            files.add(map(format, folder.resolve(name)));
        }
        return new CifarFiles(format, files, names);
    }

    private static MemorySegment map(Format format, Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FileNotFoundException(file + " is missing");
        }
        MemorySegment memory;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        }
        long size = format.recordSize();
        long whole = memory.byteSize() / size;
        if (whole == 0 || memory.byteSize() % size != 0) {
            throw new CorruptDataException(file, whole * size, "records of " + size + " bytes each",
                    memory.byteSize() % size + " bytes before the end of the file");
        }
        for (long record = 0; record < whole; record++) {
            for (int i = 0; i < format.classes.size(); i++) {
                int label = memory.get(ValueLayout.JAVA_BYTE, record * size + i) & 0xFF;
                if (label >= format.classes.get(i)) {
                    throw new CorruptDataException(file, record * size + i, "a label from 0 to " + (format.classes.get(i) - 1), "" + label);
                }
            }
        }
        return memory;
    }

    private int file(long index) {
        Objects.checkIndex(index, size());
        int file = 0;
        while (starts[file + 1] <= index) {
            file++;
        }
        return file;
    }

    @Override
    public long size() {
        return starts[files.size()];
    }

    @Override
    public Shape inputShape() {
        return SHAPE;
    }

    @Override
    public int classes() {
        return format.classes.get(format.label);
    }

    @Override
    public void read(long index, FloatBuffer input) {
        int file = file(index);
        byte[] pixels = new byte[CHANNELS * PLANE];
        long from = (index - starts[file]) * format.recordSize() + format.classes.size();
        MemorySegment.copy(files.get(file), ValueLayout.JAVA_BYTE, from, pixels, 0, pixels.length);
        for (int c = 0; c < CHANNELS; c++) {
            for (int i = c * PLANE; i < (c + 1) * PLANE; i++) {
                input.put(values[c][pixels[i] & 0xFF]);
            }
        }
    }

    @Override
    public int label(long index) {
        int file = file(index);
        return files.get(file).get(ValueLayout.JAVA_BYTE, (index - starts[file]) * format.recordSize() + format.label) & 0xFF;
    }

    @Override
    public List<String> classNames() {
        return names;
    }

    @Override
    public String toString() {
        return size() + " samples of " + format.what;
    }
}
