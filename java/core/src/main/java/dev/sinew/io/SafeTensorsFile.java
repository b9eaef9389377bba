package dev.sinew.io;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A safetensors file whose tensors are read one by one. Opening checks the whole header against the file's size, so that
 * nothing is allocated on the word of a damaged file.
 *
 * {@snippet :
 * try (var saved = SafeTensorsFile.open(file)) {
 *     saved.readInto("weight", weight);
 * }
 * }
 */
public final class SafeTensorsFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final Map<String, String> metadata;
    private final Map<String, SafeTensorsHeader.Entry> entries;

    private SafeTensorsFile(Path file, FileChannel channel, SafeTensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.metadata = Collections.unmodifiableMap(header.metadata());
        this.entries = header.entries();
    }

    /**
     * Opens a file for reading.
     *
     * @throws CorruptDataException when it is not what the format says, or has tensors of a type other than F32, F64, F16,
     *     BF16, the integers up to 32 bits, I64 and BOOL
     */
    public static SafeTensorsFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new SafeTensorsFile(file, channel, SafeTensorsHeader.read(file, channel));
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** The file's own notes. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The names of the tensors, in the order of the file. */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** The element type that {@link #read} gives: float32 for F16 and BF16, int32 or int64 for other integers and BOOL. */
    public DType dtype(String name) {
        return entry(name).type().dtype();
    }

    /** The sizes of a tensor; unlike a {@link Shape}'s they may be 0. */
    public long[] sizes(String name) {
        return entry(name).sizes().clone();
    }

    /**
     * The type and shape that {@link #read} gives.
     *
     * @throws CorruptDataException when it has no elements
     */
    public Spec spec(String name) throws CorruptDataException {
        return Spec.of(dtype(name), entry(name).shape(file, name));
    }

    private SafeTensorsHeader.Entry entry(String name) {
        SafeTensorsHeader.Entry entry = entries.get(Objects.requireNonNull(name, "name"));
        if (entry == null) {
            throw new IllegalArgumentException(file + " has no tensor \"" + name + "\"");
        }
        return entry;
    }

    /**
     * Reads a tensor. It belongs to the current scope.
     *
     * @throws IllegalArgumentException when there is no such tensor
     * @throws CorruptDataException when it has no elements
     */
    public Tensor read(String name) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        return readInto(name, Tensor.empty(entry.type().dtype(), entry.shape(file, name)));
    }

    /**
     * Reads a tensor into one that exists, of the same shape and any layout. Floating-point numbers are rounded to the
     * target's type; integers need one that holds them all.
     *
     * @return the target
     */
    public Tensor readInto(String name, Tensor target) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        if (!entry.type().fits(target.dtype()) || !target.shape().equals(entry.shape(file, name))) {
            throw new IllegalArgumentException("\"" + name + "\" of " + file + " is " + entry.describe() + ", which cannot be read into "
                    + target.spec());
        }
        TensorBytes.hold(target, "reading \"" + name + "\"", bytes -> {
            try {
                read(name, entry, target, bytes);
            } finally {
                target.buffer().touch();
            }
        });
        return target;
    }

    private void read(String name, SafeTensorsHeader.Entry entry, Tensor target, TensorBytes bytes) throws IOException {
        StoredType type = entry.type();
        boolean same = type.name().equals(target.dtype().name());
        long at = entry.from();
        ByteBuffer chunk = TensorBytes.chunk(target);
        while (bytes.begin(chunk)) {
            int count = chunk.remaining() / target.dtype().bytes();
            ByteBuffer stored = same ? chunk : ByteBuffer.allocate(count * type.bytes());
            while (stored.hasRemaining()) {
                int n = channel.read(stored, at);
                if (n < 0) {
                    throw new CorruptDataException(file, at, entry.to() - at + " more bytes of \"" + name + "\"", "the end of the file");
                }
                at += n;
            }
            if (!same) {
                type.convert(stored.flip().order(ByteOrder.LITTLE_ENDIAN), chunk.order(ByteOrder.LITTLE_ENDIAN), target.dtype());
            }
            bytes.put(chunk.flip());
        }
    }

    /** Closes the file. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
