package dev.sinew.app.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinew.Cpu;
import dev.sinew.app.playground.Page.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PlaygroundTest {
    private Playground server;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Cpu.isa() == Cpu.detectedIsa(), "the server is the same on every instruction set: only the best one is tried");
        server = Playground.start(0);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    static String circle() {
        SplittableRandom random = new SplittableRandom(7);
        List<String> points = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            double angle = random.nextDouble(2 * Math.PI);
            double radius = i % 2 == 0 ? random.nextDouble(2) : random.nextDouble(3, 5);
            points.add("[" + radius * Math.sin(angle) + "," + radius * Math.cos(angle) + "," + i % 2 + "]");
        }
        return "{\"points\":[" + String.join(",", points) + "]}";
    }

    /** Asks for frames until one is as wanted, for half a minute at most; returns the last one. */
    private static JsonNode frameUntil(Page page, String study, java.util.function.Predicate<JsonNode> wanted) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        JsonNode frame;
        do {
            frame = page.ask(study + "/frame", "{}");
            Thread.sleep(20);
        } while (!wanted.test(frame) && System.nanoTime() < end);
        return frame;
    }

    private static boolean within(Duration time, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= end) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }

    @Test
    void learnsTheCircle() throws InterruptedException {
        Page page = new Page(server);
        JsonNode net = page.net("classify", NetTextTest.DEMO).body();
        assertThat(net.get("parameters").intValue()).isEqualTo(38);
        page.ask("classify/points", circle());
        double before = page.ask("classify/frame", "{}").get("accuracy").doubleValue();
        assertThat(before).isLessThan(0.9);
        page.ask("classify/run", "{\"running\":true,\"speed\":1000000}");
        JsonNode frame = frameUntil(page, "classify", f -> f.get("accuracy").doubleValue() >= 0.97);
        assertThat(frame.get("accuracy").doubleValue()).isGreaterThanOrEqualTo(0.97);
        byte[] field = java.util.Base64.getDecoder().decode(frame.get("field").stringValue());
        assertThat(field).hasSize(100 * 100);
        // in the middle and at (4, 0), (0, 4)
        assertThat(new int[] {field[50 * 100 + 50] >> 6, field[50 * 100 + 83] >> 6, field[16 * 100 + 50] >> 6}).containsExactly(0, 1, 1);
        JsonNode curve = frame.get("curve");
        assertThat(curve.get(curve.size() - 1).get(1).doubleValue()).isLessThan(0.5 * curve.get(0).get(1).doubleValue());
        JsonNode warp = page.ask("classify/frame", "{\"layer\":\"hidden2\",\"across\":0,\"up\":1}").get("warp");
        assertThat(java.util.Base64.getDecoder().decode(warp.get("grid").stringValue())).hasSize(33 * 33 * 2 * 4);
        assertThat(java.util.Base64.getDecoder().decode(warp.get("points").stringValue())).hasSize(120 * 2 * 4);
    }

    @Test
    void keepsToItsSpeedAndPauses() throws InterruptedException {
        Page page = new Page(server);
        page.net("classify", NetTextTest.DEMO);
        page.ask("classify/points", circle());
        long begin = System.nanoTime();
        page.ask("classify/run", "{\"running\":true,\"speed\":100}");
        Thread.sleep(1000);
        page.ask("classify/run", "{\"running\":false}");
        double seconds = (System.nanoTime() - begin) * 1e-9;
        long steps = page.ask("classify/frame", "{}").get("steps").longValue();
        assertThat(steps).as("steps in %s s", seconds).isBetween(10L, (long) (100 * seconds) + 1);
        Thread.sleep(200);
        assertThat(page.ask("classify/frame", "{}").get("steps").longValue()).isEqualTo(steps);
    }

    @Test
    void twoPagesHaveTheirOwnTrainings() throws InterruptedException {
        Page first = new Page(server);
        Page second = new Page(server);
        assertThat(first.session).isNotEqualTo(second.session).hasSize(32);
        first.net("classify", NetTextTest.DEMO);
        second.net("classify", NetTextTest.DEMO.replace("num_neurons:6", "num_neurons:3"));
        first.ask("classify/points", circle());
        second.ask("classify/points", "{\"points\":[[0,0,0],[1,1,1]]}");
        for (Page page : List.of(first, second)) {
            page.ask("classify/run", "{\"running\":true,\"speed\":1000000}");
        }
        assertThat(frameUntil(first, "classify", f -> f.get("steps").longValue() > 1000).get("steps").longValue()).isGreaterThan(1000);
        assertThat(frameUntil(second, "classify", f -> f.get("steps").longValue() > 1000).get("steps").longValue()).isGreaterThan(1000);
        second.ask("leave", "{}");
        assertThat(second.post("classify/frame", "{}")).isEqualTo(new Answer(410, second.post("here", "{}").body()));
        long steps = first.ask("classify/frame", "{}").get("steps").longValue();
        assertThat(frameUntil(first, "classify", f -> f.get("steps").longValue() > steps).get("steps").longValue()).isGreaterThan(steps);
        first.ask("leave", "{}");
        assertThat(server.visitorCount()).isZero();
    }

    @Test
    void nothingRunsWhenNobodyLooks() throws InterruptedException {
        Page page = new Page(server);
        page.net("classify", NetTextTest.DEMO);
        page.ask("classify/points", circle());
        page.ask("classify/run", "{\"running\":true,\"speed\":1000}");
        Thread.sleep(4000); // unseen for three seconds: it rests
        long rested = page.ask("classify/frame", "{}").get("steps").longValue();
        assertThat(rested).isBetween(1L, 3500L);
        assertThat(frameUntil(page, "classify", f -> f.get("steps").longValue() > rested).get("steps").longValue()).isGreaterThan(rested);
    }

    @Test
    void otherSitesAreRefused() throws IOException {
        String own = "127.0.0.1:" + server.port();
        String post = "POST /api/enter HTTP/1.1\nConnection: close\nContent-Length: 2\n";
        assertThat(Page.raw(server, post + "Host: " + own + "\n\n{}")).contains("200");
        assertThat(Page.raw(server, post + "Host: localhost:" + server.port() + "\nOrigin: http://localhost:" + server.port() + "\n\n{}")).contains("200");
        assertThat(server.visitorCount()).isEqualTo(2);
        for (String headers : List.of("Host: evil.example", "Host: evil.example:" + server.port(), "Host: 127.0.0.1", "Host: " + own + "\nOrigin: http://evil.example",
                "Host: " + own + "\nOrigin: null", "Host: " + own + "\nOrigin: https://" + own, "Host: " + own + "\nOrigin: http://localhost:" + server.port(),
                "Host: " + own + "\nOrigin: http://127.0.0.1")) {
            assertThat(Page.raw(server, post + headers + "\n\n{}")).as(headers).contains("403");
            assertThat(Page.raw(server, "GET / HTTP/1.1\nConnection: close\n" + headers + "\n\n")).as(headers).contains("403");
        }
        assertThat(server.visitorCount()).isEqualTo(2);
    }

    @Test
    void servesItsFilesAndNoOther() throws IOException, InterruptedException {
        var page = Page.get(server, "");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse("")).contains("default-src 'self'");
        assertThat(page.body()).doesNotContain("http:").doesNotContain("https:");
        for (var found = java.util.regex.Pattern.compile("(?:src|href)=\"([^\"#]+)\"").matcher(page.body()); found.find();) {
            assertThat(Page.get(server, found.group(1)).statusCode()).as(found.group(1)).isEqualTo(200);
        }
        for (String path : List.of("none", "Playground.class", "..%2fMain.class", "%2e%2e/Main.class", "page.js/", "api/enter", "index.html%00")) {
            assertThat(Page.get(server, path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(Page.raw(server, "DELETE / HTTP/1.1\nConnection: close\nHost: 127.0.0.1:" + server.port() + "\n\n")).contains("405");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "7", "null", "\"x\"", "{\"points\":7}", "{\"points\":[7]}", "{\"points\":[[1,2]]}", "{\"points\":[[1,2,3]]}",
        "{\"points\":[[NaN,0,0]]}", "{\"points\":[[1e999,0,0]]}", "{\"points\":[[0,7,0]]}", "{\"points\":[[0,0,0.5]]}", "{\"points\":[[\"0\",0,0]]}",
        "{\"points\":[[null,0,0]]}", "<html>", "\u0000"})
    void nonsenseIsToldAndDisturbsNobody(String body) {
        Page page = new Page(server);
        page.net("classify", NetTextTest.DEMO);
        page.ask("classify/points", "{\"points\":[[1,2,1]]}");
        Answer answer = page.post("classify/points", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.error()).isNotBlank();
        assertThat(page.ask("classify/frame", "{}").get("accuracy").isNumber()).isTrue();
    }

    @Test
    void boundsAreTold() {
        Page page = new Page(server);
        assertThat(page.post("classify/points", "{\"points\":[" + "[0,0,0],".repeat(2000) + "[0,0,0]]}").error()).contains("at most 2,000");
        assertThat(page.post("classify/points", " ".repeat(Playground.MOST_BYTES + 1)).status()).isEqualTo(413);
        assertThat(page.post("classify/points", "[".repeat(100_000)).status()).isEqualTo(400);
        assertThat(page.net("classify", NetTextTest.DEMO.replace("num_neurons:6", "num_neurons:1e9")).error()).contains("num_neurons must be a number from 1 to 200");
        assertThat(page.post("classify/run", "{\"running\":true}").error()).contains("no net yet");
        assertThat(page.post("classify/run", "{\"running\":true,\"speed\":0}").error()).contains("speed must be a number");
        assertThat(page.post("classify/dance", "{}").error()).contains("no dance");
        assertThat(page.post("dance/run", "{}").error()).contains("no dance");
        assertThat(page.post("dance", "{}").status()).isEqualTo(404);
        assertThat(Page.post(server, "nobody", "classify/frame", "{}").status()).isEqualTo(410);
        assertThat(Page.post(server, null, "classify/frame", "{}").status()).isEqualTo(410);
    }

    @Test
    void aNetThatRunsAwayStops() throws InterruptedException {
        Page page = new Page(server);
        page.net("classify", NetTextTest.DEMO.replace("'tanh'", "'relu'").replace("\"tanh\"", "'relu'").replace("learning_rate:1e-2", "learning_rate:100").replace("l2_decay:0.001", "l2_decay:10"));
        page.ask("classify/points", circle());
        page.ask("classify/run", "{\"running\":true,\"speed\":1000000}");
        JsonNode frame = frameUntil(page, "classify", f -> !f.get("running").booleanValue());
        assertThat(frame.get("trouble").stringValue()).contains("learning_rate");
        assertThat(page.post("classify/run", "{\"running\":true}").error()).contains("learning_rate");
        page.net("classify", NetTextTest.DEMO);
        page.ask("classify/run", "{\"running\":true}");
        assertThat(page.ask("classify/frame", "{}").get("trouble").stringValue()).isEmpty();
    }

    @Test
    void onlySoManyPages() throws InterruptedException {
        List<Page> pages = new ArrayList<>();
        for (int i = 0; i < Visitors.MOST; i++) {
            pages.add(new Page(server));
        }
        assertThat(Page.post(server, null, "enter", "{}").error()).contains("32 pages are open already");
        pages.getFirst().ask("leave", "{}");
        assertThat(Page.post(server, null, "enter", "{}").status()).isEqualTo(200);
        assertThat(within(Duration.ofSeconds(1), () -> server.visitorCount() == Visitors.MOST)).isTrue();
    }

    private static final String DRAW = """
            layer_defs.push({type:'input', out_sx:8, out_sy:8, out_depth:1});
            layer_defs.push({type:'conv', sx:3, filters:16, stride:1, pad:1, activation:'relu'});
            layer_defs.push({type:'pool', sx:2, stride:2});
            layer_defs.push({type:'conv', sx:3, filters:32, stride:1, pad:1, activation:'relu'});
            layer_defs.push({type:'pool', sx:2, stride:2});
            layer_defs.push({type:'softmax', num_classes:10});
            trainer = new convnetjs.Trainer(net, {method:'adadelta', batch_size:20, l2_decay:0.001});
            """;

    /** Digits as a person draws them with a mouse: a circle, a line, a seven, a four. */
    static final Map<Integer, String> DRAWN = Map.of(0, arc(0.5, 0.5, 0.18, 0.3, 0, 2 * Math.PI), 1, "[[0.5,0.15,0.5,0.5,0.5,0.85]]",
            7, "[[0.3,0.2,0.7,0.2,0.45,0.85]]", 4, "[[0.45,0.15,0.3,0.55,0.7,0.55],[0.6,0.35,0.55,0.85]]");

    private static String arc(double x, double y, double wide, double high, double from, double to) {
        List<String> places = new ArrayList<>();
        for (int i = 0; i <= 40; i++) {
            double angle = from + (to - from) * i / 40;
            places.add((x + wide * Math.sin(angle)) + "," + (y - high * Math.cos(angle)));
        }
        return "[[" + String.join(",", places) + "]]";
    }

    @Test
    void readsDrawnDigits() throws InterruptedException {
        Page page = new Page(server);
        assertThat(page.net("draw", DRAW).status()).isEqualTo(200);
        page.ask("draw/run", "{\"running\":true,\"speed\":1000000}");
        JsonNode frame = frameUntil(page, "draw", f -> f.get("accuracy").doubleValue() >= 0.94 && f.get("steps").longValue() > 1500);
        assertThat(frame.get("accuracy").doubleValue()).isGreaterThan(0.9);
        // what it takes a crude seven for changes from step to step: it learns on until it reads all four at one step
        Map<Integer, JsonNode> said = new TreeMap<>();
        boolean right = within(Duration.ofSeconds(30), () -> {
            page.ask("draw/run", "{\"running\":false}");
            DRAWN.forEach((digit, strokes) -> said.put(digit, read(page, strokes)));
            boolean all = said.entrySet().stream().allMatch(s -> likeliest(s.getValue()) == s.getKey());
            page.ask("draw/run", "{\"running\":" + !all + "}");
            return all;
        });
        assertThat(right).as("what is said in the end: " + said).isTrue();
        assertThat(said.values()).allSatisfy(p -> assertThat(p.valueStream().mapToDouble(JsonNode::doubleValue).sum()).isBetween(0.999, 1.001));
    }

    /** The probability of each digit. */
    private static JsonNode read(Page page, String strokes) {
        return page.ask("draw/frame", "{\"strokes\":" + strokes + "}").get("reading").get("probabilities");
    }

    private static int likeliest(JsonNode probabilities) {
        int best = 0;
        for (int i = 1; i < 10; i++) {
            best = probabilities.get(i).doubleValue() > probabilities.get(best).doubleValue() ? i : best;
        }
        return best;
    }

    @Test
    void learnsTheVisitorsHand() throws InterruptedException {
        Page page = new Page(server);
        page.net("draw", DRAW);
        // a cross is no digit that anybody else draws: here it is a 3
        String cross = "{\"strokes\":[[0.2,0.2,0.8,0.8],[0.8,0.2,0.2,0.8]]";
        JsonNode own = page.ask("draw/add", cross + ",\"label\":3}").get("own");
        assertThat(own.get(3).intValue()).isEqualTo(1);
        page.ask("draw/run", "{\"running\":true,\"speed\":1000000}");
        frameUntil(page, "draw", f -> f.get("steps").longValue() > 1000);
        JsonNode said = page.ask("draw/frame", cross + "}").get("reading").get("probabilities");
        assertThat(said.get(3).doubleValue()).isGreaterThan(0.9);
        assertThat(page.ask("draw/forget", "{}").get("own").get(3).intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"label\":1}", "{\"label\":1,\"strokes\":[]}", "{\"label\":1,\"strokes\":[[]]}", "{\"label\":1,\"strokes\":[[0.5]]}",
        "{\"label\":1,\"strokes\":[[0.5,0.5,0.5]]}", "{\"label\":1,\"strokes\":[[0.5,7]]}", "{\"label\":10,\"strokes\":[[0.5,0.5]]}",
        "{\"strokes\":[[0.5,0.5]]}", "{\"label\":1,\"strokes\":[[1e999,0]]}", "{\"label\":1,\"strokes\":[[\"a\",0]]}"})
    void nonsenseDrawings(String body) {
        Answer answer = new Page(server).post("draw/add", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.error()).isNotBlank();
    }

    @Test
    void aDotIsADrawing() {
        Page page = new Page(server);
        page.net("draw", DRAW);
        JsonNode said = page.ask("draw/frame", "{\"strokes\":[[0.5,0.5]]}").get("reading").get("probabilities");
        assertThat(said.get(0).doubleValue()).isBetween(0.0, 1.0);
        assertThat(page.post("draw/add", "{\"label\":1,\"strokes\":[[" + "0.5,".repeat(5999) + "0.5],[0.5,0.5]]}").error()).contains("3,001 places");
    }

    private static final String PAINT = "layer_defs.push({type:'input', out_depth:2});\n"
            + "layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});\n".repeat(7) + "layer_defs.push({type:'regression', num_neurons:3});\n"
            + "trainer = new convnetjs.SGDTrainer(net, {learning_rate:0.01, momentum:0.9, batch_size:5, l2_decay:0.0});";

    private static String uploaded(byte[] bytes) {
        return "{\"picture\":\"" + java.util.Base64.getEncoder().encodeToString(bytes) + "\"}";
    }

    private static byte[] png(int width, int height) throws IOException {
        var image = new java.awt.image.BufferedImage(width, height, java.awt.image.BufferedImage.TYPE_BYTE_GRAY);
        var out = new java.io.ByteArrayOutputStream();
        javax.imageio.ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void paintsAPhotograph() throws InterruptedException {
        Page page = new Page(server);
        JsonNode photograph = page.ask("paint/photograph", "{\"name\":\"flower\"}");
        assertThat(photograph.get("width").intValue()).isEqualTo(160);
        assertThat(photograph.get("height").intValue()).isEqualTo(107);
        assertThat(page.net("paint", PAINT).body().get("parameters").intValue()).isEqualTo(60 + 6 * 420 + 63);
        double before = page.ask("paint/frame", "{}").get("off").doubleValue();
        page.ask("paint/run", "{\"running\":true,\"speed\":1000000}");
        double after = frameUntil(page, "paint", f -> f.get("off").doubleValue() < 35).get("off").doubleValue();
        assertThat(after).isLessThan(35).isLessThan(0.5 * before);
    }

    @Test
    void paintsWhatIsUploaded() throws IOException {
        Page page = new Page(server);
        JsonNode wide = page.ask("paint/upload", uploaded(png(2000, 1)));
        assertThat(wide.get("width").intValue()).isEqualTo(160);
        assertThat(wide.get("height").intValue()).isEqualTo(1);
        page.net("paint", PAINT);
        assertThat(page.ask("paint/frame", "{}").get("rgb").stringValue()).isNotEmpty();
        assertThat(page.post("paint/upload", uploaded(png(3000, 3000))).error()).contains("9,000,000 pixels; 4,000,000 are the most");
        assertThat(page.post("paint/upload", uploaded("no picture".getBytes(java.nio.charset.StandardCharsets.UTF_8))).error()).contains("no picture that can be read");
        byte[] cut = java.util.Arrays.copyOf(png(300, 300), 60);
        assertThat(page.post("paint/upload", uploaded(cut)).error()).contains("no picture that can be read");
        assertThat(page.post("paint/upload", "{\"picture\":\"***\"}").error()).contains("base64");
        assertThat(page.post("paint/photograph", "{\"name\":\"../secret\"}").error()).contains("there are china, flower");
        assertThat(page.ask("paint/frame", "{}").get("width").intValue()).isEqualTo(160);
    }
}
