package dev.sinew.files;

import dev.sinew.io.CorruptDataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a folder that has one subfolder for each class, in the order of their names.
 *
 * @param classNames of the classes, in their order
 * @param files of all of them
 * @param labels one for each file
 * @param damaged what was left out
 */
record ClassFolders(List<String> classNames, List<Path> files, int[] labels, List<CorruptDataException> damaged) {
    /** Throws when a file is damaged. */
    interface Check {
        void file(Path file) throws IOException;
    }

    /**
     * Lists them; hidden ones are passed over.
     *
     * @param what the files are, for messages
     * @param classes the names of the classes, in their order; empty: those that are there
     * @param endings of the files' names, in small letters
     * @param check leaves out what it calls damaged; null: all stay
     */
    static ClassFolders list(String what, Path folder, List<String> classes, Set<String> endings, Check check) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new FileNotFoundException(folder + " is not a folder");
        }
        List<Path> folders = children(folder).stream().filter(Files::isDirectory).toList();
        List<String> found = folders.stream().map(path -> path.getFileName().toString()).toList();
        List<String> names = classes.isEmpty() ? found : classes;
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<CorruptDataException> damaged = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            int label = names.indexOf(found.get(i));
            if (label < 0) {
                throw new IOException(folders.get(i) + ": there is no such class among " + names);
            }
            for (Path file : below(folders.get(i), endings)) {
                try {
                    if (check != null) {
                        check.file(file);
                    }
                    files.add(file);
                    labels.add(label);
                } catch (CorruptDataException e) {
                    damaged.add(e);
                }
            }
        }
        if (files.isEmpty()) {
            throw new FileNotFoundException(folder + " has no subfolder with a " + what + " (" + String.join(", ", endings.stream().sorted().toList())
                    + ") that can be read" + (damaged.isEmpty() ? "" : "; " + damaged.size() + " are damaged, first " + damaged.getFirst().getMessage()));
        }
        return new ClassFolders(List.copyOf(names), List.copyOf(files), labels.stream().mapToInt(Integer::intValue).toArray(), List.copyOf(damaged));
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString())).toList();
        }
    }

    private static List<Path> below(Path folder, Set<String> endings) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : children(folder)) {
            String name = path.getFileName().toString();
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                files.addAll(below(path, endings));
            } else if (endings.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))) {
                files.add(path);
            }
        }
        return files;
    }
}
