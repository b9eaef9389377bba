package dev.sinew.io;

import dev.sinew.DType;
import java.nio.ByteBuffer;

/** Element types of files, little-endian, and the tensors that their elements become. */
enum StoredType {
    F32(4, DType.F32), F64(8, DType.F64), I32(4, DType.I32), I64(8, DType.I64), F16(2, DType.F32), BF16(2, DType.F32), I8(1, DType.I32),
    U8(1, DType.I32), I16(2, DType.I32), U16(2, DType.I32), U32(4, DType.I64), BOOL(1, DType.I32);

    private final int bytes;
    private final DType dtype;

    StoredType(int bytes, DType dtype) {
        this.bytes = bytes;
        this.dtype = dtype;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    /** The type that holds every value. */
    DType dtype() {
        return dtype;
    }

    /** The type of that name; null when there is none. */
    static StoredType of(String name) {
        for (StoredType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }

    /** Whether elements can be read as that type: exactly, or rounded from one floating-point type to another. */
    boolean fits(DType to) {
        return to == dtype || dtype.isFloat() && to.isFloat() || dtype == DType.I32 && to == DType.I64;
    }

    /** Reads elements, as many as fit into the target, and writes them as that type, both little-endian. */
    void convert(ByteBuffer from, ByteBuffer to, DType type) {
        while (to.hasRemaining()) {
            if (type.isFloat()) {
                double value = decimal(from);
                if (type == DType.F32) {
                    to.putFloat((float) value);
                } else {
                    to.putDouble(value);
                }
            } else if (type == DType.I32) {
                to.putInt((int) integer(from));
            } else {
                to.putLong(integer(from));
            }
        }
    }

    private double decimal(ByteBuffer from) {
        return switch (this) {
            case F16 -> Float.float16ToFloat(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
            case F32 -> from.getFloat();
            case F64 -> from.getDouble();
            default -> integer(from);
        };
    }

    private long integer(ByteBuffer from) {
        return switch (this) {
            case I8 -> from.get();
            case U8 -> from.get() & 0xff;
            case BOOL -> from.get() == 0 ? 0 : 1;
            case I16 -> from.getShort();
            case U16 -> from.getShort() & 0xffff;
            case I32 -> from.getInt();
            case U32 -> from.getInt() & 0xffffffffL;
            case I64 -> from.getLong();
            default -> throw new AssertionError(this);
        };
    }
}
