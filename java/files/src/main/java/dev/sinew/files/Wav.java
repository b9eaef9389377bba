package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recording in the WAV format: PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64 bits, of any number of channels.
 *
 * <p>The format: "RIFF", the size of the rest, "WAVE", then chunks of a name, a little-endian 32-bit size and that many bytes
 * (and one more when they are odd). "fmt " describes the samples, "data" holds them, channel by channel for one moment after
 * the other (Microsoft, "Multiple Channel Audio Data and WAVE Files", 2007).
 *
 * @param rate moments in a second
 * @param shape [channels, moments]
 * @param samples row-major, from -1 up to 1 unless a file with floats says otherwise
 */
public record Wav(int rate, Shape shape, float[] samples) {
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** Checks that the number of samples fits the shape. */
    public Wav {
        if (rate < 1 || shape.rank() != 2 || samples.length != shape.count()) {
            throw new IllegalArgumentException("wav: needs a positive rate and samples [channels, moments], not rate " + rate + " and "
                    + samples.length + " samples of shape " + shape);
        }
    }

    /**
     * Reads a file.
     *
     * @throws CorruptDataException when it is not what the format says, or of a kind that is not known
     */
    public static Wav read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_ARRAY) {
            throw new IOException(file + ": " + size + " bytes are more than 2 GiB");
        }
        return decode(file, Files.readAllBytes(file));
    }

    /** Reads the bytes of a file; {@code name} is what errors call it. */
    public static Wav decode(Object name, byte[] bytes) throws CorruptDataException {
        return new Reader(name, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)).read();
    }

    /** What "fmt " says. */
    private record Format(int kind, int channels, int rate, int bits) {
        int bytes() {
            return bits / 8;
        }
    }

    private record Reader(Object name, ByteBuffer bytes) {
        Wav read() throws CorruptDataException {
            requireName(0, "RIFF");
            requireName(8, "WAVE");
            Format format = null;
            long at = 12;
            while (true) {
                String chunk = name(at);
                long size = number(at + 4, "the size of chunk '" + chunk + "'");
                long left = bytes.capacity() - at - 8;
                if (size > left) {
                    throw corrupt(at + 4, "a chunk '" + chunk + "' of at most " + left + " bytes", "" + size);
                }
                if (chunk.equals("fmt ")) {
                    format = format((int) at + 8, size);
                } else if (chunk.equals("data")) {
                    if (format == null) {
                        throw corrupt(at, "the chunk 'fmt ' before 'data'", "none");
                    }
                    return samples(format, (int) at + 8, (int) size);
                }
                at += 8 + size + (size & 1);
            }
        }

        private Format format(int at, long size) throws CorruptDataException {
            if (size < 16) {
                throw corrupt(at - 4, "16 bytes or more of format", "" + size);
            }
            int kind = bytes.getShort(at) & 0xFFFF;
            int channels = bytes.getShort(at + 2) & 0xFFFF;
            int rate = bytes.getInt(at + 4);
            int block = bytes.getShort(at + 12) & 0xFFFF;
            int bits = bytes.getShort(at + 14) & 0xFFFF;
            if (kind == EXTENSIBLE) {
                if (size < 40) {
                    throw corrupt(at - 4, "40 bytes of an extensible format", "" + size);
                }
                int valid = bytes.getShort(at + 18) & 0xFFFF;
                if (valid != bits) {
                    throw corrupt(at + 18, "as many valid bits as a sample has, " + bits, "" + valid);
                }
                kind = bytes.getShort(at + 24) & 0xFFFF;
            }
            if (channels == 0) {
                throw corrupt(at + 2, "at least 1 channel", "0");
            }
            if (rate < 1) {
                throw corrupt(at + 4, "a positive rate", "" + Integer.toUnsignedString(rate));
            }
            boolean known = kind == PCM && (bits == 8 || bits == 16 || bits == 24 || bits == 32) || kind == FLOAT && (bits == 32 || bits == 64);
            if (!known) {
                throw corrupt(at, "PCM (1) of 8, 16, 24 or 32 bits or floats (3) of 32 or 64", "format " + kind + " of " + bits + " bits");
            }
            if (block != channels * bits / 8) {
                throw corrupt(at + 12, channels * bits / 8 + " bytes for " + channels + " channels of " + bits + " bits", "" + block);
            }
            return new Format(kind, channels, rate, bits);
        }

        private Wav samples(Format format, int at, int size) throws CorruptDataException {
            int block = format.channels * format.bytes();
            if (size == 0 || size % block != 0) {
                throw corrupt(at - 4, "a positive multiple of " + block + " bytes of samples", "" + size);
            }
            int moments = size / block;
            float[] out = new float[moments * format.channels];
            for (int i = 0; i < out.length; i++) {
                out[i % format.channels * moments + i / format.channels] = sample(format, at + i * format.bytes());
            }
            return new Wav(format.rate, Shape.of(format.channels, moments), out);
        }

        private float sample(Format format, int at) {
            if (format.kind == FLOAT) {
                return format.bits == 32 ? bytes.getFloat(at) : (float) bytes.getDouble(at);
            }
            return switch (format.bits) {
                case 8 -> ((bytes.get(at) & 0xFF) - 128) / 128f;
                case 16 -> bytes.getShort(at) / 32768f;
                case 24 -> ((bytes.get(at) & 0xFF) | bytes.getShort(at + 1) << 8) / 8388608f;
                default -> bytes.getInt(at) / 2147483648f;
            };
        }

        private String name(long at) throws CorruptDataException {
            byte[] name = new byte[4];
            if (at > bytes.capacity() - 4) {
                throw corrupt(bytes.capacity(), "a chunk 'data'", "the end of the file");
            }
            bytes.get((int) at, name);
            return new String(name, StandardCharsets.ISO_8859_1);
        }

        private long number(long at, String what) throws CorruptDataException {
            if (at > bytes.capacity() - 4) {
                throw corrupt(bytes.capacity(), what, "the end of the file");
            }
            return bytes.getInt((int) at) & 0xFFFF_FFFFL;
        }

        private void requireName(int at, String expected) throws CorruptDataException {
            if (at > bytes.capacity() - 4 || !name(at).equals(expected)) {
                throw corrupt(Math.min(at, bytes.capacity()), "'" + expected + "'", at > bytes.capacity() - 4 ? "the end of the file" : "other bytes");
            }
        }

        private CorruptDataException corrupt(long at, String expected, String found) {
            return new CorruptDataException(name, at, expected, found);
        }
    }

    /** The mean of the channels, one channel. */
    public Wav mono() {
        int channels = (int) shape.dim(0);
        int moments = (int) shape.dim(1);
        if (channels == 1) {
            return this;
        }
        float[] out = new float[moments];
        for (int t = 0; t < moments; t++) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += samples[c * moments + t];
            }
            out[t] = (float) (sum / channels);
        }
        return new Wav(rate, Shape.of(1, moments), out);
    }

    /** Seconds it lasts. */
    public double seconds() {
        return (double) shape.dim(1) / rate;
    }

    /** Rate and shape. */
    @Override
    public String toString() {
        return "recording " + shape + " at " + rate + " Hz";
    }
}
