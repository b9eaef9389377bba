package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
    @TempDir
    Path folder;

    @Test
    void characters() {
        Vocabulary letters = Vocabulary.characters(List.of("banana", "\uD83D\uDE00a"));
        assertThat(letters.size()).isEqualTo(6);
        assertThat(letters.encode("nab?\uD83D\uDE00")).containsExactly(4, 2, 3, 1, 5);
        assertThat(letters.decode(letters.encode("banana\uD83D\uDE00"))).isEqualTo("banana\uD83D\uDE00");
        assertThat(letters.decode(2, 0, 0, 1)).isEqualTo("a<unk>");
        assertThat(letters.token(0)).isEqualTo("<pad>");
        assertThat(letters).hasToString("6 characters");
        assertThatThrownBy(() -> letters.decode(6)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void words() {
        List<String> lines = List.of("  the cat and the dog", "a cat\tand the bird\n", "");
        Vocabulary all = Vocabulary.words(lines, 1, 100);
        assertThat(all.size()).isEqualTo(8);
        assertThat(List.of(all.token(2), all.token(3), all.token(4), all.token(5))).containsExactly("the", "and", "cat", "a");
        assertThat(all.decode(all.encode("the  dog  sat "))).isEqualTo("the dog <unk>");
        assertThat(all.encode("")).isEmpty();
        assertThat(Vocabulary.words(lines, 2, 100).size()).isEqualTo(5);
        assertThat(Vocabulary.words(lines, 1, 2).number("cat")).isEqualTo(Vocabulary.UNKNOWN);
        assertThatIllegalArgumentException().isThrownBy(() -> Vocabulary.words(lines, 0, 2));
    }

    @Test
    void savedAndLoaded() throws IOException {
        for (Vocabulary v : List.of(Vocabulary.words(List.of("a \"b\" \u00e9 b"), 1, 9), Vocabulary.characters(List.of("x\ny")))) {
            Path file = folder.resolve("v.json");
            v.save(file);
            Vocabulary again = Vocabulary.load(file);
            assertThat(again).hasToString(v.toString());
            for (int i = 0; i < v.size(); i++) {
                assertThat(again.token(i)).isEqualTo(v.token(i));
            }
            assertThat(again.encode("b x\ny")).containsExactly(v.encode("b x\ny"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"kind\":\"words\"}", "{\"kind\":\"words\",\"tokens\":[1]}", "{\"kind\":\"words\",\"tokens\":[\"a\",\"a\"]}",
        "{\"kind\":\"lines\",\"tokens\":[]}"})
    void damagedVocabularies(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("v.json"), text);
        assertThatThrownBy(() -> Vocabulary.load(file)).isInstanceOf(CorruptDataException.class).hasMessageContaining(file.toString());
    }

    private static float[] target(Dataset data, long index) throws IOException {
        FloatBuffer target = FloatBuffer.allocate((int) data.targetShape().count());
        data.readTarget(index, target);
        return target.array();
    }

    @Test
    void sequencesAreFilledUpOrCut() {
        Sequences data = Sequences.labelled(List.of(new int[] {5, 6}, new int[] {7, 8, 9, 10}, new int[0]), new int[] {1, 0, 1}, 2, 3);
        assertThat(data.inputShape()).isEqualTo(Shape.of(3));
        assertThat(data.input(0)).containsExactly(5, 6, 0);
        assertThat(data.input(1)).containsExactly(7, 8, 9);
        assertThat(data.input(2)).containsExactly(0, 0, 0);
        assertThat(List.of(data.length(0), data.length(1), data.length(2))).containsExactly(2, 3, 0);
        assertThat(data.label(0)).isEqualTo(1);
        assertThat(data).hasToString("3 sequences of length 3");
    }

    @Test
    void theNextOne() throws IOException {
        Sequences data = Sequences.next(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, 3);
        assertThat(data.size()).isEqualTo(2);
        assertThat(data.input(1)).containsExactly(4, 5, 6);
        assertThat(target(data, 1)).containsExactly(5, 6, 7);
        assertThat(data.classes()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.next(new int[3], 3)).withMessageContaining("a text of 3 has no piece of length 3");
    }

    @Test
    void buckets() {
        Sequences data = Sequences.labelled(List.of(new int[] {1}, new int[5], new int[] {2, 3}, new int[9], new int[0]), new int[] {0, 1, 2, 3, 4}, 5, 9);
        List<Sequences> buckets = data.buckets(2, 4, 6);
        assertThat(buckets).hasSize(2);
        assertThat(buckets.get(0).size()).isEqualTo(3);
        assertThat(buckets.get(0).inputShape()).isEqualTo(Shape.of(2));
        assertThat(List.of(buckets.get(0).label(0), buckets.get(0).label(1), buckets.get(0).label(2))).containsExactly(0, 2, 4);
        assertThat(buckets.get(1).inputShape()).isEqualTo(Shape.of(6));
        assertThat(buckets.get(1).length(1)).isEqualTo(6);
        assertThatIllegalArgumentException().isThrownBy(() -> data.buckets(3, 3)).withMessageContaining("ascend");
        assertThatIllegalArgumentException().isThrownBy(data::buckets);
    }

    @Test
    void badSequences() {
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.labelled(List.of(new int[] {-1}), new int[1], 1, 3))
                .withMessageContaining("number -1 of sequence 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.labelled(List.of(new int[] {1 << 24}), new int[1], 1, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.labelled(List.of(new int[] {1}), new int[] {1}, 1, 3)).withMessageContaining("label 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.labelled(List.of(), new int[0], 1, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> Sequences.paired(List.of(new int[1]), List.of(), 3)).withMessageContaining("0 answers");
    }
}
