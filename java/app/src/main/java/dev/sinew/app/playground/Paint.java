package dev.sinew.app.playground;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.data.transform.Resize;
import dev.sinew.files.Picture;
import dev.sinew.io.CorruptDataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import tools.jackson.databind.JsonNode;

/** A picture painted from its coordinates: a net learns the colour of each place, and paints all places. */
final class Paint extends Study {
    private static final List<String> PHOTOGRAPHS = List.of("china", "flower");
    /** Of a picture that is uploaded; it is made smaller at once. */
    private static final long MOST_PIXELS = 4_000_000;
    private static final int SIDE = 160;
    /** Two pictures are never decoded at the same time: they need much memory. */
    private static final Object DECODING = new Object();

    private int width;
    private int height;
    private float[] colours;
    private Tensor places;

    Paint(Rounds rounds) {
        super(rounds);
    }

    @Override
    Design design(String text) {
        return Design.of(text, Shape.of(2, 1, 1), true, 3);
    }

    @Override
    Shape targetShape() {
        return Shape.of(3);
    }

    @Override
    boolean hasData() {
        return colours != null;
    }

    /** Coordinates from -1/2 to 1/2, colours from 0 to 1. */
    @Override
    void draw(Tensor x, Tensor target) {
        int batch = design.batch();
        float[] at = new float[2 * batch];
        float[] colour = new float[3 * batch];
        for (int i = 0; i < batch; i++) {
            int pixel = random.nextInt(width * height);
            at[2 * i] = across(pixel);
            at[2 * i + 1] = down(pixel);
            for (int c = 0; c < 3; c++) {
                colour[3 * i + c] = colours[c * width * height + pixel];
            }
        }
        x.copyFrom(at);
        target.copyFrom(colour);
    }

    private float across(int pixel) {
        return (pixel % width + 0.5f) / width - 0.5f;
    }

    private float down(int pixel) {
        return (pixel / width + 0.5f) / height - 0.5f;
    }

    @Override
    Map<String, Object> answer(String action, JsonNode body) {
        Picture picture = switch (action) {
            case "photograph" -> photograph(Fields.text(body, "name"));
            case "upload" -> upload(Fields.text(body, "picture"));
            default -> throw Mistake.of("There is no %s here.", action);
        };
        double most = Math.max(picture.shape().dim(1), picture.shape().dim(2));
        height = (int) Math.max(1, Math.round(picture.shape().dim(1) * SIDE / most));
        width = (int) Math.max(1, Math.round(picture.shape().dim(2) * SIDE / most));
        colours = picture.fitted(Resize.to(height, width), Picture.Fit.STRETCH).values();
        float[] at = new float[2 * width * height];
        for (int i = 0; i < width * height; i++) {
            at[2 * i] = across(i);
            at[2 * i + 1] = down(i);
        }
        places = Tensor.of(at, width * height, 2);
        wake();
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = shade(colours[i % 3 * width * height + i / 3]);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("width", width);
        answer.put("height", height);
        answer.put("rgb", Fields.base64(rgb));
        return answer;
    }

    private static Picture photograph(String name) {
        if (!PHOTOGRAPHS.contains(name)) {
            throw Mistake.of("There is no photograph %s; there are %s.", name, String.join(", ", PHOTOGRAPHS));
        }
        try (InputStream in = Lab.class.getResourceAsStream(name + ".jpg")) {
            return Picture.decode(name, in.readAllBytes(), Picture.Channels.RGB);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Picture upload(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new Mistake("The picture did not arrive as it should (no base64).");
        }
        synchronized (DECODING) {
            try {
                checkSize(bytes);
                return Picture.decode("the file", bytes, Picture.Channels.RGB);
            } catch (CorruptDataException e) {
                throw new Mistake("This is no picture that can be read: " + e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Refuses a large picture by its first bytes, before memory is taken for it. */
    private static void checkSize(byte[] bytes) throws IOException {
        long pixels = 0;
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (readers.hasNext()) {
                ImageReader reader = readers.next();
                try {
                    reader.setInput(in, true, true);
                    pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                } finally {
                    reader.dispose();
                }
            }
        } catch (IOException | RuntimeException e) {
            return; // what is wrong is said when it is decoded
        }
        if (pixels > MOST_PIXELS) {
            throw Mistake.of("The picture has %,d pixels; %,d are the most.", pixels, MOST_PIXELS);
        }
    }

    private static byte shade(float value) {
        return (byte) Math.round(255 * Math.clamp(Float.isNaN(value) ? 0 : value, 0f, 1f));
    }

    @Override
    void picture(JsonNode body, Map<String, Object> frame) {
        if (colours == null) {
            return;
        }
        float[] painted = net.predict(places).toFloats();
        byte[] rgb = new byte[painted.length];
        double squares = 0;
        for (int i = 0; i < painted.length; i++) {
            rgb[i] = shade(painted[i]);
            double off = painted[i] - colours[i % 3 * width * height + i / 3];
            squares += off * off / painted.length;
        }
        frame.put("width", width);
        frame.put("height", height);
        frame.put("rgb", Fields.base64(rgb));
        if (Double.isFinite(squares)) {
            frame.put("off", 255 * Math.sqrt(squares));
        }
    }
}
