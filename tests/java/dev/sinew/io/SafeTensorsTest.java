package dev.sinew.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.op.Convert;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Scoped.class)
class SafeTensorsTest {
    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("weights.safetensors");
    }

    private static Map<String, Tensor> small() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensor.of(new float[] {1.5f, -2, 3}, 3));
        tensors.put("a", Tensor.of(new float[] {4, 5}, 2, 1));
        tensors.put("step", Tensor.of(new long[] {Long.MIN_VALUE + 7}));
        tensors.put("labels", Tensor.of(new int[] {-1, 2}, 2));
        tensors.put("exact", Tensor.of(new double[] {0.1, Double.NaN}, 2));
        return tensors;
    }

    /** A file with that header and so many bytes of data. */
    private void write(String header, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array());
    }

    private CorruptDataException refused() {
        CorruptDataException e = catchThrowableOfType(CorruptDataException.class, () -> SafeTensors.read(file));
        assertThat(e).as("what was thrown").isNotNull();
        assertThat(e.file()).isEqualTo(file.toString());
        return e;
    }

    @Test
    void roundTrip() throws IOException {
        SafeTensors.write(file, Map.of("format", "pt", "naïve \"key\"", "a\nb"), small());
        SafeTensors read = SafeTensors.read(file);
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "naïve \"key\"", "a\nb"));
        assertThat(read.tensors().keySet()).containsExactly("exact", "step", "a", "b", "labels");
        assertThat(read.tensors().get("a").spec()).isEqualTo(Spec.of(DType.F32, Shape.of(2, 1)));
        assertThat(read.tensors().get("b").toFloats()).containsExactly(1.5f, -2, 3);
        assertThat(read.tensors().get("exact").toDoubles()).containsExactly(0.1, Double.NaN);
        assertThat(read.tensors().get("labels").toInts()).containsExactly(-1, 2);
        assertThat(read.tensors().get("step").spec()).isEqualTo(Spec.of(DType.I64, Shape.scalar()));
        Path again = folder.resolve("again");
        SafeTensors.write(again, read.metadata(), read.tensors());
        assertThat(again).hasSameBinaryContentAs(file);
    }

    /** Bytes as the format's description says, put together by hand. */
    @Test
    void theBytes() throws IOException {
        SafeTensors.write(file, Map.of("k", "v"), Map.of("w", Tensor.of(new float[] {1, -2}, 1, 2), "n", Tensor.of(new int[] {7}, 1)));
        String header = "{\"__metadata__\":{\"k\":\"v\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                + "\"n\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
        header += " ".repeat(-header.length() & 7);
        ByteBuffer expected = ByteBuffer.allocate(8 + header.length() + 12).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length())
                .put(header.getBytes(StandardCharsets.UTF_8)).putFloat(1).putFloat(-2).putInt(7);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void theSameTensorsGiveTheSameBytes() throws IOException {
        Map<String, Tensor> tensors = small();
        SafeTensors.write(file, Map.of("x", "1", "y", "2"), tensors);
        Map<String, Tensor> reversed = new LinkedHashMap<>();
        tensors.keySet().stream().toList().reversed().forEach(name -> reversed.put(name, tensors.get(name)));
        Path other = folder.resolve("other");
        SafeTensors.write(other, Map.of("y", "2", "x", "1"), reversed);
        assertThat(other).hasSameBinaryContentAs(file);
    }

    @Test
    void nothingAtAll() throws IOException {
        SafeTensors.write(file, Map.of(), Map.of());
        assertThat(SafeTensors.read(file).tensors()).isEmpty();
        assertThat(SafeTensors.read(file).metadata()).isEmpty();
        write("{}", 0);
        assertThat(SafeTensors.read(file).tensors()).isEmpty();
    }

    @Test
    void channelsLastTensorsAreWrittenInLogicalOrder() throws IOException {
        float[] values = new float[2 * 3 * 4 * 5];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Tensor image = Convert.to(Layout.CHANNELS_LAST, Tensor.of(values, 2, 3, 4, 5));
        SafeTensors.write(file, Map.of(), Map.of("image", image));
        assertThat(SafeTensors.read(file).tensors().get("image").toFloats()).isEqualTo(values);
        Tensor target = Tensor.empty(image.spec());
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            assertThat(opened.readInto("image", target)).isSameAs(target);
        }
        assertThat(target.spec().layout()).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(target.toFloats()).isEqualTo(values);
    }

    @ParameterizedTest
    @ValueSource(longs = {262_143, 262_144, 262_145, 1_000_000})
    void moreThanAChunk(long count) throws IOException {
        float[] values = new float[(int) count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        SafeTensors.write(file, Map.of(), Map.of("long", Tensor.of(values, count)));
        assertThat(Files.size(file) % 8).isEqualTo(count * 4 % 8);
        assertThat(SafeTensors.read(file).tensors().get("long").toFloats()).isEqualTo(values);
    }

    @Test
    void everyBitOfANumberIsKept() throws IOException {
        int[] bits = {0x7FA00001, 0x7FC12345, 0xFF800000, 0x80000000, 1};
        float[] values = new float[bits.length];
        Tensor tensor = Tensor.of(values, values.length);
        for (int i = 0; i < bits.length; i++) {
            tensor.buffer().memory().setAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, i, bits[i]);
        }
        SafeTensors.write(file, Map.of(), Map.of("x", tensor));
        Tensor read = SafeTensors.read(file).tensors().get("x");
        for (int i = 0; i < bits.length; i++) {
            assertThat(read.buffer().memory().getAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, i)).isEqualTo(bits[i]);
        }
    }

    @Test
    void oneByOne() throws IOException {
        SafeTensors.write(file, Map.of("k", "v"), small());
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            assertThat(opened.metadata()).containsEntry("k", "v");
            assertThat(opened.names()).contains("a", "step");
            assertThat(opened.dtype("step")).isEqualTo(DType.I64);
            assertThat(opened.sizes("a")).containsExactly(2, 1);
            Tensor target = Tensor.zeros(3);
            int version = target.buffer().version();
            opened.readInto("b", target);
            assertThat(target.toFloats()).containsExactly(1.5f, -2, 3);
            assertThat(target.buffer().version()).isGreaterThan(version);
            assertThatIllegalArgumentException().isThrownBy(() -> opened.read("c")).withMessage(file + " has no tensor \"c\"");
            assertThatIllegalArgumentException().isThrownBy(() -> opened.readInto("b", Tensor.zeros(2)))
                    .withMessage("\"b\" of " + file + " is f32[3], which cannot be read into f32[2]");
            assertThat(opened.readInto("exact", Tensor.zeros(2)).toFloats()).hasSize(2);
            assertThatIllegalArgumentException().isThrownBy(() -> opened.readInto("step", Tensor.scalar(0)))
                    .withMessageEndingWith("is i64[], which cannot be read into f32[]");
            Tensor symbol = new Graph().input("x", Spec.of(DType.F32, Shape.of(3)));
            assertThatIllegalArgumentException().isThrownBy(() -> opened.readInto("b", symbol)).withMessageContaining("symbolic");
            assertThatThrownBy(() -> opened.read(null)).isInstanceOf(NullPointerException.class);
            Tensor closed;
            try (Scope inner = Scope.open()) {
                closed = Tensor.zeros(3);
                assertThat(inner).isNotNull();
            }
            assertThatThrownBy(() -> opened.readInto("b", closed)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** A whole new file takes the name; whoever has the old one open goes on reading that. */
    @Test
    void anOpenFileIsNotDisturbedByANewOne() throws IOException {
        SafeTensors.write(file, Map.of(), Map.of("x", Tensor.of(new float[] {1}, 1)));
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            SafeTensors.write(file, Map.of(), Map.of("x", Tensor.of(new float[] {2}, 1)));
            assertThat(opened.read("x").item()).isEqualTo(1);
        }
        assertThat(SafeTensors.read(file).tensors().get("x").item()).isEqualTo(2);
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        SafeTensors.write(file, Map.of(), Map.of("x", Tensor.of(new float[] {1}, 1)));
        byte[] old = Files.readAllBytes(file);
        Tensor closed;
        try (Scope inner = Scope.open()) {
            closed = Tensor.zeros(3);
            assertThat(inner).isNotNull();
        }
        assertThatThrownBy(() -> SafeTensors.write(file, Map.of(), Map.of("x", Tensor.zeros(100), "y", closed))).isInstanceOf(IllegalStateException.class);
        Tensor symbol = new Graph().input("x", Spec.of(DType.F32, Shape.of(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> SafeTensors.write(file, Map.of(), Map.of("s", symbol))).withMessageContaining("\"s\" is symbolic");
        assertThatIllegalArgumentException().isThrownBy(() -> SafeTensors.write(file, Map.of(), Map.of("__metadata__", Tensor.zeros(1))));
        assertThat(file).hasBinaryContent(old);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThatThrownBy(() -> SafeTensors.write(folder, Map.of(), Map.of())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SafeTensors.write(folder.resolve("no/file"), Map.of(), Map.of())).isInstanceOf(IOException.class);
    }

    @Test
    void othersMayReadTheFile() throws IOException {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        SafeTensors.write(file, Map.of(), small());
        Path plain = Files.createFile(folder.resolve("plain"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo(PosixFilePermissions.toString(Files.getPosixFilePermissions(plain)));
    }

    // ---- damaged files ----

    @Test
    void truncatedAnywhere() throws IOException {
        SafeTensors.write(file, Map.of("k", "v"), small());
        byte[] contents = Files.readAllBytes(file);
        for (int length = 0; length < contents.length; length++) {
            Files.write(file, Arrays.copyOf(contents, length));
            refused();
        }
        Files.write(file, Arrays.copyOf(contents, contents.length + 1));
        assertThat(refused()).hasMessageContaining("expected the end of the file after the last tensor, found 1 more bytes");
    }

    /** Any bit may flip: the file is read then, or refused; nothing else happens. */
    @Test
    void flippedBits() throws IOException {
        SafeTensors.write(file, Map.of("k", "v"), small());
        byte[] contents = Files.readAllBytes(file);
        int refused = 0;
        for (int bit = 0; bit < contents.length * 8; bit++) {
            byte[] flipped = contents.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            try {
                assertThat(SafeTensors.read(file).tensors()).hasSizeBetween(4, 6);
            } catch (CorruptDataException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(contents.length);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 101, 100_000_001, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void headerLengths(long length) throws IOException {
        Files.write(file, ByteBuffer.allocate(108).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
        assertThat(refused()).hasMessageContaining("byte 0: expected a header length from 2 to 100, found " + Long.toUnsignedString(length));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "[]|0|a JSON object as the header, found []",
        "{\"x\":1}|0|dtype, shape and data_offsets of \"x\", found 1",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1]}}|4|dtype, shape and data_offsets",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":0}}|4|dtype, shape and data_offsets",
        "{\"x\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]}}|2|one of [F32, F64, I32, I64, F16, BF16, I8, U8, I16, U16, U32, BOOL], found F8_E4M3",
        "{\"x\":{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,4]}}|4|one of [F32, F64, I32, I64, F16, BF16, I8, U8, I16, U16, U32, BOOL], found 4",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,4]}}|4|a list as shape of \"x\", found 2",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}|4|whole numbers as shape of \"x\", found 1.0",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|4|whole numbers as shape of \"x\", found -1",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}|4|rank 8 at most, found 9",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|4|span the 8 bytes of F32[2], found [0, 4]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":[0,4]}}|4|found [0, 4]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}|0|found [0, 0]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}|4|begin before they end",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}|4|begin before they end",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}|4|within 4 bytes, found [1, 5]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|8|4 more bytes",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|8|(a gap)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}|12|(they overlap)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|4|(they overlap)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|8|comes twice",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}|0|\"x\" to have elements, found f32[0]",
        "{\"__metadata__\":3}|0|an object of strings as __metadata__, found 3",
        "{\"__metadata__\":{\"a\":3}}|0|a string as \"a\" of __metadata__, found 3",
        "{\"a|0|byte 11: expected a header in JSON",
        "{} {}|0|byte 11: expected a header in JSON"})
    void badHeaders(String header, int dataBytes, String message) throws IOException {
        write(header, dataBytes);
        assertThat(refused()).hasMessageContaining(message);
    }

    @Test
    void badUtf8() throws IOException {
        Files.write(file, new byte[] {4, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xC3, '}', ' '});
        assertThat(refused()).hasMessageContaining("a header in UTF-8");
    }

    /** As large as a header may be, and no heap to speak of is needed to refuse it. */
    @Test
    void aHugeHeader() throws IOException {
        write("[" + "[],".repeat(20_000_000) + "[]]", 0);
        assertThat(refused()).hasMessageContaining("more than 1000000 values");
    }

    @Test
    void tensorsWithoutElements() throws IOException {
        write("{\"x\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[0,0]},\"y\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            assertThat(opened.sizes("x")).containsExactly(3, 0);
            assertThat(opened.read("y").shape()).isEqualTo(Shape.scalar());
            assertThatThrownBy(() -> opened.read("x")).isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void aFileThatShrinksWhileItIsOpen() throws IOException {
        SafeTensors.write(file, Map.of(), Map.of("x", Tensor.zeros(1000)));
        try (SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
            assertThatThrownBy(() -> opened.read("x")).isInstanceOf(CorruptDataException.class).hasMessageContaining("the end of the file");
        }
    }

    @Test
    void theGoldenFilesAreReadable() throws IOException {
        Path golden = Path.of(System.getProperty("sinew.golden", "tests/golden/data"));
        try (var files = Files.list(golden)) {
            List<Path> all = files.filter(path -> path.toString().endsWith(".safetensors")).toList();
            assertThat(all).hasSizeGreaterThan(10);
            for (Path path : all) {
                try (SafeTensorsFile opened = SafeTensorsFile.open(path)) {
                    assertThat(opened.metadata()).containsKeys("family", "cases");
                }
            }
        }
    }
}
