package dev.sinew.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.nn.Loaded;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is exchanged with PyTorch by its state dicts (tests/golden/golden_interop.py). */
class StateDictTest {
    private static final Path DATA = Path.of(System.getProperty("sinew.golden", "golden/data")).resolve("interop");
    private static final double BOUND = 1e-5;

    @TempDir
    private Path folder;

    private static Path file(String name) {
        return DATA.resolve(name + ".safetensors");
    }

    private static void sameOutputs(Network net, Path io, double bound) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> values = SafeTensors.read(io).tensors();
            double[] want = values.get("y").toDoubles();
            double[] got = net.predict(values.get("x")).toDoubles();
            double most = 0;
            for (double value : want) {
                most = Math.max(most, Math.abs(value));
            }
            assertThat(got).hasSameSizeAs(want);
            for (int i = 0; i < want.length; i++) {
                assertThat(Math.abs(got[i] - want[i])).as("output %d: %s instead of %s", i, got[i], want[i]).isLessThanOrEqualTo(bound * most);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet5", "resnet18", "lstm", "unet"})
    void netsOfPyTorchGiveTheSameOutputs(String name) throws IOException {
        try (Network net = TorchNets.of(name)) {
            Loaded report = StateDict.load(net, file(name));
            assertThat(report.isComplete()).as(report.toString()).isTrue();
            assertThat(report.loaded()).containsExactlyInAnyOrderElementsOf(net.parameters().keySet());
            sameOutputs(net, file(name + ".io"), BOUND);
        }
    }

    /** The way back: PyTorch's keys, shapes and types, and, but for the counters, its bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"lenet5", "resnet18", "lstm", "unet"})
    void whatIsWrittenIsPyTorchsOwn(String name) throws IOException {
        Path written = folder.resolve(name + ".safetensors");
        try (Network net = TorchNets.of(name); Scope scope = Scope.open()) {
            StateDict.load(net, file(name));
            StateDict.write(net, written);
            Map<String, Tensor> ours = SafeTensors.read(written).tensors();
            Map<String, Tensor> theirs = SafeTensors.read(file(name)).tensors();
            assertThat(ours.keySet()).containsExactlyInAnyOrderElementsOf(theirs.keySet());
            theirs.forEach((key, tensor) -> {
                assertThat(ours.get(key).spec()).as(key).isEqualTo(tensor.spec());
                if (!key.endsWith("num_batches_tracked")) {
                    assertThat(ours.get(key).toFloats()).as(key).isEqualTo(tensor.toFloats());
                }
            });
        }
        String kept = System.getProperty("sinew.interop.out");
        if (kept != null) {
            Files.copy(written, Path.of(kept).resolve(written.getFileName()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The net of full width, if golden_interop.py wrote one. */
    @Test
    void fullWidth() throws IOException {
        Path wide = Path.of(System.getProperty("sinew.interop.wide", "no such folder"));
        Assumptions.assumeTrue(Files.isDirectory(wide), "without -Dsinew.interop.wide");
        try (Network net = TorchNets.resnet18(64, 1000)) {
            assertThat(StateDict.load(net, wide.resolve("resnet18.safetensors")).isComplete()).isTrue();
            sameOutputs(net, wide.resolve("resnet18.io.safetensors"), BOUND);
        }
    }

    @Test
    void whatDoesNotMatchIsNamed() throws IOException {
        try (Network net = Network.input(1, 28, 28).conv(6, 5, 2).named("conv1").relu().maxPool(2).dense(10).named("fc3").batchNorm().named("bn")
                .build(Seed.of(1))) {
            String before = net.sha256();
            assertThatThrownBy(() -> StateDict.load(net, file("lenet5"))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                    "does not match the network: 3 parameters loaded; no value for [bn.weight, bn.bias, bn.running_mean, bn.running_var]")
                    .hasMessageContaining("not used: [conv2.").hasMessageContaining("fc3.weight is f32[10, 1176], the value is f32[10, 84]");
            assertThat(net.sha256()).isEqualTo(before);
            Loaded report = StateDict.loadMatching(net, file("lenet5"));
            assertThat(report.loaded()).containsExactlyInAnyOrder("conv1.weight", "conv1.bias", "fc3.bias");
            assertThat(report.missing()).hasSize(4);
            assertThat(net.sha256()).isNotEqualTo(before);
        }
    }

    /** Where statistics are averages, the number of batches goes both ways, as PyTorch's int64. */
    @Test
    void batchesAreCounted() throws IOException {
        Path written = folder.resolve("counted.safetensors");
        Network.Builder counted = Network.input(3).layer(new Normalize(1e-5, Normalize.AVERAGE)).named("bn");
        try (Network net = counted.build(Seed.of(1)); Network other = counted.build(Seed.of(2)); Scope _ = Scope.open()) {
            net.parameter("bn.num_batches_tracked").fill(17);
            StateDict.write(net, written);
            assertThat(SafeTensors.read(written).tensors().get("bn.num_batches_tracked").spec()).isEqualTo(Spec.of(DType.I64, Shape.scalar()));
            assertThat(StateDict.load(other, written).isComplete()).isTrue();
            assertThat(other.sha256()).isEqualTo(net.sha256());
        }
    }

    @Test
    void namesCanBeTranslated() throws IOException {
        try (Network net = TorchNets.of("lenet5"); Network other = Network.input(1, 28, 28)
                .conv(6, 5, 2).named("features").relu().maxPool(2).dense(3).build(Seed.of(1))) {
            StateDict.load(net, file("lenet5"));
            Loaded report = StateDict.load(other, file("lenet5"), name -> name.startsWith("conv1.") ? name.replace("conv1", "features") : null,
                    false);
            assertThat(report.loaded()).containsExactlyInAnyOrder("features.weight", "features.bias");
            assertThat(report.unused()).isEmpty();
            assertThat(other.parameter("features.weight").toFloats()).isEqualTo(net.parameter("conv1.weight").toFloats());
            assertThatThrownBy(() -> StateDict.load(other, file("lenet5"), name -> "features.bias", true))
                    .hasMessageContaining("two tensors are to be read into features.bias");
        }
    }

    @Test
    void otherTypesAreConverted() throws IOException {
        Path file = folder.resolve("types.safetensors");
        write(file, "{\"a\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]},\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[6,10]},"
                + "\"c\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[10,12]},\"d\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[12,14]},"
                + "\"e\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[14,16]},\"f\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[16,20]},"
                + "\"g\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[20,28]},\"h\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[28,30]},"
                + "\"i\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[30,32]}}",
                ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0x3c00).putShort((short) 0xc000).putShort((short) 0x7c00)
                        .putShort((short) 0x3f80).putShort((short) 0xc2f7).put((byte) 200).put((byte) 7).put((byte) -128).put((byte) 127)
                        .put((byte) 1).put((byte) 0).putInt(-1).putDouble(0.1).putShort((short) -5).putShort((short) -5).array());
        try (Scope scope = Scope.open(); SafeTensorsFile opened = SafeTensorsFile.open(file)) {
            assertThat(opened.read("a").toFloats()).containsExactly(1, -2, Float.POSITIVE_INFINITY);
            assertThat(opened.read("b").toFloats()).containsExactly(1, -123.5f);
            assertThat(opened.read("c").toInts()).containsExactly(200, 7);
            assertThat(opened.read("d").toInts()).containsExactly(-128, 127);
            assertThat(opened.read("e").toInts()).containsExactly(1, 0);
            assertThat(opened.read("f").item()).isEqualTo(4294967295.0);
            assertThat(opened.readInto("g", Tensor.scalar(0)).item()).isEqualTo(0.1f);
            assertThat(opened.read("g").item()).isEqualTo(0.1);
            assertThat(opened.read("h").item()).isEqualTo(-5);
            assertThat(opened.read("i").item()).isEqualTo(65531);
            assertThatThrownBy(() -> opened.readInto("c", Tensor.zeros(2))).hasMessageContaining("u8[2], which cannot be read into f32[2]");
        }
    }

    private static void write(Path file, String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).put(data).array());
    }
}
