package dev.sinew.app.playground;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Classes of points in the plane: the regions of a net's decisions, and the plane as two units of a hidden layer see it. */
final class Classify extends Study {
    /** The plane reaches from -REACH to REACH. */
    static final double REACH = 6;
    static final int MOST_POINTS = 2000;
    /** Places in a row of the field of decisions. */
    private static final int FIELD = 100;
    /** Places in a row of the grid that is shown in hidden coordinates. */
    private static final int GRID = 33;
    private static final Tensor FIELD_PLACES = places(FIELD, 0.5);
    private static final Tensor GRID_PLACES = places(GRID, 0);

    private float[] points = {};
    private int[] labels = {};

    Classify(Rounds rounds) {
        super(rounds);
    }

    /** Places in rows from the top, at the middle of their squares (inset 0.5) or up to the rim (0). */
    private static Tensor places(int side, double inset) {
        float[] at = new float[2 * side * side];
        for (int i = 0; i < side * side; i++) {
            at[2 * i] = (float) (-REACH + 2 * REACH * (i % side + inset) / (side - 1 + 2 * inset));
            at[2 * i + 1] = (float) (REACH - 2 * REACH * (i / side + inset) / (side - 1 + 2 * inset));
        }
        return Tensor.of(at, side * side, 2);
    }

    @Override
    Design design(String text) {
        return Design.of(text, Shape.of(2, 1, 1), false, classes(text));
    }

    /** Two classes or three, whatever the last layer says; of anything else the design complains. */
    private static int classes(String text) {
        var layers = NetText.parse(text).layers();
        return !layers.isEmpty() && Double.valueOf(3).equals(layers.getLast().values().get("num_classes")) ? 3 : 2;
    }

    @Override
    Shape targetShape() {
        return null;
    }

    /** Points of classes that the net does not know are passed over. */
    @Override
    boolean hasData() {
        for (int label : labels) {
            if (label < design.outputs()) {
                return true;
            }
        }
        return false;
    }

    @Override
    void draw(Tensor x, Tensor target) {
        int batch = design.batch();
        float[] at = new float[2 * batch];
        int[] label = new int[batch];
        for (int i = 0; i < batch; i++) {
            int chosen;
            do {
                chosen = random.nextInt(labels.length);
            } while (labels[chosen] >= design.outputs());
            at[2 * i] = points[2 * chosen];
            at[2 * i + 1] = points[2 * chosen + 1];
            label[i] = labels[chosen];
        }
        x.copyFrom(at);
        target.copyFrom(label);
    }

    @Override
    Map<String, Object> answer(String action, JsonNode body) {
        if (!action.equals("points")) {
            throw Mistake.of("There is no %s here.", action);
        }
        JsonNode list = Fields.list(body, "points", MOST_POINTS);
        float[] places = new float[2 * list.size()];
        int[] kinds = new int[list.size()];
        for (int i = 0; i < kinds.length; i++) {
            JsonNode point = Fields.list(list.get(i), "a point", 3, 3);
            places[2 * i] = (float) Fields.number(point.get(0), "a point's x", -REACH, REACH);
            places[2 * i + 1] = (float) Fields.number(point.get(1), "a point's y", -REACH, REACH);
            kinds[i] = Fields.wholeNumber(point.get(2), "a point's class", 0, 2);
        }
        points = places;
        labels = kinds;
        wake();
        return Map.of("points", kinds.length);
    }

    @Override
    void picture(JsonNode body, Map<String, Object> frame) {
        frame.put("classes", design.outputs());
        float[] said = net.predict(FIELD_PLACES).softmax().toFloats();
        byte[] field = new byte[FIELD * FIELD];
        for (int i = 0; i < field.length; i++) {
            field[i] = decision(said, i);
        }
        frame.put("side", FIELD);
        frame.put("field", Fields.base64(field));
        if (labels.length > 0) {
            Tensor at = Tensor.of(points, labels.length, 2);
            frame.put("accuracy", accuracy(net.predict(at).softmax().toFloats()));
        }
        if (Fields.has(body, "layer")) {
            frame.put("warp", warp(Fields.text(body, "layer"), Fields.whole(body, "across", 0, Design.MOST_UNITS), Fields.whole(body, "up", 0, Design.MOST_UNITS)));
        }
    }

    /** The class times 64 and how sure the net is, from 0 to 63. */
    private byte decision(float[] said, int i) {
        int best = best(said, i);
        int classes = design.outputs();
        double sure = (said[i * classes + best] - 1.0 / classes) / (1 - 1.0 / classes);
        return (byte) (64 * best + (int) Math.clamp(Math.round(63 * sure), 0L, 63L));
    }

    private int best(float[] said, int i) {
        int best = 0;
        int classes = design.outputs();
        for (int k = 1; k < classes; k++) {
            best = said[i * classes + k] > said[i * classes + best] ? k : best;
        }
        return best;
    }

    private double accuracy(float[] said) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += best(said, i) == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    private Map<String, Object> warp(String layer, int across, int up) {
        Design.Hidden hidden = design.hidden().stream().filter(h -> h.name().equals(layer)).findFirst().orElse(null);
        if (hidden == null || across >= hidden.units() || up >= hidden.units()) {
            return null; // of the net before this one
        }
        float[] said = net.predict(GRID_PLACES).softmax().toFloats();
        byte[] kinds = new byte[GRID * GRID];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = (byte) best(said, i);
        }
        Map<String, Object> warp = new LinkedHashMap<>();
        warp.put("side", GRID);
        warp.put("kinds", Fields.base64(kinds));
        warp.put("grid", seen(GRID_PLACES, hidden, across, up));
        warp.put("points", labels.length == 0 ? "" : seen(Tensor.of(points, labels.length, 2), hidden, across, up));
        return warp;
    }

    /** Places in the coordinates of two units, as little-endian floats. */
    private String seen(Tensor places, Design.Hidden hidden, int across, int up) {
        float[] values = net.activations(places, hidden.name()).get(hidden.name()).toFloats();
        int count = values.length / hidden.units();
        ByteBuffer bytes = ByteBuffer.allocate(8 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(values[i * hidden.units() + across]).putFloat(values[i * hidden.units() + up]);
        }
        return Fields.base64(bytes.array());
    }
}
