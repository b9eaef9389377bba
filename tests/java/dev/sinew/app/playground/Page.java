package dev.sinew.app.playground;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an open page says to the server. */
final class Page {
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Playground server;
    final String session;

    /** An answer's status and body. */
    record Answer(int status, JsonNode body) {
        String error() {
            return body.path("error").asString("");
        }
    }

    Page(Playground server) {
        this.server = server;
        session = post(server, null, "enter", "{}").body.get("session").stringValue();
    }

    Answer post(String path, String body) {
        return post(server, session, path, body);
    }

    /** A post that must succeed. */
    JsonNode ask(String path, String body) {
        Answer answer = post(path, body);
        if (answer.status != 200) {
            throw new AssertionError(path + ": " + answer);
        }
        return answer.body;
    }

    /** A net by its text. */
    Answer net(String study, String text) {
        return post(study + "/net", JSON.writeValueAsString(java.util.Map.of("text", text, "seed", 7)));
    }

    static Answer post(Playground server, String session, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + "api/" + path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (session != null) {
            request.header("X-Session", session);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static HttpResponse<String> get(Playground server, String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(server.address() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The status line of a request in these very words. */
    static String raw(Playground server, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().findFirst().orElse("");
        }
    }
}
