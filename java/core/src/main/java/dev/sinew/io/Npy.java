package dev.sinew.io;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's files (<a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NEP 1</a>): NPY, one array,
 * and NPZ, a ZIP archive of them.
 *
 * {@snippet :
 * Tensor x = Npy.read(Path.of("x.npy"));
 * Npy.writeAll(Path.of("data.npz"), Map.of("x", x, "labels", labels));    // numpy: np.load("data.npz")["x"]
 * }
 *
 * <p>Versions 1 to 3 are read, in C and in Fortran order, of either byte order: float16 and float32 become float32, float64 stays,
 * bool and integers up to 16 bits become int32, int32 stays, uint32 and 64-bit integers become int64. Everything else, such
 * as complex numbers, text and records, is refused. Written is version 1, little-endian, in C order.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;
    private static final String SUFFIX = ".npy";
    /** No byte of deflated data becomes more than this. */
    private static final long MOST_INFLATED = 1032;

    private Npy() {}

    // ---- reading ----

    /**
     * Reads an NPY file by mapping it into memory. The tensor belongs to the current scope.
     *
     * @throws CorruptDataException when it is no such file, or has elements that no tensor can have
     */
    public static Tensor read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); Arena arena = Arena.ofConfined()) {
            long size = channel.size();
            return read(file, size == 0 ? MemorySegment.ofArray(new byte[0]) : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
        }
    }

    /**
     * Reads an NPZ archive; other files in it are passed over. The tensors belong to the current scope.
     *
     * @return by the names of the archive, without {@code .npy}, in its order
     * @throws CorruptDataException when it is no archive, or as {@link #read}
     */
    public static Map<String, Tensor> readAll(Path file) throws IOException {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (entry.getName().endsWith(SUFFIX)) {
                    String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
                    arrays.put(name, read(file + "!" + entry.getName(), MemorySegment.ofArray(unpack(file, zip, entry))));
                }
            }
        } catch (ZipException | EOFException e) {
            throw new CorruptDataException(file, 0, "a ZIP archive", e.getMessage() == null ? "a part of one" : e.getMessage(), e);
        }
        return Collections.unmodifiableMap(arrays);
    }

    private static byte[] unpack(Path file, ZipFile zip, ZipEntry entry) throws IOException {
        long size = entry.getSize();
        long most = Math.min(Integer.MAX_VALUE - 8, (entry.getCompressedSize() + 1) * MOST_INFLATED);
        if (size < 0 || size > most) {
            throw new CorruptDataException(file + "!" + entry.getName(), 0, "at most " + most + " bytes of unpacked data", "" + size);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) size);
            CRC32 sum = new CRC32();
            sum.update(bytes);
            if (sum.getValue() != entry.getCrc()) {
                throw new CorruptDataException(file + "!" + entry.getName(), 0, String.format("data with the checksum %08x", entry.getCrc()),
                        String.format("%08x", sum.getValue()));
            }
            return bytes;
        }
    }

    /** The array of a file's bytes. */
    private static Tensor read(Object file, MemorySegment bytes) throws IOException {
        NpyHeader header = NpyHeader.read(file, bytes);
        Shape shape = header.shape();
        Tensor tensor = Tensor.empty(header.type().dtype(), shape);
        TensorBytes.hold(tensor, "reading " + file, target -> {
            ByteBuffer chunk = TensorBytes.chunk(tensor).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer stored = ByteBuffer.allocate(chunk.capacity() / tensor.dtype().bytes() * header.type().bytes()).order(header.order());
            long[] index = new long[shape.rank()];
            long done = 0;
            while (target.begin(chunk)) {
                int count = chunk.remaining() / tensor.dtype().bytes();
                stored.clear();
                if (header.fortran()) {
                    gather(bytes, header, index, count, stored);
                } else {
                    long from = header.dataFrom() + done * header.type().bytes();
                    MemorySegment.copy(bytes, from, MemorySegment.ofBuffer(stored), 0, (long) count * header.type().bytes());
                    stored.position(count * header.type().bytes());
                }
                header.convert(stored.flip(), chunk, tensor.dtype());
                target.put(chunk.flip());
                done += count;
            }
        });
        tensor.buffer().touch();
        return tensor;
    }

    /** Copies the next elements in C order of an array whose first dimension varies fastest in memory. */
    private static void gather(MemorySegment bytes, NpyHeader header, long[] index, int count, ByteBuffer stored) {
        long[] dims = header.sizes();
        int width = header.type().bytes();
        for (int i = 0; i < count; i++) {
            long at = 0;
            for (int d = index.length - 1; d >= 0; d--) {
                at = at * dims[d] + index[d];
            }
            for (int b = 0; b < width; b++) {
                stored.put(bytes.get(ValueLayout.JAVA_BYTE, header.dataFrom() + at * width + b));
            }
            for (int d = index.length - 1; d >= 0 && ++index[d] == dims[d]; d--) {
                index[d] = 0;
            }
        }
    }

    // ---- writing ----

    /** Writes an NPY file. It appears under its name when it is complete and on the disk. */
    public static void write(Path file, Tensor tensor) throws IOException {
        AtomicFile.write(file, channel -> write(unclosed(channel), tensor));
    }

    /** Writes a compressed NPZ archive, the arrays in the map's order. It appears under its name when it is complete. */
    public static void writeAll(Path file, Map<String, Tensor> tensors) throws IOException {
        AtomicFile.write(file, channel -> {
            ZipOutputStream zip = new ZipOutputStream(unclosed(channel));
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                ZipEntry place = new ZipEntry(entry.getKey() + SUFFIX);
                place.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0)); // the same bytes every time
                zip.putNextEntry(place);
                write(zip, entry.getValue());
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    private static OutputStream unclosed(FileChannel channel) {
        return new FilterOutputStream(Channels.newOutputStream(channel)) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                out.write(bytes, from, count);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    private static void write(OutputStream out, Tensor tensor) throws IOException {
        if (tensor.isSymbolic()) {
            throw new IllegalArgumentException("npy: the tensor " + tensor.spec() + " is symbolic, it has no values");
        }
        out.write(header(tensor));
        TensorBytes.hold(tensor, "writing an array", bytes -> {
            ByteBuffer chunk = TensorBytes.chunk(tensor);
            while (bytes.begin(chunk)) {
                bytes.get(chunk);
                out.write(chunk.array(), 0, chunk.flip().remaining());
            }
        });
    }

    private static byte[] header(Tensor tensor) {
        String type = (tensor.dtype().isFloat() ? "<f" : "<i") + tensor.dtype().bytes();
        StringBuilder dims = new StringBuilder();
        for (long dim : tensor.shape().dims()) {
            dims.append(dim).append(", ");
        }
        String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dims.toString().strip() + "), }";
        int fixed = MAGIC.length + 4;
        int length = (fixed + text.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) ' ');
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (length - fixed)).put(text.getBytes(StandardCharsets.US_ASCII));
        bytes[length - 1] = '\n';
        return bytes;
    }

    static byte[] magic() {
        return MAGIC.clone();
    }
}
