package dev.sinew.fuzz;

import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the fuzz tests share: a parser may refuse its input with the exception that names the place, and do nothing else. */
final class Scratch {
    /** A parser. */
    interface Parser {
        void parse(Path file) throws IOException;
    }

    private Scratch() {}

    /** Gives a parser a file of these bytes. */
    static void parse(byte[] bytes, Parser parser) throws IOException {
        parse(bytes, parser, isPacked(bytes));
    }

    /** Gives a parser an archive, whose errors tell places in the unpacked contents. */
    static void parsePacked(byte[] bytes, Parser parser) throws IOException {
        parse(bytes, parser, true);
    }

    private static void parse(byte[] bytes, Parser parser, boolean packed) throws IOException {
        Path file = Files.createTempFile("fuzz", ".bin");
        try {
            Files.write(file, bytes);
            parser.parse(file);
        } catch (CorruptDataException e) {
            if (e.offset() < 0 || e.offset() > bytes.length && !e.file().isEmpty() && !packed) {
                throw new AssertionError("byte " + e.offset() + " of " + bytes.length, e);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Offsets of compressed files are those of the unpacked contents. */
    private static boolean isPacked(byte[] bytes) {
        return bytes.length >= 2 && bytes[0] == 0x1F && bytes[1] == (byte) 0x8B;
    }
}
