package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Scoped;
import dev.sinew.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What einsum refuses; its results are compared with PyTorch's in tests/golden. */
@ExtendWith(Scoped.class)
class EinsumTest {
    private static void refused(String equation, String message, Tensor... x) {
        assertThatThrownBy(() -> Einsum.of(equation, x)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("einsum: \"" + equation + "\" ", message, "the shapes are ");
    }

    @Test
    void equationsThatDoNotFitAreRefused() {
        Tensor a = Tensor.zeros(2, 3);
        Tensor b = Tensor.zeros(4, 5);
        refused("ij,jk->ik", "has different sizes of j: 3 and 4; the shapes are [2, 3], [4, 5]", a, b);
        refused("ij,jk->ik", "is for 2 tensors and one result, not for these 1", a);
        refused("ij->i->j", "is for 1 tensors and one result", a);
        refused("ijk->i", "has 3 labels for [2, 3]", a);
        refused("i", "has 1 labels for [2, 3]", a);
        refused("ijk...->i", "labels for [2, 3]", a);
        refused("i1->i", "has labels that are no letters: i1", a);
        refused("i..->i", "has labels that are no letters", a);
        refused("......->", "has labels that are no letters", a);
        refused("ij->ik", "gives the label k, which no tensor has", a);
        refused("ij->ii", "gives the label i twice", a);
        refused("ii->i", "has no diagonal i of sizes 2 and 3", a);
        refused("...,...->...", "has different sizes of ...: 2 and 4", a, b);
    }
}
