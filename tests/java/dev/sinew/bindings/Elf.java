package dev.sinew.bindings;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a shared library of Linux wants from others: files, and the versions of symbols in them. */
record Elf(List<String> needed, List<String> versions) {
    private static final int SECTION = 64;
    private static final int DYNAMIC = 6;
    private static final int VERSIONS_NEEDED = 0x6ffffffe;

    static Elf of(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (file.getInt(0) != 0x464c457f || file.get(4) != 2 || file.get(5) != 1) {
            throw new IllegalArgumentException("no ELF file of 64 bits, lowest byte first");
        }
        int sections = (int) file.getLong(0x28);
        List<String> needed = new ArrayList<>();
        List<String> versions = new ArrayList<>();
        for (int i = 0; i < file.getShort(0x3c); i++) {
            int header = sections + i * SECTION;
            int start = (int) file.getLong(header + 0x18);
            int end = start + (int) file.getLong(header + 0x20);
            int strings = (int) file.getLong(sections + file.getInt(header + 0x28) * SECTION + 0x18);
            if (file.getInt(header + 4) == DYNAMIC) {
                for (int entry = start; entry < end; entry += 16) {
                    if (file.getLong(entry) == 1) {
                        needed.add(text(file, strings + (int) file.getLong(entry + 8)));
                    }
                }
            } else if (file.getInt(header + 4) == VERSIONS_NEEDED) {
                addVersions(file, start, strings, versions);
            }
        }
        return new Elf(needed, versions);
    }

    private static void addVersions(ByteBuffer file, int start, int strings, List<String> versions) {
        int next;
        do {
            int version = start + file.getInt(start + 8);
            for (int i = 0; i < file.getShort(start + 2); i++) {
                versions.add(text(file, strings + file.getInt(version + 8)));
                version += file.getInt(version + 12);
            }
            next = file.getInt(start + 12);
            start += next;
        } while (next != 0);
    }

    private static String text(ByteBuffer file, int start) {
        int end = start;
        while (file.get(end) != 0) {
            end++;
        }
        return new String(file.array(), start, end - start, StandardCharsets.US_ASCII);
    }

    /** The newest version of the GNU C library among those wanted, "0" for none. */
    String glibc() {
        return versions.stream().filter(version -> version.matches("GLIBC_[0-9.]+")).map(version -> version.substring("GLIBC_".length()))
                .max(Elf::compare).orElse("0");
    }

    /** Versions by their numbers: 2.4 is older than 2.34. */
    static int compare(String a, String b) {
        return Runtime.Version.parse(a).compareTo(Runtime.Version.parse(b));
    }
}
