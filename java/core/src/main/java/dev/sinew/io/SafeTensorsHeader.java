package dev.sinew.io;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file, checked.
 *
 * @param entries by name, in the order in which they lie in the file
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, SafeTensorsHeader.Entry> entries) {
    static final String METADATA = "__metadata__";

    private static final int LENGTH_BYTES = 8;
    private static final List<StoredType> TYPES = List.of(StoredType.values());

    /** Where a tensor lies: bytes {@code from} up to {@code to} of the file. */
    record Entry(StoredType type, long[] sizes, long from, long to) {
        Shape shape(Path file, String name) throws CorruptDataException {
            for (long size : sizes) {
                if (size == 0) {
                    throw new CorruptDataException(file, from, "\"" + name + "\" to have elements", describe());
                }
            }
            return Shape.of(sizes);
        }

        String describe() {
            return type.name().toLowerCase(Locale.ROOT) + Arrays.toString(sizes);
        }
    }

    // ---- reading ----

    static SafeTensorsHeader read(Path file, FileChannel channel) throws IOException {
        long fileSize = channel.size();
        if (fileSize < LENGTH_BYTES) {
            throw new CorruptDataException(file, fileSize, "8 bytes with the header's length", "the end of the file");
        }
        long length = readFully(file, channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        long most = Math.min(SafeTensors.MAX_HEADER_BYTES, fileSize - LENGTH_BYTES);
        if (length < 2 || length > most) {
            throw new CorruptDataException(file, 0, "a header length from 2 to " + most, Long.toUnsignedString(length));
        }
        Parser parser = new Parser(file, LENGTH_BYTES + length, fileSize);
        return parser.parse(readFully(file, channel, LENGTH_BYTES, (int) length));
    }

    private static ByteBuffer readFully(Path file, FileChannel channel, long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new CorruptDataException(file, at + buffer.position(), buffer.remaining() + " more bytes", "the end of the file");
            }
        }
        return buffer.flip();
    }

    private record Parser(Path file, long dataFrom, long fileSize) {
        SafeTensorsHeader parse(ByteBuffer bytes) throws CorruptDataException {
            Object parsed;
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
                parsed = Json.parse(text);
            } catch (CharacterCodingException e) {
                throw corrupt("a header in UTF-8", e.toString(), e);
            } catch (Json.SyntaxException e) {
                // counted in characters, which are bytes unless a name has others than ASCII
                throw new CorruptDataException(file, LENGTH_BYTES + (long) e.position(), "a header in JSON", e.getMessage(), e);
            }
            if (!(parsed instanceof Map<?, ?> map)) {
                throw corrupt("a JSON object as the header", kind(parsed), null);
            }
            Map<String, String> metadata = Map.of();
            List<Map.Entry<String, Entry>> entries = new ArrayList<>();
            for (Map.Entry<?, ?> item : map.entrySet()) {
                String name = (String) item.getKey();
                if (name.equals(METADATA)) {
                    metadata = metadata(item.getValue());
                } else {
                    entries.add(Map.entry(name, entry(name, item.getValue())));
                }
            }
            return new SafeTensorsHeader(metadata, inOrder(entries));
        }

        private CorruptDataException corrupt(String expected, String found, Throwable cause) {
            return new CorruptDataException(file, LENGTH_BYTES, expected, found, cause);
        }

        private Map<String, String> metadata(Object value) throws CorruptDataException {
            if (!(value instanceof Map<?, ?> map)) {
                throw corrupt("an object of strings as " + METADATA, kind(value), null);
            }
            Map<String, String> metadata = new LinkedHashMap<>();
            for (Map.Entry<?, ?> item : map.entrySet()) {
                if (!(item.getValue() instanceof String string)) {
                    throw corrupt("a string as \"" + item.getKey() + "\" of " + METADATA, kind(item.getValue()), null);
                }
                metadata.put((String) item.getKey(), string);
            }
            return metadata;
        }

        private Entry entry(String name, Object value) throws CorruptDataException {
            if (!(value instanceof Map<?, ?> map) || map.size() != 3) {
                throw corrupt("dtype, shape and data_offsets of \"" + name + "\"", kind(value), null);
            }
            if (!(map.get("dtype") instanceof String word) || StoredType.of(word) == null) {
                throw corrupt("the dtype of \"" + name + "\" to be one of " + TYPES, String.valueOf(map.get("dtype")), null);
            }
            StoredType type = StoredType.of(word);
            long[] sizes = longs(name, "shape", map.get("shape"));
            long[] offsets = longs(name, "data_offsets", map.get("data_offsets"));
            if (sizes.length > Shape.MAX_RANK) {
                throw corrupt("the shape of \"" + name + "\" to have rank " + Shape.MAX_RANK + " at most", "" + sizes.length, null);
            }
            if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > fileSize - dataFrom) {
                throw corrupt("data_offsets of \"" + name + "\" that begin before they end, within " + (fileSize - dataFrom) + " bytes",
                        Arrays.toString(offsets), null);
            }
            long bytes = bytes(type, sizes);
            if (bytes != offsets[1] - offsets[0]) {
                throw corrupt("data_offsets of \"" + name + "\" that span the " + (bytes < 0 ? "(too many)" : "" + bytes) + " bytes of "
                        + type + Arrays.toString(sizes), Arrays.toString(offsets), null);
            }
            return new Entry(type, sizes, dataFrom + offsets[0], dataFrom + offsets[1]);
        }

        private long[] longs(String name, String field, Object value) throws CorruptDataException {
            if (!(value instanceof List<?> list)) {
                throw corrupt("a list as " + field + " of \"" + name + "\"", kind(value), null);
            }
            long[] longs = new long[list.size()];
            for (int i = 0; i < longs.length; i++) {
                if (!(list.get(i) instanceof Long number) || number < 0) {
                    throw corrupt("whole numbers as " + field + " of \"" + name + "\"", String.valueOf(list.get(i)), null);
                }
                longs[i] = number;
            }
            return longs;
        }

        /** The bytes of a tensor, -1 when they are more than one can have. */
        private static long bytes(StoredType type, long[] sizes) {
            long count = 1;
            for (long size : sizes) {
                if (size == 0) {
                    return 0;
                }
            }
            for (long size : sizes) {
                if (size > Shape.MAX_ELEMENTS / count) {
                    return -1;
                }
                count *= size;
            }
            return count * type.bytes();
        }

        /** The tensors by their place: each must begin where the one before it ends, and the last end with the file. */
        private Map<String, Entry> inOrder(List<Map.Entry<String, Entry>> entries) throws CorruptDataException {
            entries.sort(Comparator.<Map.Entry<String, Entry>>comparingLong(entry -> entry.getValue().from)
                    .thenComparingLong(entry -> entry.getValue().to));
            Map<String, Entry> ordered = new LinkedHashMap<>();
            long end = dataFrom;
            for (Map.Entry<String, Entry> entry : entries) {
                if (entry.getValue().from != end) {
                    throw new CorruptDataException(file, end, "\"" + entry.getKey() + "\" to begin here, where the tensor before it ends",
                            "its beginning at byte " + entry.getValue().from + (entry.getValue().from < end ? " (they overlap)" : " (a gap)"));
                }
                end = entry.getValue().to;
                ordered.put(entry.getKey(), entry.getValue());
            }
            if (end != fileSize) {
                throw new CorruptDataException(file, end, "the end of the file after the last tensor", fileSize - end + " more bytes");
            }
            return ordered;
        }

        private static String kind(Object value) {
            String text = String.valueOf(value);
            return text.length() > 80 ? text.substring(0, 80) + "..." : text;
        }
    }

    // ---- writing ----

    /** The header's bytes, padded by spaces so that the data is aligned. */
    static byte[] write(List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(METADATA, new TreeMap<>(metadata));
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors) {
            Tensor tensor = entry.getValue();
            long end = offset + tensor.spec().bytes();
            Map<String, Object> place = new LinkedHashMap<>();
            place.put("dtype", tensor.dtype().name());
            place.put("shape", Arrays.stream(tensor.shape().dims()).boxed().toList());
            place.put("data_offsets", List.of(offset, end));
            header.put(entry.getKey(), place);
            offset = end;
        }
        byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        if (padded.length > SafeTensors.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("safetensors: the header would take " + padded.length + " bytes, the most is " + SafeTensors.MAX_HEADER_BYTES);
        }
        return padded;
    }
}
