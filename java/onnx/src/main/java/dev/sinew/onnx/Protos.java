package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/** Tensors in protobuf messages. */
final class Protos {
    /** Integers beyond are not exact in float64. */
    private static final long EXACT = 1L << 53;

    private Protos() {}

    /**
     * A constant.
     *
     * @param folder where files with external data lie; null: there are none
     * @throws OnnxException when the data are fewer or more than the sizes say
     */
    static Value read(TensorProto proto, Path folder) {
        String what = "tensor \"" + proto.getName() + "\"";
        ElementType type = ElementType.of(proto.getDataType(), what);
        long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long count = count(dims, what);
        if (proto.hasSegment()) {
            throw new UnsupportedOnnxException(what + ": tensors in segments are not supported");
        }
        if (count == 0) {
            return Value.empty(type, dims);
        }
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return values(type, external(proto, folder, count * type.bytes(), what), dims, count, what);
        }
        if (proto.hasRawData()) {
            return values(type, proto.getRawData().asReadOnlyByteBuffer(), dims, count, what);
        }
        return fields(proto, type, dims, count, what);
    }

    private static long count(long[] dims, String what) {
        if (dims.length > Shape.MAX_RANK) {
            throw new UnsupportedOnnxException(what + ": rank " + dims.length + ", the highest is " + Shape.MAX_RANK);
        }
        long count = 1;
        for (long dim : dims) {
            if (dim < 0 || dim > Integer.MAX_VALUE || count * dim > Integer.MAX_VALUE) {
                throw new OnnxException(what + ": sizes " + Arrays.toString(dims) + " are negative or too large");
            }
            count *= dim;
        }
        return count;
    }

    private static ByteBuffer external(TensorProto proto, Path folder, long bytes, String what) {
        String location = "";
        long offset = 0;
        long length = bytes;
        for (OnnxMl.StringStringEntryProto entry : proto.getExternalDataList()) {
            try {
                switch (entry.getKey()) {
                    case "location" -> location = entry.getValue();
                    case "offset" -> offset = Long.parseLong(entry.getValue());
                    case "length" -> length = Long.parseLong(entry.getValue());
                    default -> { }
                }
            } catch (NumberFormatException e) {
                throw new OnnxException(what + ": external data's " + entry.getKey() + " is \"" + entry.getValue() + "\"", e);
            }
        }
        if (folder == null || location.isEmpty() || length != bytes || offset < 0) {
            throw new OnnxException(what + ": external data need a location beside the model and " + bytes + " bytes, not \"" + location
                    + "\", offset " + offset + " and length " + length);
        }
        Path root = folder.toAbsolutePath().normalize();
        Path file = root.resolve(location).normalize();
        if (!file.startsWith(root)) {
            throw new OnnxException(what + ": external data in " + location + " are outside the model's folder");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (offset > channel.size() - bytes) {
                throw new OnnxException(what + ": " + file + " has " + channel.size() + " bytes, " + bytes + " from " + offset + " are needed");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes);
        } catch (IOException e) {
            throw new OnnxException(what + ": external data cannot be read: " + e, e);
        }
    }

    private static Value values(ElementType type, ByteBuffer raw, long[] dims, long count, String what) {
        ByteBuffer bytes = raw.order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() != count * type.bytes()) {
            throw new OnnxException(what + ": " + type + Arrays.toString(dims) + " needs " + count * type.bytes() + " bytes, not " + bytes.remaining());
        }
        int n = (int) count;
        if (type.carrier() == DType.F32) {
            float[] floats = new float[n];
            switch (type) {
                case FLOAT -> bytes.asFloatBuffer().get(floats);
                case FLOAT16 -> {
                    for (int i = 0; i < n; i++) {
                        floats[i] = Float.float16ToFloat(bytes.getShort());
                    }
                }
                default -> {
                    for (int i = 0; i < n; i++) {
                        floats[i] = Float.intBitsToFloat(bytes.getShort() << 16);
                    }
                }
            }
            return Value.of(type, Tensor.of(floats, dims));
        }
        double[] numbers = new double[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = switch (type) {
                case DOUBLE -> bytes.getDouble();
                case INT64 -> exact(bytes.getLong(), what);
                case UINT64 -> exact(unsigned(bytes.getLong(), what), what);
                case INT32 -> bytes.getInt();
                case UINT32 -> bytes.getInt() & 0xffffffffL;
                case INT16 -> bytes.getShort();
                case UINT16 -> bytes.getShort() & 0xffff;
                case UINT8 -> bytes.get() & 0xff;
                case BOOL -> bytes.get() == 0 ? 0 : 1;
                default -> bytes.get();
            };
        }
        return Value.of(type, Tensor.of(numbers, dims));
    }

    private static Value fields(TensorProto proto, ElementType type, long[] dims, long count, String what) {
        List<? extends Number> list = switch (type) {
            case FLOAT -> proto.getFloatDataList();
            case DOUBLE -> proto.getDoubleDataList();
            case INT64 -> proto.getInt64DataList();
            case UINT32, UINT64 -> proto.getUint64DataList();
            default -> proto.getInt32DataList();
        };
        if (list.size() != count) {
            throw new OnnxException(what + ": " + type + Arrays.toString(dims) + " needs " + count + " elements, not " + list.size());
        }
        double[] numbers = new double[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            Number number = list.get(i);
            numbers[i] = switch (type) {
                case FLOAT16 -> Float.float16ToFloat(number.shortValue());
                case BFLOAT16 -> Float.intBitsToFloat(number.intValue() << 16);
                case UINT64 -> exact(unsigned(number.longValue(), what), what);
                case INT64 -> exact(number.longValue(), what);
                default -> number.doubleValue();
            };
        }
        return Value.doubles(type, numbers, dims);
    }

    private static long unsigned(long value, String what) {
        if (value < 0) {
            throw new UnsupportedOnnxException(what + ": " + Long.toUnsignedString(value) + " is beyond 2^53");
        }
        return value;
    }

    /** An integer as float64; the ends of the range stand for "as far as possible" and stay that. */
    static double exact(long value, String what) {
        if (Math.abs(value) > EXACT && value < Long.MAX_VALUE - Integer.MAX_VALUE && value > Long.MIN_VALUE + Integer.MAX_VALUE) {
            throw new UnsupportedOnnxException(what + ": " + value + " is beyond 2^53");
        }
        return value;
    }

    /** A named constant; the type is one of Sinew's. */
    static TensorProto write(String name, Tensor tensor) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name);
        for (long dim : tensor.shape().dims()) {
            proto.addDims(dim);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.spec().bytes())).order(ByteOrder.LITTLE_ENDIAN);
        switch (tensor.dtype()) {
            case F32 -> {
                bytes.asFloatBuffer().put(tensor.toFloats());
                proto.setDataType(ElementType.FLOAT.code());
            }
            case F64 -> {
                bytes.asDoubleBuffer().put(tensor.toDoubles());
                proto.setDataType(ElementType.DOUBLE.code());
            }
            case I32 -> {
                bytes.asIntBuffer().put(tensor.toInts());
                proto.setDataType(ElementType.INT32.code());
            }
            case I64 -> {
                for (double value : tensor.toDoubles()) {
                    bytes.putLong((long) value);
                }
                bytes.rewind();
                proto.setDataType(ElementType.INT64.code());
            }
        }
        return proto.setRawData(ByteString.copyFrom(bytes)).build();
    }

    /** A named constant of integers. */
    static TensorProto longs(String name, long... values) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(ElementType.INT64.code()).addDims(values.length);
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return proto.setRawData(ByteString.copyFrom(bytes)).build();
    }
}
