package dev.sinew.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
    @TempDir
    private Path folder;

    private static byte[] file(int version, String header, byte... data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + (version == 1 ? 2 : 4) + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        return (version == 1 ? bytes.putShort((short) text.length) : bytes.putInt(text.length)).put(text).put(data).array();
    }

    private static String header(String type, boolean fortran, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" + shape + "), }\n";
    }

    private Tensor read(byte... content) throws IOException {
        return Npy.read(Files.write(folder.resolve("a.npy"), content));
    }

    @ParameterizedTest
    @CsvSource({"f2,2", "f4,4", "f8,8", "i1,1", "i2,2", "i4,4", "i8,8", "u1,1", "u2,2", "u4,4", "u8,8", "b1,1"})
    void everyTypeInBothByteOrdersAndAllVersions(String kind, int width) throws IOException {
        for (int version = 1; version <= 3; version++) {
            for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
                ByteBuffer data = ByteBuffer.allocate(2 * width).order(order);
                for (double value : new double[] {1, 0}) {
                    switch (kind) {
                        case "f2" -> data.putShort(Float.floatToFloat16((float) value));
                        case "f4" -> data.putFloat((float) value);
                        case "f8" -> data.putDouble(value);
                        default -> {
                            switch (width) {
                                case 1 -> data.put((byte) value);
                                case 2 -> data.putShort((short) value);
                                case 4 -> data.putInt((int) value);
                                default -> data.putLong((long) value);
                            }
                        }
                    }
                }
                String type = (width == 1 ? "|" : order == ByteOrder.BIG_ENDIAN ? ">" : "<") + kind;
                Tensor tensor = read(file(version, header(type, false, "2,"), data.array()));
                assertThat(tensor.toDoubles()).containsExactly(1, 0);
                DType wanted = switch (kind) {
                    case "f2", "f4" -> DType.F32;
                    case "f8" -> DType.F64;
                    case "i8", "u8", "u4" -> DType.I64;
                    default -> DType.I32;
                };
                assertThat(tensor.dtype()).isEqualTo(wanted);
            }
        }
    }

    @Test
    void fortranOrder() throws IOException {
        byte[] data = new byte[24];
        for (int i = 0; i < 24; i++) {
            data[i] = (byte) i;
        }
        Tensor c = read(file(1, header("|u1", false, "2, 3, 4"), data));
        Tensor fortran = read(file(1, header("|u1", true, "2, 3, 4"), data));
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 4; k++) {
                    assertThat(c.get(i, j, k)).isEqualTo(i * 12 + j * 4 + k);
                    assertThat(fortran.get(i, j, k)).isEqualTo(i + 2 * j + 6 * k);
                }
            }
        }
    }

    @Test
    void writtenAndReadAgain() throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> all = new LinkedHashMap<>();
            all.put("image", Tensor.normal(Shape.of(2, 3, 70, 90), 0, 1, 1));
            all.put("scalar", Tensor.full(DType.F64, Shape.scalar(), 0.1));
            all.put("labels", Tensor.of(new int[] {1, -2, 3}, 3));
            all.put("step", Tensor.of(new long[] {1L << 40}, 1));
            all.put("large", Tensor.uniform(Shape.of(700_001), 0, 1, 2));
            Path npz = folder.resolve("all.npz");
            Npy.writeAll(npz, all);
            Map<String, Tensor> again = Npy.readAll(npz);
            assertThat(again.keySet()).containsExactlyElementsOf(all.keySet());
            for (Map.Entry<String, Tensor> entry : all.entrySet()) {
                assertThat(again.get(entry.getKey()).spec()).isEqualTo(entry.getValue().spec());
                assertThat(again.get(entry.getKey()).toDoubles()).isEqualTo(entry.getValue().toDoubles());
                Path npy = folder.resolve("one.npy");
                Npy.write(npy, entry.getValue());
                assertThat(Npy.read(npy).toDoubles()).isEqualTo(entry.getValue().toDoubles());
            }
            byte[] bytes = Files.readAllBytes(folder.resolve("one.npy"));
            assertThat(new String(bytes, 10, 70, StandardCharsets.US_ASCII)).startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (700001,), }");
            assertThat(bytes.length).isEqualTo(128 + 4 * 700_001);
        }
    }

    /** Channels-last memory is written in logical order. */
    @Test
    void layoutsDoNotMatter() throws IOException {
        Tensor x = Tensor.normal(Shape.of(1, 2, 3, 4), 0, 1, 1);
        Tensor last = dev.sinew.op.Convert.to(dev.sinew.Layout.CHANNELS_LAST, x);
        Npy.write(folder.resolve("x.npy"), last);
        assertThat(Npy.read(folder.resolve("x.npy")).toFloats()).isEqualTo(x.toFloats());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "<c8; 2; 16; found '<c8'", "<U4; 1; 16; found '<U4'", "|O; 1; 8; found '|O'", "<M8[ns]; 1; 8; found '<M8[ns]'", "<f4; 2; 7; found 7 bytes",
        "<f4; 2; 9; found 9 bytes", "<f4; 0,; 0; an array with elements", "<f4; -1,; 4; sizes that are whole numbers",
        "<f4; 1,1,1,1,1,1,1,1,1; 4; a rank of 8 at most", "<f4; 99999999999,99999999999; 4; at most 2^40 elements", "<f4; 1 2; 4; whole numbers"})
    void brokenFilesAreRefused(String type, String shape, int bytes, String message) {
        assertThatThrownBy(() -> read(file(1, header(type, false, shape), new byte[bytes]))).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(message);
    }

    @Test
    void otherDamageIsRefused() throws IOException {
        assertThatThrownBy(() -> read()).hasMessageContaining("an NPY file's header");
        assertThatThrownBy(() -> read("not a numpy file".getBytes(StandardCharsets.US_ASCII))).hasMessageContaining("\\x93NUMPY");
        assertThatThrownBy(() -> read(file(4, header("<f4", false, "1,"), new byte[4]))).hasMessageContaining("version 1, 2 or 3, found 4");
        assertThatThrownBy(() -> read(file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new byte[4])))
                .hasMessageContaining("records [('a', '<f4')]");
        assertThatThrownBy(() -> read(file(1, "{'descr': '<f4', 'shape': (1,), }", new byte[4]))).hasMessageContaining("the key 'fortran_order'");
        assertThatThrownBy(() -> read(file(1, header("<u8", false, "1,"), new byte[] {0, 0, 0, 0, 0, 0, 0, -128})))
                .hasMessageContaining("integers below 2^63, found 9223372036854775808");
        byte[] long1 = file(1, header("<f4", false, "1,"), new byte[4]);
        long1[9] = 100;
        assertThatThrownBy(() -> read(long1)).hasMessageContaining("a header of at most");
        Path zip = folder.resolve("bad.npz");
        Files.write(zip, new byte[100]);
        assertThatThrownBy(() -> Npy.readAll(zip)).isInstanceOf(CorruptDataException.class).hasMessageContaining("a ZIP archive");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("readme.txt"));
            out.putNextEntry(new ZipEntry("x.npy"));
            out.write(file(1, header("|b1", false, ""), (byte) 1));
        }
        assertThat(Npy.readAll(zip)).hasSize(1);
        assertThat(Npy.readAll(zip).get("x").item()).isEqualTo(1);
        Npy.writeAll(zip, Map.of("x", Tensor.scalar(3.5)));
        byte[] bytes = Files.readAllBytes(zip);
        // the checksum in the directory at the archive's end
        int at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 6) + 16;
        bytes[at] ^= 1;
        Files.write(zip, bytes);
        assertThatThrownBy(() -> Npy.readAll(zip)).isInstanceOf(CorruptDataException.class).hasMessageContaining("data with the checksum");
    }
}
