package dev.sinew;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The elements of a tensor in memory, read and written in logical order whatever their layout. */
record Elements(Spec spec, MemorySegment memory) {
    private interface Action {
        /** @param position the element's index in memory */
        void accept(int logical, long position);
    }

    static boolean inLogicalOrder(Spec spec) {
        return spec.layout() == Layout.ROW_MAJOR || spec.layoutIsImmaterial();
    }

    double get(long position) {
        return get(spec, memory, 0, position);
    }

    /** Element {@code position} of those that begin at a byte of some memory. Allocates nothing. */
    static double get(Spec spec, MemorySegment memory, long byteOffset, long position) {
        return switch (spec.dtype()) {
            case F32 -> memory.get(ValueLayout.JAVA_FLOAT, byteOffset + 4 * position);
            case F64 -> memory.get(ValueLayout.JAVA_DOUBLE, byteOffset + 8 * position);
            case I32 -> memory.get(ValueLayout.JAVA_INT, byteOffset + 4 * position);
            case I64 -> memory.get(ValueLayout.JAVA_LONG, byteOffset + 8 * position);
        };
    }

    /** Sets what {@link #get} reads, rounded to the type. Allocates nothing. */
    static void set(Spec spec, MemorySegment memory, long byteOffset, long position, double value) {
        switch (spec.dtype()) {
            case F32 -> memory.set(ValueLayout.JAVA_FLOAT, byteOffset + 4 * position, (float) value);
            case F64 -> memory.set(ValueLayout.JAVA_DOUBLE, byteOffset + 8 * position, value);
            case I32 -> memory.set(ValueLayout.JAVA_INT, byteOffset + 4 * position, (int) value);
            case I64 -> memory.set(ValueLayout.JAVA_LONG, byteOffset + 8 * position, (long) value);
        }
    }

    float[] toFloats() {
        float[] values = new float[arrayLength()];
        if (spec.dtype() == DType.F32 && inLogicalOrder(spec)) {
            MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
        } else {
            forEach((i, position) -> values[i] = (float) get(position));
        }
        return values;
    }

    double[] toDoubles() {
        double[] values = new double[arrayLength()];
        forEach((i, position) -> values[i] = get(position));
        return values;
    }

    int[] toInts() {
        int[] values = new int[arrayLength()];
        forEach((i, position) -> values[i] = (int) get(position));
        return values;
    }

    void write(float[] values) {
        if (inLogicalOrder(spec)) {
            MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        } else {
            forEach((i, position) -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, position, values[i]));
        }
    }

    void write(int[] values) {
        forEach((i, position) -> memory.setAtIndex(ValueLayout.JAVA_INT, position, values[i]));
    }

    /** Copies elements of the same type and shape. */
    void write(Elements source) {
        if (source.spec.layout() == spec.layout() || spec.layoutIsImmaterial()) {
            memory.copyFrom(source.memory);
        } else {
            double[] values = source.toDoubles();
            forEach((i, position) -> set(spec, memory, 0, position, values[i]));
        }
    }

    void fill(double value) {
        if (value == 0) {
            memory.fill((byte) 0);
            return;
        }
        for (long i = 0; i < spec.shape().count(); i++) {
            set(spec, memory, 0, i, value);
        }
    }

    private int arrayLength() {
        if (spec.shape().count() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("the tensor " + spec + " has too many elements for a Java array");
        }
        return (int) spec.shape().count();
    }

    private void forEach(Action action) {
        int count = arrayLength();
        if (inLogicalOrder(spec)) {
            for (int i = 0; i < count; i++) {
                action.accept(i, i);
            }
            return;
        }
        int i = 0;
        Shape shape = spec.shape();
        long[] s = spec.strides();
        for (long n = 0; n < shape.dim(0); n++) {
            for (long c = 0; c < shape.dim(1); c++) {
                for (long y = 0; y < shape.dim(2); y++) {
                    for (long x = 0; x < shape.dim(3); x++) {
                        action.accept(i++, n * s[0] + c * s[1] + y * s[2] + x * s[3]);
                    }
                }
            }
        }
    }
}
