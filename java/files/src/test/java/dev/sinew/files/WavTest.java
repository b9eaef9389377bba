package dev.sinew.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavTest {
    @TempDir
    Path folder;

    private static byte[] wav(int kind, int channels, int bits, boolean extensible, Consumer<ByteBuffer> samples) {
        ByteBuffer b = ByteBuffer.allocate(400).order(ByteOrder.LITTLE_ENDIAN);
        b.put("RIFF".getBytes()).putInt(0).put("WAVE".getBytes());
        b.put("LIST".getBytes()).putInt(3).put(new byte[4]); // odd, so with a byte of padding
        b.put("fmt ".getBytes()).putInt(extensible ? 40 : 16).putShort((short) (extensible ? 0xFFFE : kind)).putShort((short) channels)
                .putInt(8000).putInt(8000 * channels * bits / 8).putShort((short) (channels * bits / 8)).putShort((short) bits);
        if (extensible) {
            b.putShort((short) 22).putShort((short) bits).putInt(3).putShort((short) kind)
                    .put(new byte[] {0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38, (byte) 0x9B, 0x71});
        }
        int at = b.position();
        b.put("data".getBytes()).putInt(0);
        samples.accept(b);
        b.putInt(at + 4, b.position() - at - 8).putInt(4, b.position() - 8);
        return Arrays.copyOf(b.array(), b.position());
    }

    @Test
    void everyFormat() throws IOException {
        float[] expected = {0, 0.5f, -1};
        for (boolean extensible : new boolean[] {false, true}) {
            assertThat(samples(wav(1, 1, 8, extensible, b -> b.put((byte) 128).put((byte) 192).put((byte) 0)))).isEqualTo(expected);
            assertThat(samples(wav(1, 1, 16, extensible, b -> b.putShort((short) 0).putShort((short) 16384).putShort((short) -32768)))).isEqualTo(expected);
            assertThat(samples(wav(1, 1, 24, extensible, b -> b.put(new byte[] {0, 0, 0, 0, 0, 0x40, 0, 0, (byte) 0x80})))).isEqualTo(expected);
            assertThat(samples(wav(1, 1, 32, extensible, b -> b.putInt(0).putInt(1 << 30).putInt(Integer.MIN_VALUE)))).isEqualTo(expected);
            assertThat(samples(wav(3, 1, 32, extensible, b -> b.putFloat(0).putFloat(0.5f).putFloat(-1)))).isEqualTo(expected);
            assertThat(samples(wav(3, 1, 64, extensible, b -> b.putDouble(0).putDouble(0.5).putDouble(-1)))).isEqualTo(expected);
        }
        assertThat(samples(wav(1, 1, 24, false, b -> b.put(new byte[] {1, (byte) 0x80, 0, -1, -1, -1}))))
                .isEqualTo(new float[] {0x8001 / 8388608f, -1 / 8388608f});
    }

    private static float[] samples(byte[] bytes) throws IOException {
        return Wav.decode("test", bytes).samples();
    }

    @Test
    void stereo() throws IOException {
        byte[] bytes = wav(1, 2, 16, false, b -> b.putShort((short) 16384).putShort((short) -16384).putShort((short) 0).putShort((short) 8192));
        Wav wav = Wav.read(Files.write(folder.resolve("a.wav"), bytes));
        assertThat(wav.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(wav.samples()).containsExactly(0.5f, 0, -0.5f, 0.25f);
        assertThat(wav.mono().samples()).containsExactly(0, 0.125f);
        assertThat(wav.rate()).isEqualTo(8000);
        assertThat(wav.seconds()).isEqualTo(2 / 8000.0);
        assertThat(wav).hasToString("recording [2, 2] at 8000 Hz");
    }

    @Test
    void truncatedAnywhere() {
        byte[] bytes = wav(1, 2, 16, true, b -> b.putInt(1).putInt(2));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            CorruptDataException e = catchThrowableOfType(CorruptDataException.class, () -> Wav.decode("cut.wav", cut));
            assertThat(e).as(length + " bytes").isNotNull().hasMessageStartingWith("cut.wav, byte ");
            assertThat(e.offset()).isBetween(0L, (long) length);
        }
    }

    @Test
    void whatIsNotKnown() {
        refused(wav(7, 1, 8, false, b -> b.put((byte) 0)), "byte 32: expected PCM (1) of 8, 16, 24 or 32 bits or floats (3) of 32 or 64, found format 7 of 8 bits");
        refused(wav(1, 1, 12, false, b -> b.putShort((short) 0)), "found format 1 of 12 bits");
        refused(wav(1, 0, 16, false, b -> b.putShort((short) 0)), "byte 34: expected at least 1 channel, found 0");
        refused(wav(1, 2, 16, false, b -> b.putShort((short) 0)), "expected a positive multiple of 4 bytes of samples, found 2");
        refused(wav(1, 2, 16, false, b -> { }), "found 0");
        byte[] block = wav(1, 1, 16, false, b -> b.putShort((short) 0));
        block[44] = 3;
        refused(block, "byte 44: expected 2 bytes for 1 channels of 16 bits, found 3");
        byte[] huge = wav(1, 1, 16, false, b -> b.putShort((short) 0));
        Arrays.fill(huge, 52, 56, (byte) -1);
        refused(huge, "byte 52: expected a chunk 'data' of at most 2 bytes, found 4294967295");
        refused("RIFX....WAVE".getBytes(), "byte 0: expected 'RIFF'");
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> Wav.decode("x", bytes)).isInstanceOf(CorruptDataException.class).hasMessageContaining(message);
    }

    @Test
    void aFolderForEachClass() throws IOException {
        Files.createDirectories(folder.resolve("yes"));
        Files.createDirectories(folder.resolve("no"));
        Files.write(folder.resolve("yes/a.wav"), wav(1, 2, 16, false, b -> b.putShort((short) 16384).putShort((short) 0)));
        Files.write(folder.resolve("no/b.WAV"), wav(3, 1, 32, false, b -> b.putFloat(1).putFloat(2).putFloat(3).putFloat(4)));
        WavFolder data = WavFolder.open(folder, 8000, 3);
        assertThat(data.classNames()).containsExactly("no", "yes");
        assertThat(data.inputShape()).isEqualTo(Shape.of(1, 3));
        assertThat(data.input(0)).containsExactly(1, 2, 3);
        assertThat(data.input(1)).containsExactly(0.25f, 0, 0);
        assertThat(data.label(1)).isEqualTo(1);
        assertThat(data).hasToString("2 recordings of " + folder);
        assertThatThrownBy(() -> WavFolder.open(folder, 16000, 3).read(0, java.nio.FloatBuffer.allocate(3))).isInstanceOf(CorruptDataException.class)
                .hasMessage(folder.resolve("no/b.WAV") + ", byte 0: expected a rate of 16000 Hz, found 8000 Hz");
        assertThatThrownBy(() -> WavFolder.open(folder.resolve("yes"), 8000, 3)).hasMessageContaining("no subfolder with a recording (wav)");
    }
}
