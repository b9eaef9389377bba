package dev.sinew;

/** Element types. Computation is done in {@link #F32} (the product) or {@link #F64} (references and gradient checks). */
public enum DType {
    /** 32-bit IEEE 754. */
    F32(4, 0),
    /** 64-bit IEEE 754. */
    F64(8, 1),
    /** 32-bit integers: class labels and indices. */
    I32(4, 2),
    /** 64-bit integers: step counters; no operation computes with them. */
    I64(8, -1);

    private final int bytes;
    private final int code;

    DType(int bytes, int code) {
        this.bytes = bytes;
        this.code = code;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** Whether this is {@link #F32} or {@link #F64}. */
    public boolean isFloat() {
        return this == F32 || this == F64;
    }

    /**
     * The {@code dtype} of libsinew's argument structures.
     *
     * @hidden
     */
    public int code() {
        if (code < 0) {
            throw new IllegalArgumentException("no operation computes with " + this);
        }
        return code;
    }
}
