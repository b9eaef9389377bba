package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sinew.DType;

/**
 * ONNX's element types, and how Sinew computes with them: floating-point numbers up to 32 bits as float32, all others as
 * float64, which holds integers up to 2^53 exactly.
 */
public enum ElementType {
    /** 32-bit floating point. */
    FLOAT(DataType.FLOAT, DType.F32, DType.F32, 4),
    /** 8-bit unsigned integer. */
    UINT8(DataType.UINT8, DType.F64, DType.I32, 1),
    /** 8-bit integer. */
    INT8(DataType.INT8, DType.F64, DType.I32, 1),
    /** 16-bit unsigned integer. */
    UINT16(DataType.UINT16, DType.F64, DType.I32, 2),
    /** 16-bit integer. */
    INT16(DataType.INT16, DType.F64, DType.I32, 2),
    /** 32-bit integer. */
    INT32(DataType.INT32, DType.F64, DType.I32, 4),
    /** 64-bit integer. */
    INT64(DataType.INT64, DType.F64, DType.I64, 8),
    /** True or false: 1 or 0. */
    BOOL(DataType.BOOL, DType.F64, DType.I32, 1),
    /** 16-bit floating point; computed in 32 bits. */
    FLOAT16(DataType.FLOAT16, DType.F32, DType.F32, 2),
    /** 64-bit floating point. */
    DOUBLE(DataType.DOUBLE, DType.F64, DType.F64, 8),
    /** 32-bit unsigned integer. */
    UINT32(DataType.UINT32, DType.F64, DType.I64, 4),
    /** 64-bit unsigned integer. */
    UINT64(DataType.UINT64, DType.F64, DType.I64, 8),
    /** The upper half of a 32-bit floating-point number; computed in 32 bits. */
    BFLOAT16(DataType.BFLOAT16, DType.F32, DType.F32, 2);

    private final DataType code;
    private final DType carrier;
    private final DType outside;
    private final int bytes;

    ElementType(DataType code, DType carrier, DType outside, int bytes) {
        this.code = code;
        this.carrier = carrier;
        this.outside = outside;
        this.bytes = bytes;
    }

    /** The type of the tensors that {@link OnnxModel#run} takes and gives for it. */
    public DType tensorType() {
        return outside;
    }

    /** The type in which operators compute. */
    DType carrier() {
        return carrier;
    }

    /** Bytes of an element in a file. */
    int bytes() {
        return bytes;
    }

    boolean isFloat() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
    }

    boolean isInteger() {
        return !isFloat() && this != BOOL;
    }

    boolean isUnsigned() {
        return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
    }

    /** The number in files. */
    int code() {
        return code.getNumber();
    }

    /** The type of that number; what names its place in the message when there is none. */
    static ElementType of(int code, String what) {
        for (ElementType type : values()) {
            if (type.code() == code) {
                return type;
            }
        }
        DataType known = DataType.forNumber(code);
        throw new UnsupportedOnnxException(what + ": element type " + (known == null ? code : known) + " is not supported");
    }
}
