package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("train-images-idx3-ubyte");
    }

    private static byte[] idx(int type, long[] dims, byte[] values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, (byte) type, (byte) dims.length});
        for (long dim : dims) {
            out.writeBytes(new byte[] {(byte) (dim >> 24), (byte) (dim >> 16), (byte) (dim >> 8), (byte) dim});
        }
        out.writeBytes(values);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] counting(int n) {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            bytes[i] = (byte) (i * 37);
        }
        return bytes;
    }

    private CorruptDataException refused(byte[] contents) throws IOException {
        Files.write(file, contents);
        CorruptDataException e = catchThrowableOfType(CorruptDataException.class, () -> Idx.read(file));
        assertThat(e).as("what was thrown").isNotNull();
        assertThat(e.file()).isEqualTo(file.toString());
        assertThat(e).hasMessage(file + ", byte " + e.offset() + ": expected " + e.expected() + ", found " + e.found());
        return e;
    }

    @Test
    void plainAndPacked() throws IOException {
        byte[] contents = idx(8, new long[] {2, 3, 4}, counting(24));
        for (byte[] bytes : new byte[][] {contents, gzip(contents)}) {
            Files.write(file, bytes);
            Idx idx = Idx.read(file);
            assertThat(idx.shape()).isEqualTo(Shape.of(2, 3, 4));
            assertThat(idx.values()).isEqualTo(counting(24));
            assertThat(idx).isEqualTo(new Idx(Shape.of(2, 3, 4), counting(24))).hasToString("u8[2, 3, 4]");
        }
    }

    @Test
    void truncatedAnywhere() throws IOException {
        byte[] contents = idx(8, new long[] {2, 3, 4}, counting(24));
        for (int length = 0; length < contents.length; length++) {
            assertThat(refused(Arrays.copyOf(contents, length)).offset()).isBetween(0L, (long) length);
        }
        byte[] packed = gzip(contents);
        for (int length = 0; length < packed.length; length++) {
            refused(Arrays.copyOf(packed, length));
        }
    }

    /** gzip allows files one behind the other; the last tells its own size alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16, 17, 39})
    void packedInTwoParts(int first) throws IOException {
        byte[] contents = idx(8, new long[] {2, 3, 4}, counting(24));
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(gzip(Arrays.copyOf(contents, first)));
        both.writeBytes(gzip(Arrays.copyOfRange(contents, first, contents.length)));
        Files.write(file, both.toByteArray());
        assertThat(Idx.read(file)).isEqualTo(new Idx(Shape.of(2, 3, 4), counting(24)));
    }

    /** What header and trailer agree on need not be there: 250,000 bytes, which so many packed ones might be. */
    @Test
    void aTrailerThatSaysTooMuch() throws IOException {
        byte[] contents = idx(8, new long[] {250_000}, counting(1000));
        byte[] packed = gzip(contents);
        byte[] size = {(byte) 250_008, (byte) (250_008 >> 8), (byte) (250_008 >> 16), 0};
        assertThat(packed.length * 1032).isGreaterThan(250_008);
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        behind.writeBytes(packed);
        behind.writeBytes(size);
        assertThat(refused(behind.toByteArray())).hasMessageContaining("byte 1008: expected 250008 bytes for shape [250000], found the end of the file");
        System.arraycopy(size, 0, packed, packed.length - 4, 4);
        assertThat(refused(packed)).hasMessageContaining("byte 8: expected intact gzip data");
    }

    @Test
    void trailingBytes() throws IOException {
        byte[] contents = idx(8, new long[] {5}, counting(6));
        assertThat(refused(contents).offset()).isEqualTo(13);
        assertThat(refused(gzip(contents))).hasMessageContaining("more bytes");
    }

    /** Any bit of a plain file may flip: what is read is valid then, or refused. */
    @Test
    void flippedBits() throws IOException {
        byte[] contents = idx(8, new long[] {2, 3, 4}, counting(24));
        for (int bit = 0; bit < contents.length * 8; bit++) {
            byte[] flipped = contents.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            if (bit / 8 < 16) {
                refused(flipped);
            } else {
                Files.write(file, flipped);
                assertThat(Idx.read(file).values()).hasSize(24);
            }
        }
    }

    /** gzip has a sum: all that goes unnoticed are header fields that nobody reads (time, system) and the bits of padding. */
    @Test
    void flippedBitsOfGzip() throws IOException {
        byte[] contents = idx(8, new long[] {2, 3, 4}, counting(24));
        byte[] packed = gzip(contents);
        for (int bit = 0; bit < packed.length * 8; bit++) {
            byte[] flipped = packed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            try {
                assertThat(Idx.read(file).values()).as("bit " + bit).isEqualTo(counting(24));
                assertThat(bit / 8).as("byte whose change was not noticed").isIn(3, 4, 5, 6, 7, 8, 9, packed.length - 9);
            } catch (CorruptDataException e) {
                assertThat(e.file()).isEqualTo(file.toString());
            }
        }
    }

    @Test
    void wrongMagic() throws IOException {
        assertThat(refused(new byte[] {1, 0, 8, 1, 0, 0, 0, 1, 0})).hasMessageContaining("begins with bytes 0 0, found 1 0");
        assertThat(refused(idx(0x0D, new long[] {1}, new byte[4]))).hasMessageContaining("byte 2: expected element type 8 (unsigned byte), found 13");
        assertThat(refused(idx(8, new long[0], new byte[1]))).hasMessageContaining("byte 3: expected 1 to 4 dimensions, found 0");
        assertThat(refused(new byte[] {0, 0, 8, -1})).hasMessageContaining("found 255");
        assertThat(refused("<html>not found</html>".getBytes())).hasMessageContaining("found 60 104");
        assertThat(refused(new byte[0])).hasMessageContaining("byte 0");
        assertThat(refused(new byte[] {0x1F, (byte) 0x8B})).hasMessageContaining("gzip");
    }

    @ParameterizedTest
    @CsvSource({"4294967295,4294967295,4294967295", "4294967295,1,1", "2147483647,1,1", "60000,28,28", "0,28,28", "1,0,1", "65536,65536,65536"})
    void absurdDimensionsAllocateNothing(long a, long b, long c) throws IOException {
        byte[] contents = idx(8, new long[] {a, b, c}, counting(10));
        refused(contents);
        refused(gzip(contents));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatIsNotThere(boolean isFolder) {
        assertThatThrownBy(() -> Idx.read(isFolder ? folder : file)).isInstanceOf(IOException.class).isNotInstanceOf(CorruptDataException.class);
    }

    @Test
    void valuesMustFillTheShape() {
        assertThatThrownBy(() -> new Idx(Shape.of(3), new byte[2])).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[3]");
    }

    // ---- the four files ----

    private void write(String name, long[] dims, byte[] values) throws IOException {
        byte[] contents = idx(8, dims, values);
        Files.write(folder.resolve(name), name.endsWith(".gz") ? gzip(contents) : contents);
    }

    private void writeAll(String ending) throws IOException {
        write("train-images-idx3-ubyte" + ending, new long[] {3, 2, 2}, counting(12));
        write("train-labels-idx1-ubyte" + ending, new long[] {3}, new byte[] {9, 0, 5});
        write("t10k-images-idx3-ubyte" + ending, new long[] {1, 2, 2}, new byte[] {0, 1, -1, 127});
        write("t10k-labels-idx1-ubyte" + ending, new long[] {1}, new byte[] {7});
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".gz"})
    void mnistAndFashionMnist(String ending) throws IOException {
        writeAll(ending);
        Split mnist = Mnist.load(folder);
        assertThat(mnist.train().size()).isEqualTo(3);
        assertThat(mnist.train().inputShape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(mnist.train().label(2)).isEqualTo(5);
        assertThat(mnist.test().label(0)).isEqualTo(7);
        assertThat(mnist.test().input(0)).containsExactly(mnist(0), mnist(1), mnist(255), mnist(127));
        assertThat(mnist.test().className(7)).isEqualTo("7");
        Split fashion = FashionMnist.load(folder);
        assertThat(fashion.test().input(0)[2]).isEqualTo((float) ((1 - 0.2860) / 0.3530));
        assertThat(fashion.test().className(7)).isEqualTo("Sneaker");
    }

    private static float mnist(int pixel) {
        return (float) ((pixel / 255.0 - 0.1307) / 0.3081);
    }

    @Test
    void aMissingFolderSaysWhereItLookedAndWhatToDo() {
        Path missing = folder.resolve("nothing");
        assertThatThrownBy(() -> FashionMnist.load(missing)).isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(missing.toString()).hasMessageContaining("dataset-fashion-mnist").hasMessageContaining("-Dsinew.data");
        assertThatThrownBy(() -> Mnist.load(missing)).isInstanceOf(FileNotFoundException.class).hasMessageContaining("MNIST")
                .hasMessageContaining(missing.toString());
    }

    @Test
    void thePropertyNamesTheFolder() throws IOException {
        String before = System.getProperty("sinew.data");
        try {
            System.setProperty("sinew.data", folder.toString());
            assertThatThrownBy(FashionMnist::load).isInstanceOf(FileNotFoundException.class)
                    .hasMessageContaining(folder.resolve("fashion-mnist") + " or " + folder);
            writeAll(".gz");
            assertThat(FashionMnist.load().train().size()).isEqualTo(3);
        } finally {
            if (before == null) {
                System.clearProperty("sinew.data");
            } else {
                System.setProperty("sinew.data", before);
            }
        }
    }

    @Test
    void filesThatDoNotFitTogether() throws IOException {
        writeAll("");
        write("train-labels-idx1-ubyte", new long[] {4}, new byte[4]);
        assertThatThrownBy(() -> Mnist.load(folder)).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("train-labels-idx1-ubyte, byte 4: expected 3 labels, as there are images in train-images-idx3-ubyte, found 4");
        write("train-labels-idx1-ubyte", new long[] {3}, new byte[] {0, 10, 0});
        assertThatThrownBy(() -> Mnist.load(folder)).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("byte 9: expected a label from 0 to 9, found 10");
        write("train-labels-idx1-ubyte", new long[] {3, 1}, new byte[3]);
        assertThatThrownBy(() -> Mnist.load(folder)).isInstanceOf(CorruptDataException.class).hasMessageContaining("1 dimension");
        write("train-images-idx3-ubyte", new long[] {3, 4}, new byte[12]);
        assertThatThrownBy(() -> Mnist.load(folder)).isInstanceOf(CorruptDataException.class).hasMessageContaining("3 dimensions");
        writeAll("");
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        assertThatThrownBy(() -> Mnist.load(folder)).isInstanceOf(FileNotFoundException.class).hasMessageContaining("t10k-labels-idx1-ubyte");
    }

    @SuppressWarnings("unused") // named below
    private static boolean fashionMnistIsInstalled() {
        return Files.isRegularFile(Path.of("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"));
    }

    @Test
    @EnabledIf(value = "fashionMnistIsInstalled", disabledReason = "Debian's package dataset-fashion-mnist is not installed")
    void theRealFashionMnist() throws IOException {
        Split data = FashionMnist.load();
        assertThat(data.train().size()).isEqualTo(60_000);
        assertThat(data.test().size()).isEqualTo(10_000);
        assertThat(data.train().inputShape()).isEqualTo(Shape.of(1, 28, 28));
        double sum = 0;
        double squares = 0;
        int[] counts = new int[10];
        for (long i = 0; i < 60_000; i++) {
            counts[data.train().label(i)]++;
            for (float value : data.train().input(i)) {
                sum += value;
                squares += (double) value * value;
            }
        }
        assertThat(counts).containsOnly(6000);
        double count = 60_000.0 * 784;
        // the constants are the rounded mean and deviation of these pixels
        assertThat(sum / count).isBetween(-2e-4, 2e-4);
        assertThat(Math.sqrt(squares / count)).isBetween(1 - 2e-4, 1 + 2e-4);
    }

    @Test
    void aMissingFileIsNoCorruptOne() {
        assertThatThrownBy(() -> Idx.read(file)).isInstanceOf(NoSuchFileException.class);
    }
}
