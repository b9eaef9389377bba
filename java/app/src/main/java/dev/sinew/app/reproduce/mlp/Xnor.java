package dev.sinew.app.reproduce.mlp;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The exercise of the deck: which of four sets of weights computes XNOR with step units. */
final class Xnor implements Reproduction {
    private static final float[] INPUTS = {0, 0, 0, 1, 1, 0, 1, 1};
    private static final float[] XNOR = {1, 0, 0, 1};
    /** w2 (both alike) and b2; the hidden layer is the same in all: rows (-2, 2) and (2, -2), b1 = -1. */
    private static final float[][] ANSWERS = {{2, -1}, {2, 1}, {-2, 1}, {-2, -1}};
    private static final int RIGHT = 2;

    @Override
    public String id() {
        return "xnor";
    }

    @Override
    public String title() {
        return "The XNOR exercise";
    }

    @Override
    public String about() {
        return "Two hidden units `h = u(W x - 1)` with `W = [[-2, 2], [2, -2]]` and the step u (1 above 0, else 0) find where the inputs differ;"
                + " the output is `u(w2 . h + b2)`. Of the deck's four answers only `w2 = (-2, -2), b2 = 1` says 1 where the inputs are equal.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        List<List<String>> rows = new ArrayList<>();
        try (var _ = Scope.open()) {
            Tensor x = Tensor.of(INPUTS, 4, 2);
            Tensor w1 = Tensor.of(new float[] {-2, 2, 2, -2}, 2, 2);
            for (int i = 0; i < ANSWERS.length; i++) {
                float w = ANSWERS[i][0];
                float b = ANSWERS[i][1];
                Tensor h = step(x.matmul(w1).add(-1));
                float[] y = step(h.matmul(Tensor.of(new float[] {w, w}, 2, 1)).add(b)).toFloats();
                boolean is = Arrays.equals(y, XNOR);
                findings.check("answer " + (i + 1) + " computes XNOR", i == RIGHT ? "yes" : "no", is ? "yes" : "no", is == (i == RIGHT));
                List<String> row = new ArrayList<>(List.of((i + 1) + ": w2 = (" + (int) w + ", " + (int) w + "), b2 = " + (int) b));
                for (float v : y) {
                    row.add(Integer.toString((int) v));
                }
                rows.add(row);
            }
        }
        rows.add(List.of("XNOR", "1", "0", "0", "1"));
        findings.table("What each answer computes", List.of("answer", "(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"), rows);
    }

    private static Tensor step(Tensor x) {
        return x.greater(Tensor.scalar(0), Broadcast.YES);
    }
}
