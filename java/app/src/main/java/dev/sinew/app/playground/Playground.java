package dev.sinew.app.playground;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page to play with nets in, served to this machine alone. It answers {@code GET} of its few files, and {@code POST} of JSON:
 * {@code /api/enter} gives a session's secret, which every other request names in the header {@code X-Session}:
 * {@code /api/here}, {@code /api/leave} and {@code /api/STUDY/ACTION}. Requests that another site's page could have made are
 * refused: those whose {@code Host} or {@code Origin} is not this server.
 */
public final class Playground implements AutoCloseable {
    /** A request's most bytes: a picture, or points. */
    static final int MOST_BYTES = 8 << 20;
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    private static final List<String> FILES = List.of("index.html", "playground.css", "page.js", "plot.js", "net.js", "classify.js", "draw.js", "paint.js", "start.js", "icon.svg");
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /** So many answers are worked out at the same time, in the order of their coming. */
    private final Semaphore working = new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()), true);
    private final Visitors visitors = new Visitors();

    private Playground(HttpServer server) {
        this.server = server;
    }

    /**
     * Begins to serve.
     *
     * @param port 0: any that is free
     */
    public static Playground start(int port) throws IOException {
        // a request that does not come to its end within so many seconds is given up
        System.setProperty("sun.net.httpserver.maxReqTime", System.getProperty("sun.net.httpserver.maxReqTime", "30"));
        System.setProperty("sun.net.httpserver.nodelay", System.getProperty("sun.net.httpserver.nodelay", "true"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 64);
        Playground playground = new Playground(server);
        server.createContext("/", playground::serve);
        server.setExecutor(playground.threads);
        server.start();
        return playground;
    }

    /** Where it is. */
    public String address() {
        return "http://127.0.0.1:" + port() + "/";
    }

    int port() {
        return server.getAddress().getPort();
    }

    int visitorCount() {
        return visitors.count();
    }

    void endAll() {
        visitors.endAll();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                if (!isOurs(exchange.getRequestHeaders())) {
                    send(exchange, 403, "text/plain; charset=utf-8", "Only pages of this server may ask it.\n".getBytes(StandardCharsets.UTF_8));
                } else if (exchange.getRequestMethod().equals("GET")) {
                    file(exchange);
                } else if (exchange.getRequestMethod().equals("POST")) {
                    call(exchange);
                } else {
                    exchange.getResponseHeaders().set("Allow", "GET, POST");
                    answer(exchange, 405, error("This server knows GET and POST."));
                }
            } catch (Mistake e) {
                answer(exchange, 400, error(e.getMessage()));
            } catch (Study.Ended e) {
                answer(exchange, 410, error("This session has ended."));
            } catch (JacksonException e) {
                answer(exchange, 400, error("The request is no JSON: " + e.getOriginalMessage()));
            } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
                answer(exchange, 500, error("The server failed: " + e));
            }
        }
    }

    private boolean isOurs(Headers headers) {
        List<String> names = List.of("127.0.0.1:" + port(), "localhost:" + port());
        List<String> hosts = headers.getOrDefault("Host", List.of());
        List<String> origins = headers.getOrDefault("Origin", List.of());
        return hosts.size() == 1 && names.contains(hosts.getFirst()) && origins.stream().allMatch(origin -> origin.equals("http://" + hosts.getFirst()));
    }

    private static void file(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.equals("/") ? "index.html" : path.substring(1);
        if (!FILES.contains(name)) {
            answer(exchange, 404, error("There is no " + path + " here."));
            return;
        }
        try (InputStream in = Playground.class.getResourceAsStream(name)) {
            send(exchange, 200, TYPES.get(name.substring(name.lastIndexOf('.') + 1)), in.readAllBytes());
        }
    }

    private void call(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        if (Arrays.equals(path, new String[] {"", "api", "enter"})) {
            answer(exchange, 200, Map.of("session", visitors.enter()));
            return;
        }
        String token = exchange.getRequestHeaders().getFirst("X-Session");
        Visitor visitor = visitors.get(token);
        if (visitor == null) {
            answer(exchange, 410, error("This session has ended."));
            return;
        }
        byte[] bytes = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            answer(exchange, 413, error("The request is longer than " + (MOST_BYTES >> 20) + " MiB."));
            return;
        }
        JsonNode body = JSON.readTree(bytes.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : bytes);
        if (path.length == 3 && path[1].equals("api") && path[2].equals("here")) {
            answer(exchange, 200, Map.of());
        } else if (path.length == 3 && path[1].equals("api") && path[2].equals("leave")) {
            visitors.end(token);
            answer(exchange, 200, Map.of());
        } else if (path.length == 4 && path[1].equals("api")) {
            working.acquireUninterruptibly();
            Map<String, Object> result;
            try {
                result = visitor.handle(path[2], path[3], body);
            } finally {
                working.release();
            }
            answer(exchange, 200, result);
        } else {
            answer(exchange, 404, error("There is no " + exchange.getRequestURI().getPath() + " here."));
        }
    }

    private static Map<String, Object> error(String message) {
        return Map.of("error", message);
    }

    private static void answer(HttpExchange exchange, int status, Map<String, Object> body) throws IOException {
        send(exchange, status, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Ends all sessions, and the server. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        visitors.close();
    }
}
