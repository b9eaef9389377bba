package dev.sinew.data;

import dev.sinew.io.CorruptDataException;
import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The characters or words of some texts, numbered: 0 is {@link #PADDING}, 1 is {@link #UNKNOWN}, then come the texts' own.
 *
 * {@snippet :
 * Vocabulary words = Vocabulary.words(lines, 2, 10_000);
 * int[] tokens = words.encode("the cat sat");
 * Dataset data = Sequences.labelled(lines.stream().map(words::encode).toList(), labels, 2, 40);
 * }
 */
public final class Vocabulary {
    /** What fills up shorter texts. */
    public static final int PADDING = 0;
    /** What stands for all that is not in the vocabulary. */
    public static final int UNKNOWN = 1;

    private static final List<String> SPECIAL = List.of("<pad>", "<unk>");

    private final boolean words;
    private final List<String> tokens;
    private final Map<String, Integer> numbers = new HashMap<>();

    private Vocabulary(boolean words, List<String> own) {
        this.words = words;
        tokens = new ArrayList<>(SPECIAL);
        tokens.addAll(own);
        for (int i = SPECIAL.size(); i < tokens.size(); i++) {
            if (numbers.put(Objects.requireNonNull(tokens.get(i), "token"), i) != null) {
                throw new IllegalArgumentException("vocabulary: '" + tokens.get(i) + "' comes twice");
            }
        }
    }

    /** The characters (code points) of some texts, in the order of their codes. */
    public static Vocabulary characters(Iterable<String> texts) {
        TreeMap<Integer, String> found = new TreeMap<>();
        for (String text : texts) {
            text.codePoints().forEach(c -> found.put(c, Character.toString(c)));
        }
        return new Vocabulary(false, List.copyOf(found.values()));
    }

    /**
     * The words of some texts, which white space separates; the most frequent first, of equally frequent ones in alphabetical
     * order.
     *
     * @param least how often a word must come, at least 1
     * @param most how many words are kept
     */
    public static Vocabulary words(Iterable<String> texts, int least, int most) {
        if (least < 1 || most < 0) {
            throw new IllegalArgumentException("vocabulary: a word must come at least once, and none or more are kept, not " + least + " and " + most);
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (String text : texts) {
            for (String word : split(text)) {
                counts.merge(word, 1, Integer::sum);
            }
        }
        List<String> sorted = new ArrayList<>(counts.keySet());
        sorted.removeIf(word -> counts.get(word) < least);
        sorted.sort((a, b) -> counts.get(b) - counts.get(a)); // stable
        return new Vocabulary(true, List.copyOf(sorted.subList(0, Math.min(most, sorted.size()))));
    }

    private static List<String> split(String text) {
        return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }

    /** How many numbers there are, padding and unknown included. */
    public int size() {
        return tokens.size();
    }

    /** The number of a character or word; {@link #UNKNOWN} when it is not known. */
    public int number(String token) {
        return numbers.getOrDefault(token, UNKNOWN);
    }

    /** What has that number. */
    public String token(int number) {
        return tokens.get(Objects.checkIndex(number, tokens.size()));
    }

    /** A text as numbers. */
    public int[] encode(String text) {
        return words ? split(text).stream().mapToInt(this::number).toArray()
                : text.codePoints().map(c -> number(Character.toString(c))).toArray();
    }

    /** The text of some numbers: words with one space between them; padding is left out. */
    public String decode(int... encoded) {
        StringBuilder text = new StringBuilder();
        for (int number : encoded) {
            if (number != PADDING) {
                text.append(words && !text.isEmpty() ? " " : "").append(token(number));
            }
        }
        return text.toString();
    }

    /** Writes the vocabulary as JSON. */
    public void save(Path file) throws IOException {
        Files.writeString(file, Json.write(Map.of("kind", words ? "words" : "characters", "tokens", tokens.subList(SPECIAL.size(), size()))) + "\n");
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws CorruptDataException when the file is something else
     */
    public static Vocabulary load(Path file) throws IOException {
        try {
            if (Json.parse(Files.readString(file).strip()) instanceof Map<?, ?> map && map.get("tokens") instanceof List<?> list
                    && (Objects.equals(map.get("kind"), "words") || Objects.equals(map.get("kind"), "characters"))
                    && list.stream().allMatch(String.class::isInstance)) {
                return new Vocabulary(map.get("kind").equals("words"), list.stream().map(String.class::cast).toList());
            }
            throw new IllegalArgumentException("other JSON");
        } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
            throw new CorruptDataException(file, 0, "a vocabulary as JSON", String.valueOf(e.getMessage()), e);
        }
    }

    /** Kind and size. */
    @Override
    public String toString() {
        return size() + (words ? " words" : " characters");
    }
}
