package dev.sinew.io;

import dev.sinew.DType;
import dev.sinew.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of an NPY file, checked against the file's size.
 *
 * @param type of the elements; unsigned 64-bit integers count as I64
 * @param unsigned64 whether the elements are unsigned 64-bit integers
 * @param dataFrom the byte at which the elements begin
 */
record NpyHeader(Object file, StoredType type, boolean unsigned64, ByteOrder order, boolean fortran, long[] sizes, long dataFrom) {
    private static final int MOST_HEADER = 1 << 20;
    /** A number, without a sign, and what NumPy 1 and Python 2 put behind. */
    private static final Pattern SIZE = Pattern.compile("\\s*(\\d{1,18})L?\\s*");

    static NpyHeader read(Object file, MemorySegment bytes) throws IOException {
        byte[] magic = Npy.magic();
        if (bytes.byteSize() < magic.length + 4) {
            throw new CorruptDataException(file, bytes.byteSize(), "an NPY file's header", "the end of the file");
        }
        for (int i = 0; i < magic.length; i++) {
            if (bytes.get(ValueLayout.JAVA_BYTE, i) != magic[i]) {
                throw new CorruptDataException(file, i, "\\x93NUMPY", "another byte");
            }
        }
        int version = bytes.get(ValueLayout.JAVA_BYTE, magic.length);
        if (version < 1 || version > 3) {
            throw new CorruptDataException(file, magic.length, "version 1, 2 or 3", "" + version);
        }
        int at = magic.length + 2;
        ValueLayout.OfShort two = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        ValueLayout.OfInt four = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        if (version > 1 && bytes.byteSize() < at + 4) {
            throw new CorruptDataException(file, bytes.byteSize(), "the header's length", "the end of the file");
        }
        long length = version == 1 ? bytes.get(two, at) & 0xffff : bytes.get(four, at) & 0xffffffffL;
        int from = at + (version == 1 ? 2 : 4);
        if (length > Math.min(MOST_HEADER, bytes.byteSize() - from)) {
            throw new CorruptDataException(file, at, "a header of at most " + Math.min(MOST_HEADER, bytes.byteSize() - from) + " bytes", "" + length);
        }
        String text = new String(bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE),
                version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        return parse(file, text, from, from + length, bytes.byteSize());
    }

    /** The header is a Python dictionary with three keys, in any order. */
    private static NpyHeader parse(Object file, String text, long textFrom, long dataFrom, long fileSize) throws CorruptDataException {
        String descr = find(file, text, textFrom, "descr", "(\\[.*\\]|'[^']*'|\"[^\"]*\")");
        String fortran = find(file, text, textFrom, "fortran_order", "(True|False)");
        String shape = find(file, text, textFrom, "shape", "\\(([^)]*)\\)");
        if (descr.startsWith("[")) {
            throw new CorruptDataException(file, textFrom, "an array of numbers", "records " + shortened(descr));
        }
        String word = descr.substring(1, descr.length() - 1);
        char order = word.isEmpty() ? ' ' : word.charAt(0);
        String kind = order == '<' || order == '>' || order == '=' || order == '|' ? word.substring(1) : word;
        StoredType type = type(kind);
        if (type == null) {
            throw new CorruptDataException(file, textFrom, "floating-point numbers of 16, 32 or 64 bits, integers or bool", "'" + shortened(word) + "'");
        }
        ByteOrder bytes = order == '>' ? ByteOrder.BIG_ENDIAN : order == '=' ? ByteOrder.nativeOrder() : ByteOrder.LITTLE_ENDIAN;
        long[] sizes = sizes(file, shape, textFrom);
        NpyHeader header = new NpyHeader(file, type, kind.equals("u8"), bytes, fortran.equals("True"), sizes, dataFrom);
        header.checkSize(fileSize);
        return header;
    }

    private static String find(Object file, String text, long from, String key, String value) throws CorruptDataException {
        Matcher matcher = Pattern.compile("['\"]" + key + "['\"]\\s*:\\s*" + value).matcher(text);
        if (!matcher.find()) {
            throw new CorruptDataException(file, from, "a dictionary with the key '" + key + "'", shortened(text));
        }
        return matcher.group(1);
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }

    private static StoredType type(String kind) {
        return switch (kind) {
            case "f2" -> StoredType.F16;
            case "f4" -> StoredType.F32;
            case "f8" -> StoredType.F64;
            case "i1" -> StoredType.I8;
            case "i2" -> StoredType.I16;
            case "i4" -> StoredType.I32;
            case "i8", "u8" -> StoredType.I64;
            case "u1" -> StoredType.U8;
            case "u2" -> StoredType.U16;
            case "u4" -> StoredType.U32;
            case "b1" -> StoredType.BOOL;
            default -> null;
        };
    }

    private static long[] sizes(Object file, String shape, long from) throws CorruptDataException {
        if (shape.isBlank()) {
            return new long[0];
        }
        String[] parts = shape.strip().split(",");
        long[] sizes = new long[parts.length];
        if (sizes.length > Shape.MAX_RANK) {
            throw new CorruptDataException(file, from, "a rank of " + Shape.MAX_RANK + " at most", "" + sizes.length);
        }
        for (int i = 0; i < sizes.length; i++) {
            Matcher matcher = SIZE.matcher(parts[i]);
            if (!matcher.matches()) {
                throw new CorruptDataException(file, from, "sizes that are whole numbers", "(" + shortened(shape) + ")");
            }
            sizes[i] = Long.parseLong(matcher.group(1));
        }
        return sizes;
    }

    private void checkSize(long fileSize) throws CorruptDataException {
        long count = 1;
        for (long size : sizes) {
            if (size == 0) {
                throw new CorruptDataException(file, dataFrom, "an array with elements", "shape " + Arrays.toString(sizes));
            }
            if (size > Shape.MAX_ELEMENTS / count) {
                throw new CorruptDataException(file, dataFrom, "at most 2^40 elements", "shape " + Arrays.toString(sizes));
            }
            count *= size;
        }
        if (count * type.bytes() != fileSize - dataFrom) {
            throw new CorruptDataException(file, dataFrom, count * type.bytes() + " bytes of shape " + Arrays.toString(sizes),
                    fileSize - dataFrom + " bytes");
        }
    }

    Shape shape() {
        return Shape.of(sizes);
    }

    /** Converts elements as {@link StoredType#convert} does. */
    void convert(ByteBuffer from, ByteBuffer to, DType dtype) throws CorruptDataException {
        if (unsigned64) {
            for (int i = from.position(); i < from.limit(); i += Long.BYTES) {
                if (from.getLong(i) < 0) {
                    throw new CorruptDataException(file, dataFrom, "integers below 2^63", Long.toUnsignedString(from.getLong(i)));
                }
            }
        }
        type.convert(from, to, dtype);
    }
}
