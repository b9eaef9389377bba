package dev.sinew.app.playground;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A browser without a window, driven by the Chrome DevTools protocol. */
final class Chromium implements AutoCloseable, WebSocket.Listener {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Process process;
    private final Path folder;
    private final WebSocket socket;
    private final StringBuilder message = new StringBuilder();
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    /** What the console said of errors and warnings, exceptions, and failed requests. */
    final List<String> troubles = java.util.Collections.synchronizedList(new ArrayList<>());
    /** The addresses that were asked for. */
    final List<String> requests = java.util.Collections.synchronizedList(new ArrayList<>());

    private Chromium(Process process, Path folder, URI page) {
        this.process = process;
        this.folder = folder;
        socket = HttpClient.newHttpClient().newWebSocketBuilder().connectTimeout(PATIENCE).buildAsync(page, this).join();
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            send(domain + ".enable", Map.of());
        }
    }

    /** Starts it; a test is skipped where there is none. */
    static Chromium start() throws IOException, InterruptedException {
        Path program = java.util.Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name))).filter(Files::isExecutable).findFirst().orElse(null);
        assumeTrue(program != null, "no Chromium on the PATH (" + String.join(", ", NAMES) + "; Debian package chromium): the page is not tried in a browser");
        Path folder = Files.createTempDirectory("sinew-chromium");
        Process process = new ProcessBuilder(program.toString(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0", "--remote-debugging-address=127.0.0.1",
                "--window-size=1440,1000", "--user-data-dir=" + folder.resolve("profile"), "about:blank").redirectErrorStream(true)
                .redirectOutput(folder.resolve("chromium.log").toFile()).start();
        try {
            Path said = folder.resolve("profile").resolve("DevToolsActivePort");
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (process.isAlive() && System.nanoTime() < end && !(Files.exists(said) && Files.readAllLines(said).size() >= 2)) {
                Thread.sleep(50);
            }
            if (!Files.exists(said)) {
                throw new AssertionError("Chromium did not start: " + Files.readString(folder.resolve("chromium.log")));
            }
            String port = Files.readAllLines(said).getFirst();
            HttpResponse<String> pages = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build(),
                    HttpResponse.BodyHandlers.ofString());
            for (JsonNode page : JSON.readTree(pages.body())) {
                if (page.get("type").stringValue().equals("page")) {
                    return new Chromium(process, folder, URI.create(page.get("webSocketDebuggerUrl").stringValue()));
                }
            }
            throw new AssertionError("Chromium has no page: " + pages.body());
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        message.append(data);
        if (last) {
            JsonNode said = JSON.readTree(message.toString());
            message.setLength(0);
            if (said.has("id")) {
                answers.remove(said.get("id").intValue()).complete(said);
            } else {
                event(said.get("method").stringValue(), said.get("params"));
            }
        }
        from.request(1);
        return null;
    }

    private void event(String method, JsonNode params) {
        switch (method) {
            case "Network.requestWillBeSent" -> requests.add(params.get("request").get("url").stringValue());
            case "Runtime.exceptionThrown" -> troubles.add(params.toString());
            case "Log.entryAdded" -> troubles.add(params.toString());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert").contains(params.get("type").stringValue())) {
                    troubles.add(params.toString());
                }
            }
            default -> {
                // not of interest
            }
        }
    }

    private JsonNode send(String method, Map<String, ?> params) {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", params)), true).join();
        JsonNode said = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        if (said.has("error")) {
            throw new AssertionError(method + ": " + said.get("error"));
        }
        return said.get("result");
    }

    void open(String address) {
        send("Page.navigate", Map.of("url", address));
    }

    /** The value of an expression of the page's language. */
    JsonNode value(String expression) {
        JsonNode result = send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
        }
        return result.get("result").path("value");
    }

    /** Waits until an expression holds. */
    void until(String expression) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!value("Boolean(" + expression + ")").booleanValue()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never: " + expression + "; the page says " + value("document.body.innerText") + "; " + troubles);
            }
            Thread.sleep(50);
        }
    }

    /** Where a place of an element is on the screen; the shares are from 0 to 1. */
    private double[] place(String selector, double across, double down) {
        JsonNode at = value("(() => { const e = document.querySelector(" + JSON.writeValueAsString(selector) + "); e.scrollIntoView({block: 'nearest'});"
                + " const r = e.getBoundingClientRect(); return [r.left + r.width * " + across + ", r.top + r.height * " + down + "]; })()");
        return new double[] {at.get(0).doubleValue(), at.get(1).doubleValue()};
    }

    private void mouse(String type, double[] at) {
        send("Input.dispatchMouseEvent", Map.of("type", type, "x", at[0], "y", at[1], "button", "left", "buttons", 1, "clickCount", 1));
    }

    void click(String selector, double across, double down) {
        double[] at = place(selector, across, down);
        mouse("mousePressed", at);
        mouse("mouseReleased", at);
    }

    void click(String selector) {
        click(selector, 0.5, 0.5);
    }

    /** Draws through places x, y, x, y of an element. */
    void drag(String selector, double... places) {
        for (int i = 0; i < places.length; i += 2) {
            mouse(i == 0 ? "mousePressed" : "mouseMoved", place(selector, places[i], places[i + 1]));
        }
        mouse("mouseReleased", place(selector, places[places.length - 2], places[places.length - 1]));
    }

    /** A key such as {@code ArrowLeft} or {@code Enter}. */
    void key(String key) {
        send("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", key));
        send("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
    }

    /** A picture of the window. */
    byte[] screenshot() {
        return Base64.getDecoder().decode(send("Page.captureScreenshot", Map.of("format", "png")).get("data").stringValue());
    }

    @Override
    public void close() {
        socket.abort();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            // its children may write for a moment after it has ended
            for (int attempt = 0; attempt < 20 && !isDeleted(); attempt++) {
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private boolean isDeleted() {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
            return true;
        } catch (IOException | java.io.UncheckedIOException e) {
            return false;
        }
    }
}
