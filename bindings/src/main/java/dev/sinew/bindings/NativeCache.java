package dev.sinew.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Unpacks libraries, together, into a folder named after their content's SHA-256, whole or not at all, whatever other
 * processes do at the same time, and checks every file against its hash. Later starts trust a note of that check while
 * only this user can write to the folder and the files have the sizes and times that they had then.
 */
final class NativeCache {
    /** Says when and how the files beside it were found to be what the jar holds. */
    private static final String NOTE = "verified";

    /** A packaged file and its SHA-256 in hexadecimal. */
    record Entry(String hash, String name) {}

    /** Opens a packaged file by its name, null where there is none. */
    interface Source {
        InputStream open(String name) throws IOException;
    }

    private NativeCache() {}

    /** The folder of these files, which are there afterwards. A cache that was filled before need not be writable. */
    static Path unpack(List<Entry> index, Source source, Path cache) throws IOException {
        Path target = folder(cache, index);
        if (isTrusted(target, index) || intact(target, index)) {
            return target;
        }
        FileAttribute<?>[] own = cache.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
                : new FileAttribute<?>[0];
        Files.createDirectories(cache, own);
        Path temporary = Files.createTempDirectory(cache, "unpack", own);
        try {
            for (Entry entry : index) {
                try (InputStream in = source.open(entry.name)) {
                    if (in == null) {
                        throw new IOException("the jar lacks " + entry.name);
                    }
                    Files.copy(in, temporary.resolve(entry.name));
                }
            }
            if (!intact(temporary, index)) {
                throw new IOException("the files in the jar do not have the sums that its index states");
            }
            putInPlace(temporary, target, index);
            return target;
        } finally {
            delete(temporary);
        }
    }

    /** Another process may be doing the same, with the same files: the first one wins, and what it put there stays. */
    private static void putInPlace(Path temporary, Path target, List<Entry> index) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (AtomicMoveNotSupportedException e) {
                throw e;
            } catch (FileSystemException e) {
                if (intact(target, index)) {
                    return;
                }
                if (attempt == 3 || !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
                Path damaged = temporary.resolveSibling(temporary.getFileName() + "-damaged");
                Files.move(target, damaged, StandardCopyOption.ATOMIC_MOVE);
                delete(damaged);
            }
        }
    }

    /** The folder in a cache that is these files' own. */
    static Path folder(Path cache, List<Entry> index) {
        return cache.resolve(name(index));
    }

    /** 32 digits that other files would hardly have: the hashes one over the other. (To hash them takes the JVM 20 ms at first.) */
    private static String name(List<Entry> index) {
        long high = 0;
        long low = 0;
        for (Entry entry : index) {
            high = Long.rotateLeft(high, 1) ^ Long.parseUnsignedLong(entry.hash, 0, 16, 16);
            low = Long.rotateLeft(low, 1) ^ Long.parseUnsignedLong(entry.hash, 16, 32, 16);
        }
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /**
     * Whether the files have been checked before and cannot have been changed since by anybody but this user: the folder
     * and the one around it are the user's own and writable for nobody else, and every file is what the note says. Without
     * a way to know that, false.
     */
    static boolean isTrusted(Path folder, List<Entry> index) {
        try {
            Path real = folder.toRealPath();
            UserPrincipal user = real.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(System.getProperty("user.name"));
            return isOwn(real, user) && isOwn(real.getParent(), user) && real.getFileName().equals(folder.getFileName())
                    && Files.readString(real.resolve(NOTE)).equals(note(real, index));
        } catch (IOException | RuntimeException e) {
            return false; // no such folder or note, or a system without owners: the hashes decide
        }
    }

    private static boolean isOwn(Path folder, UserPrincipal user) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isDirectory() && attributes.owner().equals(user) && !attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** What is known of the files without reading them: hash, name, size and time of the last change of each. */
    private static String note(Path folder, List<Entry> index) throws IOException {
        StringBuilder note = new StringBuilder();
        for (Entry entry : index) {
            BasicFileAttributes file = Files.readAttributes(folder.resolve(entry.name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!file.isRegularFile()) {
                throw new IOException(folder.resolve(entry.name) + " is no file");
            }
            note.append(entry.hash).append(' ').append(entry.name).append(' ').append(file.size()).append(' ')
                    .append(file.lastModifiedTime().to(TimeUnit.NANOSECONDS)).append('\n');
        }
        return note.toString();
    }

    /** Whether every file has its hash; if so, that is noted. */
    static boolean intact(Path folder, List<Entry> index) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        for (Entry entry : index) {
            if (!Files.isRegularFile(folder.resolve(entry.name), LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        String note = note(folder, index); // before the files are read: a later change is one since then
        for (Entry entry : index) {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[1 << 18];
            try (InputStream in = Files.newInputStream(folder.resolve(entry.name))) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(entry.hash)) {
                return false;
            }
        }
        writeNote(folder, note);
        return true;
    }

    /** Complete or not at all; without it the next start reads the files again, that is all. */
    private static void writeNote(Path folder, String note) {
        try {
            Path written = Files.createTempFile(folder, NOTE, null);
            Files.writeString(written, note);
            Files.move(written, folder.resolve(NOTE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            // a folder that cannot be written to
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
