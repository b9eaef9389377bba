package dev.sinew.io;

import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The contents of a file of named tensors in the <a href="https://github.com/huggingface/safetensors">safetensors</a>
 * format: 8 bytes (little-endian) with the header's length, a header in JSON with type, shape and place of every tensor,
 * the tensors' elements in logical order (N, C, H, W), little-endian.
 *
 * {@snippet :
 * SafeTensors.write(file, Map.of("epoch", "7"), Map.of("weight", weight));
 * Tensor weight = SafeTensors.read(file).tensors().get("weight");
 * }
 *
 * @param metadata the file's own notes
 * @param tensors by name, in the order of the file
 */
public record SafeTensors(Map<String, String> metadata, Map<String, Tensor> tensors) {
    /** The longest header, in bytes. */
    public static final long MAX_HEADER_BYTES = 100_000_000;

    /** Takes over the maps' contents as they are. */
    public SafeTensors {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * Reads a whole file; {@link SafeTensorsFile} reads parts of one. The tensors belong to the current scope.
     *
     * @throws CorruptDataException when it is not what the format says, has a tensor without elements, or of a type that
     *     {@link SafeTensorsFile#open} refuses
     */
    public static SafeTensors read(Path file) throws IOException {
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String name : opened.names()) {
                tensors.put(name, opened.read(name));
            }
            return new SafeTensors(opened.metadata(), tensors);
        }
    }

    /**
     * Writes a file. The same tensors and metadata always give the same bytes. The file appears under its name when it is
     * complete and on the disk; an older one of that name stays until then.
     *
     * @param metadata the file's own notes
     * @param tensors with values, of any layout; a name may not be {@code __metadata__}
     * @throws IllegalArgumentException when the header would be longer than {@link #MAX_HEADER_BYTES}
     */
    public static void write(Path file, Map<String, String> metadata, Map<String, Tensor> tensors) throws IOException {
        List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
        for (Map.Entry<String, Tensor> entry : ordered) {
            Objects.requireNonNull(entry.getValue(), () -> "tensor \"" + entry.getKey() + "\"");
            if (entry.getValue().isSymbolic()) {
                throw new IllegalArgumentException("tensor \"" + entry.getKey() + "\" is symbolic, it has no values");
            }
            if (entry.getKey().equals(SafeTensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be named " + SafeTensorsHeader.METADATA);
            }
        }
        // the widest elements first, so that all are aligned in the file
        ordered.sort(Comparator.<Map.Entry<String, Tensor>>comparingInt(entry -> -entry.getValue().dtype().bytes())
                .thenComparing(entry -> entry.getValue().dtype()).thenComparing(Map.Entry::getKey));
        byte[] header = SafeTensorsHeader.write(ordered, metadata);
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length));
            AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
            for (Map.Entry<String, Tensor> entry : ordered) {
                TensorBytes.hold(entry.getValue(), "writing \"" + entry.getKey() + "\"", bytes -> {
                    ByteBuffer chunk = TensorBytes.chunk(entry.getValue());
                    while (bytes.begin(chunk)) {
                        bytes.get(chunk);
                        AtomicFile.writeFully(channel, chunk.flip());
                    }
                });
            }
        });
    }
}
