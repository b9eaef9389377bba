package dev.sinew.data;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The contents of a file in the IDX format of MNIST: unsigned bytes in 1 to 4 dimensions.
 *
 * <p>The format: two zero bytes, the element type (8: unsigned byte), the number of dimensions, each dimension as a
 * big-endian 32-bit number, then the elements in row-major order
 * (<a href="http://yann.lecun.com/exdb/mnist/">Y. LeCun, C. Cortes, C. Burges, "The MNIST database"</a>).
 *
 * @param shape the dimensions
 * @param values the elements, 0 to 255
 */
public record Idx(Shape shape, byte[] values) {
    private static final int UNSIGNED_BYTE = 8;
    private static final int MAX_RANK = 4;
    /** No deflated byte unpacks to more than this many: two bits stand for 258. */
    private static final long MAX_DEFLATE_RATIO = 1032;
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** Checks that the number of values fits the shape. */
    public Idx {
        Objects.requireNonNull(shape, "shape");
        if (values.length != shape.count()) {
            throw new IllegalArgumentException("idx: " + values.length + " values do not fill shape " + shape);
        }
    }

    /**
     * Reads a file, which may be compressed by gzip whatever its name.
     *
     * @throws CorruptDataException when the file is not what the format says; more than it can hold is never allocated
     * @throws IOException when it cannot be read, or its contents are larger than the Java heap
     */
    public static Idx read(Path file) throws IOException {
        try (Source source = new Source(file)) {
            return read(source);
        }
    }

    private static Idx read(Source source) throws IOException {
        byte[] magic = source.read(4, "the 4 bytes that an IDX file begins with");
        if (magic[0] != 0 || magic[1] != 0) {
            throw source.corrupt(0, "an IDX file, which begins with bytes 0 0", (magic[0] & 0xFF) + " " + (magic[1] & 0xFF));
        }
        if (magic[2] != UNSIGNED_BYTE) {
            throw source.corrupt(2, "element type 8 (unsigned byte)", "" + (magic[2] & 0xFF));
        }
        if (magic[3] < 1 || magic[3] > MAX_RANK) {
            throw source.corrupt(3, "1 to " + MAX_RANK + " dimensions", "" + (magic[3] & 0xFF));
        }
        Shape shape = readShape(source, magic[3]);
        long expectedSize = source.offset + shape.count();
        if (expectedSize > source.most || !source.packed && expectedSize != source.most) {
            throw source.corrupt(Math.min(expectedSize, source.most), expectedSize + " bytes for shape " + shape,
                    (source.packed ? "at most " : "") + source.most);
        }
        if (shape.count() > MAX_ARRAY || shape.count() > Runtime.getRuntime().maxMemory()) {
            throw new IOException(source.file + ": " + shape.count() + " values do not fit into the Java heap (see -Xmx)");
        }
        byte[] values = source.read((int) shape.count(), expectedSize + " bytes for shape " + shape);
        source.requireEnd(expectedSize);
        return new Idx(shape, values);
    }

    private static Shape readShape(Source source, int rank) throws IOException {
        long[] dims = new long[rank];
        long count = 1;
        for (int d = 0; d < rank; d++) {
            byte[] b = source.read(4, "the size of dimension " + d);
            dims[d] = (b[0] & 0xFFL) << 24 | (b[1] & 0xFF) << 16 | (b[2] & 0xFF) << 8 | b[3] & 0xFF;
            if (dims[d] < 1 || dims[d] > Shape.MAX_ELEMENTS / count) {
                throw source.corrupt(source.offset - 4, "a size of dimension " + d + " from 1 to " + Shape.MAX_ELEMENTS / count, "" + dims[d]);
            }
            count *= dims[d];
        }
        return Shape.of(dims);
    }

    /** A file, unpacked if need be, that knows where it is. */
    private static final class Source implements AutoCloseable {
        final Path file;
        final boolean packed;
        /** Bytes that it can hold, unpacked. */
        final long most;
        /** Bytes that it says it holds, unpacked; of several packed parts, those of the last. */
        private final long said;
        long offset;
        private final InputStream in;

        Source(Path file) throws IOException {
            this.file = file;
            InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            try {
                raw.mark(2);
                packed = raw.read() == 0x1F && raw.read() == 0x8B;
                raw.reset();
                long size = Files.size(file);
                most = packed ? size * MAX_DEFLATE_RATIO : size;
                said = packed ? trailer(file) : size;
                in = packed ? new GZIPInputStream(raw, 1 << 16) : raw;
            } catch (EOFException | ZipException e) {
                raw.close();
                throw new CorruptDataException(file, 0, "a gzip header", String.valueOf(e.getMessage()), e);
            } catch (IOException e) {
                raw.close();
                throw e;
            }
        }

        /** The last four bytes of a gzip file: its unpacked size modulo 2^32 (RFC 1952, 2.3.1); 0 of a shorter file. */
        private static long trailer(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                if (channel.size() < 4 || channel.read(last, channel.size() - 4) < 4) {
                    return 0;
                }
                return Integer.toUnsignedLong(last.getInt(0));
            }
        }

        /** Exactly that many bytes; where the file does not say that it holds them, memory grows with what is really there. */
        byte[] read(int count, String expected) throws IOException {
            byte[] bytes;
            try {
                if (count <= said - offset) {
                    bytes = new byte[count];
                    int read = in.readNBytes(bytes, 0, count);
                    bytes = read < count ? Arrays.copyOf(bytes, read) : bytes;
                } else {
                    bytes = in.readNBytes(count);
                }
            } catch (EOFException | ZipException e) {
                throw new CorruptDataException(file, offset, "intact gzip data", String.valueOf(e.getMessage()), e);
            }
            if (bytes.length < count) {
                throw corrupt(offset + bytes.length, expected, "the end of the file");
            }
            offset += count;
            return bytes;
        }

        /** Reading the end also makes gzip check its sum. */
        void requireEnd(long expectedSize) throws IOException {
            try {
                if (in.read() >= 0) {
                    throw corrupt(expectedSize, "the end of the file", "more bytes");
                }
            } catch (EOFException | ZipException e) {
                throw new CorruptDataException(file, offset, "intact gzip data", String.valueOf(e.getMessage()), e);
            }
        }

        CorruptDataException corrupt(long at, String expected, String found) {
            return new CorruptDataException(file, at, expected, found);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Idx idx && shape.equals(idx.shape) && Arrays.equals(values, idx.values);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    /** The shape. */
    @Override
    public String toString() {
        return "u8" + shape;
    }
}
